#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: launch_queue
short_description: Keep a W&B Launch queue as wanted
version_added: 0.1.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Makes, changes or deletes a Launch queue for Kubernetes over the server's GraphQL interface, without wandb.
  - Reads before it writes; what is not given stays as it is on the server, external links and prioritization included.
  - Refuses a config that the agent would refuse, or that would expose a secret.
extends_documentation_fragment:
  - mlinfra.gpu_launch.wandb_api
options:
  name:
    description: Name of the queue, 1 to 64 characters.
    type: str
    required: true
  entity:
    description: Entity (user or team) that owns the queue.
    type: str
    required: true
  state:
    description: Whether the queue shall be there.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - The manifest that runs of this queue start from, as a mapping or as YAML or JSON text.
      - Without it an existing queue keeps its config; a queue that is absent can't be made.
    type: raw
  template_variables:
    description:
      - The variables that the config uses as C({{name}}), by name, as in M(mlinfra.gpu_launch.launch_job_spec).
      - They belong to O(config); with a config and without them the queue has none.
    type: dict
  prioritization_mode:
    description: Whether runs may have a priority. V(V0) can't be switched off again.
    type: str
    choices: [DISABLED, V0]
  external_links:
    description: Links that the queue's page shows.
    type: list
    elements: dict
    suboptions:
      label:
        description: Text of the link.
        type: str
        required: true
      url:
        description: Its address.
        type: str
        required: true
  agent_version:
    description: Release of the wandb package that the queue's agents run.
    type: str
    default: 0.31.0
  allow:
    description: Ids of findings of severity error that are accepted.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Reads the queue and tells what would change.
    support: full
  diff_mode:
    description: Shows the queue before and after.
    support: full
  platform:
    description: Where it runs.
    platforms: posix
    support: full
seealso:
  - module: mlinfra.gpu_launch.launch_run
"""

EXAMPLES = r"""
- name: Keep the queue as wanted
  mlinfra.gpu_launch.launch_queue:
    name: gpu-queue
    entity: team-a
    config: "{{ lookup('ansible.builtin.file', 'queue.yml') }}"
    template_variables:
      gpus: {type: integer, default: 1, minimum: 1, maximum: 4}

- name: Remove it
  mlinfra.gpu_launch.launch_queue:
    name: gpu-queue
    entity: team-a
    state: absent
"""

RETURN = r"""
queue:
  description: The queue as it is after the module; empty when it is absent.
  returned: success
  type: dict
findings:
  description: What is in the config and harms, as in M(mlinfra.gpu_launch.launch_job_spec).
  returned: when the queue is present
  type: list
  elements: dict
"""

import json
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.queue import (
    Queue,
    QueuePlan,
    Wanted,
    check_name,
    make_plan,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import ReaderMissing, TextError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.arguments import API_ARGUMENTS, connect
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import ApiError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.queries import PROJECT

try:
    import yaml
except ImportError:  # the diff is JSON then, which is YAML, too
    yaml = None  # type: ignore[assignment]

ARGUMENTS: dict[str, dict[str, Any]] = {
    **API_ARGUMENTS,
    "name": {"type": "str", "required": True},
    "entity": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "config": {"type": "raw"},
    "template_variables": {"type": "dict"},
    "prioritization_mode": {"type": "str", "choices": ["DISABLED", "V0"]},
    "external_links": {
        "type": "list",
        "elements": "dict",
        "options": {"label": {"type": "str", "required": True}, "url": {"type": "str", "required": True}},
    },
    "agent_version": {"type": "str", "default": "0.31.0"},
    "allow": {"type": "list", "elements": "str", "default": []},
}


def shown(queue: Queue | None) -> str:
    """Return a queue as the text of a diff."""
    if queue is None:
        return ""
    data = json.loads(json.dumps(queue.to_dict()))  # without what two places share, which YAML would print as aliases
    return str(yaml.safe_dump(data)) if yaml else json.dumps(data, indent=2, sort_keys=True) + "\n"


def diff_of(before: Queue | None, after: Queue | None) -> dict[str, str]:
    """Return what --diff prints."""
    name = (before or after or Queue("")).name
    header = f"launch queue {name}"
    return {"before": shown(before), "after": shown(after), "before_header": header, "after_header": header}


def check_config(plan: QueuePlan, params: dict[str, Any]) -> list[dict[str, str]]:
    """Return the findings on the config that will be there.

    Raises:
        LaunchInputError: the agent would refuse it, or a finding of severity error is not allowed.
    """
    after = plan.after
    result = predict(after.config, after.variables, agent_version=params["agent_version"])
    if result.refused:
        raise LaunchInputError("config", f"the agent would refuse every run: {result.refused}")
    for finding in result.findings:
        if finding.severity == "error" and finding.id not in params["allow"]:
            text = f"{finding.message} ({finding.id}; fix: {finding.fix}, or list the id in allow)"
            raise LaunchInputError(f"config.{finding.path}", text)
    return [finding.to_dict() for finding in result.findings]


def ensure_present(module: AnsibleModule, api: WandbApi) -> None:
    """Make the queue as wanted."""
    params = dict(module.params)
    if isinstance(params["config"], (str, bytes)):
        params["config"] = read_text(params["config"])
    wanted = Wanted.from_params(params)
    plan = make_plan(api.queue(params["entity"], wanted.name), wanted)
    findings = check_config(plan, params) if wanted.config is not None else []
    if plan.changed and not module.check_mode:
        api.upsert(params["entity"], plan.request(params["entity"], PROJECT))
    module.exit_json(
        changed=plan.changed, diff=diff_of(plan.before, plan.after), queue=plan.after.to_dict(), findings=findings
    )


def ensure_absent(module: AnsibleModule, api: WandbApi) -> None:
    """Delete the queue when it is there."""
    before = api.queue(module.params["entity"], check_name(module.params["name"]))
    if before is not None and not module.check_mode:
        api.delete(before.id)
    module.exit_json(changed=before is not None, diff=diff_of(before, None), queue={})


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        api = connect(module.params)
        (ensure_present if module.params["state"] == "present" else ensure_absent)(module, api)
    except ReaderMissing as error:
        module.fail_json(msg=missing_required_lib("PyYAML", reason="to read YAML text"), exception=str(error))
    except TextError as error:
        module.fail_json(msg=f"config: {error}", line=error.line, column=error.column)
    except (LaunchInputError, ApiError) as error:
        module.fail_json(msg=f"queue '{module.params['name']}': {error}")


if __name__ == "__main__":
    main()
