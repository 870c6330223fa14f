#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: launch_run
short_description: Submit a run to a W&B Launch queue and wait for its end
version_added: 0.1.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Puts a run into a queue over the server's GraphQL interface. It needs no wandb package.
  - Checks the values against the queue's template variables before it sends them.
  - Can wait until the run has started, or has ended as it reported itself, with a line on the screen for each state.
  - Never submits a run twice. When the answer to a submission is lost, the run is looked for in the queue; when it
    can't be found there, the module fails, says so, and does not try again.
  - Given O(item_id) it submits nothing and waits for a run that was submitted before.
extends_documentation_fragment:
  - mlinfra.gpu_launch.wandb_api
options:
  queue:
    description: Name of the queue.
    type: str
    required: true
  entity:
    description: Entity that the run belongs to.
    type: str
    required: true
  queue_entity:
    description: Entity that owns the queue; that of the run when absent.
    type: str
  project:
    description: Project that the run belongs to.
    type: str
    required: true
  image:
    description: Container image of the run. Needed when there is neither O(job) nor O(item_id).
    type: str
  job:
    description: Job reference such as V(team-a/demo/my-job:latest), instead of an image.
    type: str
  item_id:
    description: Id of a queue item that is already there.
    type: str
  values:
    description: Values for the queue's template variables.
    type: dict
    default: {}
  name:
    description: Name of the run.
    type: str
  run_id:
    description:
      - Id of the run; the module makes one up when absent.
      - With an id of your own, a task that runs again goes on with the run that is in the queue or has reported itself.
    type: str
  priority:
    description:
      - Priority of the run, by name or as the number that the server keeps, V(0) for V(critical) to V(3) for V(low).
      - For queues with prioritization only. Without it the server takes V(medium).
    type: str
    choices: [critical, high, medium, low, '0', '1', '2', '3']
  overrides:
    description: What the run replaces, any of C(args), C(entry_point), C(run_config), C(files) and C(artifacts).
    type: dict
    default: {}
  agent_version:
    description: Release of the wandb package that the queue's agent runs, for the prediction.
    type: str
    default: 0.31.0
  wait:
    description: Whether to wait; without it the module returns as soon as the run is in the queue.
    type: bool
    default: false
  wait_for:
    description: What to wait for, that the run reports its start (V(started)) or its end (V(ended)).
    type: str
    choices: [started, ended]
    default: ended
  since:
    description:
      - A state, as RV(state) returns it. The module then waits no longer than until the run is in another one.
      - The lines on the screen are made with it. Nothing is submitted; RV(waiting) tells that the wait is not over.
    type: str
  waited:
    description: Seconds that went by before, together with O(since); they are only told.
    type: int
    default: 0
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 1800
  poll_interval:
    description: Seconds between two looks at the server.
    type: int
    default: 2
attributes:
  check_mode:
    description:
      - Checks the run against the queue, predicts what its agent would post, and submits nothing. That the queue is
        absent is a warning, since the task before may be the one that makes it.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
  platform:
    description: Where it runs.
    platforms: posix
    support: full
seealso:
  - module: mlinfra.gpu_launch.launch_run_info
  - module: mlinfra.gpu_launch.launch_queue
"""

EXAMPLES = r"""
- name: Run on two GPUs and wait for the end
  mlinfra.gpu_launch.launch_run:
    queue: gpu-queue
    entity: team-a
    project: demo
    image: wandb/job_hello_world:main
    values:
      gpus: 2
    wait: true
    wait_timeout: 600

- name: Submit once, however often this task runs
  mlinfra.gpu_launch.launch_run:
    queue: gpu-queue
    entity: team-a
    project: demo
    image: registry.example.org/team-a/train:7
    run_id: nightly-2026-11-26
    priority: low
    overrides:
      args: [--epochs, '3']
      run_config: {lr: 0.001}
"""

RETURN = r"""
item_id:
  description: Id of the queue item; empty in check mode, and when only the run itself is known.
  returned: success or when the run failed
  type: str
run_id:
  description: Id of the run.
  returned: success or when the run failed
  type: str
url:
  description: Page of the run.
  returned: success or when the run failed
  type: str
state:
  description: Last phase seen, V(queued), V(leased), V(starting), then what the run says, such as V(finished).
  returned: success or when the run failed
  type: str
states:
  description: Each phase with the second after submission when it was first seen.
  returned: success or when the run failed
  type: list
  elements: dict
waiting:
  description: Whether the module came back because of O(since), before the end of the wait.
  returned: when O(since) is given
  type: bool
timed_out:
  description: That the time was over before the end of the wait.
  returned: when it was
  type: bool
manifests:
  description: What an agent of O(agent_version) would post, but for the author and the item's id.
  returned: in check mode
  type: list
  elements: dict
refused:
  description: Why such an agent would fail the run; null when it would not.
  returned: in check mode
  type: str
findings:
  description: What is in the queue's config and harms.
  returned: in check mode
  type: list
  elements: dict
not_predicted:
  description: Why nothing could be predicted; empty when it could.
  returned: in check mode
  type: str
"""

from typing import Any, NamedTuple, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.progress import (
    AGENT,
    Progress,
    end_text,
    late_text,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.submission import Submission
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.arguments import API_ARGUMENTS, connect
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import ApiError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.following import Sent, Target, follow
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.queries import PROJECT
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.submitting import (
    known,
    new_run_id,
    no_queue,
    page_of,
    push,
)

ARGUMENTS: dict[str, dict[str, Any]] = {
    **API_ARGUMENTS,
    "queue": {"type": "str", "required": True},
    "entity": {"type": "str", "required": True},
    "queue_entity": {"type": "str"},
    "project": {"type": "str", "required": True},
    "image": {"type": "str"},
    "job": {"type": "str"},
    "item_id": {"type": "str"},
    "values": {"type": "dict", "default": {}},
    "name": {"type": "str"},
    "run_id": {"type": "str"},
    "priority": {"type": "str", "choices": ["critical", "high", "medium", "low", "0", "1", "2", "3"]},
    "overrides": {"type": "dict", "default": {}},
    "agent_version": {"type": "str", "default": "0.31.0"},
    "wait": {"type": "bool", "default": False},
    "wait_for": {"type": "str", "choices": ["started", "ended"], "default": "ended"},
    "since": {"type": "str"},
    "waited": {"type": "int", "default": 0},
    "wait_timeout": {"type": "int", "default": 1800},
    "poll_interval": {"type": "int", "default": 2},
}
NOTHING: dict[str, Any] = {"manifests": [], "refused": None, "findings": []}


def page(params: dict[str, Any], run_id: str) -> str:
    """Return the address of the run's page."""
    return page_of(params["base_url"], params["entity"], params["project"], run_id)


class Submitted(NamedTuple):
    """What is known of the run, and whether this module put it into the queue."""

    sent: Sent
    changed: bool


def submit(module: AnsibleModule, api: WandbApi, run_id: str) -> Submitted:
    """Put the run into the queue, once; in check mode tell what would come of it and leave.

    Raises:
        LaunchInputError: the queue is absent, or a value breaks its declaration.
    """
    params = module.params
    run = Submission.from_params({**params, "run_id": run_id})
    queue = api.queue(run.queue_entity, run.queue)
    if queue is None:
        absent = no_queue(api, run)
        if not module.check_mode:
            raise absent
        module.warn(f"{absent}; the run could not be checked")  # an earlier task may be the one that makes it
        leave(module, run_id, {**NOTHING, "not_predicted": str(absent)})
    run.check_queue(queue)
    run.request(PROJECT, queue.variables)  # the values are checked first
    there = known(api, run, run_id) if params["run_id"] else None
    if there:
        return Submitted(there, changed=False)
    predicted = run.prediction(queue, params["agent_version"], params["base_url"])
    if predicted["refused"]:
        module.warn(f"an agent {params['agent_version']} would fail this run: {predicted['refused']}")
    if module.check_mode:
        leave(module, run_id, predicted)
    return Submitted(push(api, run, queue.variables, run_id), changed=True)


def leave(module: AnsibleModule, run_id: str, predicted: dict[str, Any]) -> NoReturn:
    """End check mode with what would be posted."""
    result = {"item_id": "", "run_id": run_id, "url": page(module.params, run_id), "states": [], **predicted}
    module.exit_json(changed=True, state="not submitted (check mode)", **result)


def run_module(module: AnsibleModule, api: WandbApi) -> None:
    """Submit, wait, leave."""
    params = module.params
    run_id = params["run_id"] or ("" if params["item_id"] else new_run_id())
    there = Sent(params["item_id"] or "", run_id)
    watched = params["item_id"] or params["since"] is not None  # who knows a state has submitted before
    done = Submitted(there, changed=False) if watched else submit(module, api, run_id)
    result: dict[str, Any] = {"changed": done.changed, "item_id": done.sent.item_id, "run_id": run_id}
    try:
        wait(module, api, done.sent, result)
    except ApiError as error:
        where = f"run {run_id or 'of item ' + done.sent.item_id}"
        text = f"queue '{params['queue']}': {where} is submitted, but can't be watched: {error}"
        module.fail_json(msg=text, state="unknown", states=[], url=page(params, run_id), **result)


def wait(module: AnsibleModule, api: WandbApi, sent: Sent, result: dict[str, Any]) -> None:
    """Look until the wanted phase is there, then leave with the result."""
    params = module.params
    states: list[dict[str, Any]] = []
    owner = params["queue_entity"] or params["entity"]

    def enough(seen: list[Progress]) -> bool:
        moved = params["since"] is not None and seen[0].phase != params["since"]
        return not params["wait"] or moved or over(params, seen[0])

    target = Target(owner, params["queue"], params["entity"], params["project"])
    ended = follow(api, target, [sent], enough, params["wait_timeout"], params["poll_interval"], states)
    seen = ended.seen[0]
    run_id = seen.run_id or sent.run_id
    result.update(run_id=run_id, url=page(params, run_id), state=seen.phase, states=states)
    if params["since"] is not None:
        result["waiting"] = ended.reached and not over(params, seen)
    if params["wait"] and seen.ended and not seen.ok:
        why = api.item_error(owner, params["queue"], sent.item_id) if seen.said_by == AGENT else ""
        module.fail_json(msg=f"{end_text(seen, why)} ({result['url']})", **result)
    if not ended.reached:
        where = f"item {sent.item_id} stays in queue {params['queue']}"
        seconds = params["waited"] + params["wait_timeout"]
        module.fail_json(msg=f"{late_text(seen.phase, seconds)}; {where}", timed_out=True, **result)
    module.exit_json(**result)


def over(params: dict[str, Any], seen: Progress) -> bool:
    """Return whether the wait has come to its end."""
    return seen.ended or (params["wait_for"] == "started" and seen.started)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        mutually_exclusive=[("image", "job", "item_id")],
        required_one_of=[("image", "job", "item_id")],
    )
    try:
        run_module(module, connect(module.params))
    except (LaunchInputError, ApiError) as error:
        module.fail_json(msg=f"queue '{module.params['queue']}': {error}")


if __name__ == "__main__":
    main()
