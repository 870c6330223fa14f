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
      - Needed unless each entry of O(specs) has one.
    type: raw
  specs:
    description:
      - Many configs or runs in one call. The results are in RV(results), in the same order.
      - Each entry may have O(config), O(template_variables), O(values), O(run), O(agent_version), O(namespace),
        O(gpus_per_node) and O(image_user). What it has takes the place of the option of that name; of O(run), single
        keys do, so that what all runs share stands once.
      - An entry that can't be read, or whose variables or values break their declaration, fails the call. The message
        begins with its place, for example V(specs[3].values.gpus).
      - At most 10000 entries.
    type: list
    elements: dict
  results_format:
    description:
      - V(data) returns the results of O(specs) as RV(results).
      - V(json) returns them as one text, RV(results_json), to be read with P(ansible.builtin.from_json#filter). For a
        thousand runs Ansible takes several times as long to hand over the data as the prediction takes; a text costs
        nothing.
    type: str
    choices: [data, json]
    default: data
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
  gpus_per_node:
    description:
      - GPUs of the largest node. A pod that can ask for more is a finding, by its own limit or by the largest value
        of a template variable.
    type: int
  image_user:
    description:
      - User that the image runs as, a name or a number. Unless it is C(root) or C(0), a cache that is mounted below
        C(/root) is a finding.
    type: str
  fail_on_refused:
    description: Fail when the agent would refuse a run; otherwise this is only returned.
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

- name: Predict one queue's runs with one to four GPUs
  mlinfra.gpu_launch.launch_job_spec:
    config: "{{ lookup('ansible.builtin.file', 'queue.yml') }}"
    template_variables:
      gpus: {type: integer, default: 1, minimum: 1, maximum: 4}
    gpus_per_node: 4
    run:
      entity: team-a
      project: demo
      queue: gpu-queue
      image: wandb/job_hello_world:main
    specs:
      - values: {gpus: 1}
        run: {run_id: one}
      - values: {gpus: 4}
        run: {run_id: four}
  register: predicted     # predicted.results[1].manifests

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
  returned: when O(specs) is not given
  type: dict
template_variables:
  description: The declared variables.
  returned: when O(specs) is not given
  type: dict
manifests:
  description:
    - What the agent posts, in that order; the Secret (without its data), then the Job, or the custom resource alone.
    - Empty when the run is refused, or when no run was given.
  returned: when O(specs) is not given
  type: list
  elements: dict
posted_to:
  description: API path of each manifest.
  returned: when O(specs) is not given
  type: list
  elements: str
refused:
  description: Why the agent would fail the queue item, with the path of the value; null when it posts the manifests.
  returned: when O(specs) is not given
  type: str
results:
  description:
    - For each entry of O(specs), in that order, C(manifests), C(posted_to), C(refused), C(refused_path) and C(findings)
      as described here for a single config.
    - The other values are not returned with it.
  returned: when O(specs) is given and O(results_format=data)
  type: list
  elements: dict
results_json:
  description: The same list as a JSON text.
  returned: when O(specs) is given and O(results_format=json)
  type: str
refused_path:
  description: Path of the value that makes the agent refuse.
  returned: when O(specs) is not given
  type: str
  sample: spec.template.spec.volumes[0].hostPath
findings:
  description: What is posted but harms.
  returned: when O(specs) is not given
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

import json
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.specs import KEYS, predict_each
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import ReaderMissing, TextError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text

ARGUMENTS: dict[str, dict[str, Any]] = {
    "config": {"type": "raw"},
    "specs": {"type": "list", "elements": "dict"},
    "results_format": {"type": "str", "choices": ["data", "json"], "default": "data"},
    "template_variables": {"type": "dict", "default": {}},
    "values": {"type": "dict", "default": {}},
    "run": {"type": "dict"},
    "agent_version": {"type": "str", "default": "0.31.0"},
    "namespace": {"type": "str", "default": "default"},
    "gpus_per_node": {"type": "int"},
    "image_user": {"type": "str"},
    "fail_on_refused": {"type": "bool", "default": False},
}


SHOWN = 5  # refusals in a message


def run_module(module: AnsibleModule) -> None:
    """Predict and leave."""
    params = module.params
    inputs = {name: params[name] for name in KEYS}
    if params["specs"] is not None:
        run_many(module, inputs)
    if isinstance(inputs["config"], (str, bytes)):
        inputs["config"] = read_text(inputs["config"])
    result = predict(**inputs).to_dict()
    if params["fail_on_refused"] and result["refused"]:
        module.fail_json(msg=f"the agent would refuse this run: {result['refused']}", **result)
    module.exit_json(changed=False, **result)


def run_many(module: AnsibleModule, common: dict[str, Any]) -> NoReturn:
    """Predict for each entry and leave."""
    results = predict_each(module.params["specs"], common, read_config_text)
    refused = [
        f"specs[{position}]: {result['refused']}" for position, result in enumerate(results) if result["refused"]
    ]
    if module.params["fail_on_refused"] and refused:
        shown = "; ".join(refused[:SHOWN]) + (f"; and {len(refused) - SHOWN} more" if len(refused) > SHOWN else "")
        module.fail_json(msg=f"the agent would refuse {len(refused)} of {len(results)} runs: {shown}", results=results)
    if module.params["results_format"] == "json":
        module.exit_json(changed=False, results_json=json.dumps(results))
    module.exit_json(changed=False, results=results)


def read_config_text(text: str | bytes) -> Any:
    """Read an entry's config; what is wrong with it belongs to the entry."""
    try:
        return read_text(text)
    except TextError as error:
        raise LaunchInputError("config", str(error)) from error


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True, required_one_of=[("config", "specs")])
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
