#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: launch_job_spec
short_description: Predict the manifests of a W&B Launch run
version_added: 0.1.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Checks the config of a Launch queue for Kubernetes, its template variables and the values of a run.
  - Predicts the manifests that the Launch agent of a given release posts for that run, or why it would fail the item.
  - Reads nothing and changes nothing. It runs wherever Python and, for YAML text, PyYAML are.
options:
  config:
    description:
      - The queue's config, a manifest of a Job or of a custom resource, as a mapping or as YAML or JSON text.
      - Anchors, aliases, tags, duplicate keys, keys that aren't text and tabs as indentation are errors with a place.
    type: raw
    required: true
  template_variables:
    description:
      - The variables that the config uses as C({{name}}), by name.
      - Each has a C(type) (C(string), C(integer) or C(number)) and may have C(default), C(minimum), C(maximum), C(enum)
        and C(description).
      - Each variable that the config uses must be here, and each one here must be used.
    type: dict
    default: {}
  values:
    description:
      - Values for template variables; the others take their default.
      - An integer is an integer, or text of 1 to 9 digits; never a boolean, a float or text with blanks.
    type: dict
    default: {}
  run:
    description:
      - The run. Without it the config, its variables and the values are checked and nothing is predicted.
      - C(entity), C(project) and C(image) are needed; C(run_id), C(queue), C(queue_entity), C(name), C(author),
        C(base_url), C(trace_id), C(agent_name), C(overrides) and C(agent_env) may be given.
      - C(overrides) holds C(args), C(entry_point), C(run_config), C(files) and C(artifacts).
      - C(agent_env) holds variables of the agent's own environment; they are macros, too.
    type: dict
  agent_version:
    description: Release of the wandb package that the agent runs.
    type: str
    default: 0.31.0
  namespace:
    description: Namespace of the agent's kubeconfig context.
    type: str
    default: default
  fail_on_refused:
    description: Fail when the agent would refuse the run; otherwise this is only returned.
    type: bool
    default: false
attributes:
  check_mode:
    description: Predicts the same, since it never changes anything.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
  platform:
    description: Where it runs.
    platforms: posix
    support: full
seealso:
  - module: mlinfra.gpu_launch.launch_queue
  - module: mlinfra.gpu_launch.launch_run
"""

EXAMPLES = r"""
- name: Show what a run on two GPUs would look like
  mlinfra.gpu_launch.launch_job_spec:
    config: "{{ lookup('ansible.builtin.file', 'queue.yml') }}"
    template_variables:
      gpus: {type: integer, default: 1, minimum: 1, maximum: 4}
    values:
      gpus: 2
    run:
      entity: team-a
      project: demo
      queue: gpu-queue
      image: wandb/job_hello_world:main
  register: predicted

- name: Check a config and its variables only
  mlinfra.gpu_launch.launch_job_spec:
    config:
      spec:
        template:
          spec:
            containers:
              - image: ${image_uri}
"""

RETURN = r"""
config:
  description: The config as plain data.
  returned: success
  type: dict
template_variables:
  description: The declared variables.
  returned: success
  type: dict
manifests:
  description:
    - What the agent posts, in that order; the Secret (without its data), then the Job, or the custom resource alone.
    - Empty when the run is refused, or when no run was given.
  returned: success
  type: list
  elements: dict
posted_to:
  description: API path of each manifest.
  returned: success
  type: list
  elements: str
refused:
  description: Why the agent would fail the queue item, with the path of the value; null when it posts the manifests.
  returned: success
  type: str
refused_path:
  description: Path of the value that makes the agent refuse.
  returned: success
  type: str
  sample: spec.template.spec.volumes[0].hostPath
findings:
  description: What is posted but harms.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Stable id.
      type: str
    severity:
      description: C(error) or C(warning).
      type: str
    path:
      description: Path of the value.
      type: str
    message:
      description: What happens.
      type: str
    fix:
      description: What to do.
      type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import ReaderMissing, TextError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text

ARGUMENTS: dict[str, dict[str, Any]] = {
    "config": {"type": "raw", "required": True},
    "template_variables": {"type": "dict", "default": {}},
    "values": {"type": "dict", "default": {}},
    "run": {"type": "dict"},
    "agent_version": {"type": "str", "default": "0.31.0"},
    "namespace": {"type": "str", "default": "default"},
    "fail_on_refused": {"type": "bool", "default": False},
}


def run_module(module: AnsibleModule) -> None:
    """Predict and leave."""
    params = module.params
    config = read_text(params["config"]) if isinstance(params["config"], (str, bytes)) else params["config"]
    names = ("template_variables", "values", "run", "agent_version", "namespace")
    result = predict(config, **{name: params[name] for name in names}).to_dict()
    if params["fail_on_refused"] and result["refused"]:
        module.fail_json(msg=f"the agent would refuse this run: {result['refused']}", **result)
    module.exit_json(changed=False, **result)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        run_module(module)
    except ReaderMissing as error:
        module.fail_json(msg=missing_required_lib("PyYAML", reason="to read YAML text"), exception=str(error))
    except TextError as error:
        module.fail_json(msg=f"config: {error}", line=error.line, column=error.column)
    except LaunchInputError as error:
        module.fail_json(msg=str(error), path=error.path)


if __name__ == "__main__":
    main()
