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
  - Refuses a config that the agent would refuse, and every finding of severity error that O(allow) does not list.
  - The project that all queues of an entity live in is made when it is missing.
  - A server that is busy or away for a moment is asked again, with pauses that grow, or that it asks for itself up to
    30 seconds. When an answer is lost after a change was sent, the queue is read again to learn what became of it.
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
    description:
      - Whether runs may have a priority. The server can't switch V(V0) off again, so V(DISABLED) for such a queue is
        refused; without this option the queue keeps what it has.
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
  description:
    - The queue as it is after the module; empty when it is absent.
    - Its key C(unreadable) is there when the server has parts that can't be read, each with the reason.
  returned: success
  type: dict
findings:
  description: What is in the config and harms, as in M(mlinfra.gpu_launch.launch_job_spec).
  returned: when the queue is present
  type: list
  elements: dict
problems:
  description: What the server finds wrong with the config, each with C(path) and C(message).
  returned: when the server refuses the config
  type: list
  elements: dict
"""

import json
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.digest import normalised
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
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import (
    ApiError,
    ConfigRefused,
    RequestRefused,
    Unreachable,
)
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
    """Return a queue as the text of a diff; keys are sorted, since servers return them in any order."""
    if queue is None:
        return ""
    data = json.loads(json.dumps(normalised(queue.to_dict())))  # without shared parts, which YAML prints as aliases
    if yaml is None:
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return str(yaml.safe_dump(data, allow_unicode=True, width=4096))


def diff_of(before: Queue | None, after: Queue | None) -> dict[str, str]:
    """Return what --diff prints."""
    name = (before or after or Queue("")).name
    header = f"launch queue {name}"
    return {"before": shown(before), "after": shown(after), "before_header": header, "after_header": header}


def check_config(plan: QueuePlan, params: dict[str, Any]) -> list[dict[str, str]]:
    """Return the findings on the config that will be there.

    Raises:
        LaunchInputError: the agent would refuse it, or findings of severity error are not allowed; all are named.
    """
    after = plan.after
    result = predict(after.config, after.variables, agent_version=params["agent_version"])
    if result.refused:
        raise LaunchInputError("config", f"the agent would refuse every run: {result.refused}")
    errors = [found for found in result.findings if found.severity == "error" and found.id not in params["allow"]]
    if errors:
        texts = [f"config.{found.path}: {found.message} ({found.id}; fix: {found.fix})" for found in errors]
        raise LaunchInputError("", f"{'; '.join(texts)}. What is meant that way: list its id in allow")
    return [finding.to_dict() for finding in result.findings]


def write(module: AnsibleModule, api: WandbApi, plan: QueuePlan, wanted: Wanted, project: bool) -> None:
    """Make the queue as planned, then look whether the server shows it so.

    Raises:
        ApiError: the server refuses it, or no answer came and the queue isn't as wanted.
    """
    entity = module.params["entity"]
    if not project:
        api.make_project(entity)
    try:
        for problem in api.upsert(plan.request(entity, PROJECT)):
            module.warn(f"queue '{wanted.name}': the server takes it, but {problem['path']}: {problem['message']}")
    except Unreachable as error:
        if not error.sent or make_plan(api.queue(entity, wanted.name), wanted).changed:
            raise
        return
    there = api.queue(entity, wanted.name)
    if there is None or make_plan(there, wanted).changed:
        text = "the server took the queue, but shows it differently; compare by --diff of a second run"
        module.warn(f"queue '{wanted.name}': {text}")


def ensure_present(module: AnsibleModule, api: WandbApi) -> None:
    """Make the queue as wanted."""
    params = dict(module.params)
    if isinstance(params["config"], (str, bytes)):
        params["config"] = read_text(params["config"])
    wanted = Wanted.from_params(params)
    place = api.look(params["entity"], wanted.name)
    plan = make_plan(place.queue, wanted)
    findings = check_config(plan, params) if wanted.config is not None else []
    for part, reason in plan.after.unreadable.items():
        module.warn(f"queue '{wanted.name}': {part} on the server can't be read ({reason}); it stays as it is")
    if plan.changed and not module.check_mode:
        write(module, api, plan, wanted, place.project)
    module.exit_json(
        changed=plan.changed, diff=diff_of(plan.before, plan.after), queue=plan.after.to_dict(), findings=findings
    )


def ensure_absent(module: AnsibleModule, api: WandbApi) -> None:
    """Delete the queue when it is there."""
    entity, name = module.params["entity"], check_name(module.params["name"])
    before = api.queue(entity, name)
    if before is not None and not module.check_mode:
        try:
            api.delete(before.id)
        except (RequestRefused, Unreachable):
            if api.queue(entity, name) is not None:  # else it was done, by this run or by another one
                raise
    module.exit_json(changed=before is not None, diff=diff_of(before, None), queue={})


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    name = module.params["name"]
    try:
        api = connect(module.params)
        (ensure_present if module.params["state"] == "present" else ensure_absent)(module, api)
    except ReaderMissing as error:
        module.fail_json(msg=missing_required_lib("PyYAML", reason="to read YAML text"), exception=str(error))
    except TextError as error:
        module.fail_json(msg=f"config: {error}", line=error.line, column=error.column)
    except ConfigRefused as error:
        module.fail_json(msg=f"queue '{name}': {error}", problems=error.problems)
    except Unreachable as error:
        unsure = " Whether the queue was changed is not known; a second run reads it first." if error.sent else ""
        module.fail_json(msg=f"queue '{name}': {error}.{unsure}")
    except (LaunchInputError, ApiError) as error:
        module.fail_json(msg=f"queue '{name}': {error}")


if __name__ == "__main__":
    main()
