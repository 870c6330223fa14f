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
  - Checks the values against the queue's template variables before it sends them, so that a refusal names the variable.
  - Can wait until the run has started, or until it has ended as the run itself reported it.
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
    description: Id of the run; the module makes one up when absent.
    type: str
  priority:
    description: Priority of the run, where the queue has prioritization.
    type: str
    choices: [critical, high, medium, low]
    default: medium
  overrides:
    description: What the run replaces, any of C(args), C(entry_point), C(run_config), C(files) and C(artifacts).
    type: dict
    default: {}
  wait:
    description: Whether to wait; without it the module returns as soon as the run is in the queue.
    type: bool
    default: false
  wait_for:
    description: What to wait for, that the run reports its start (V(started)) or its end (V(ended)).
    type: str
    choices: [started, ended]
    default: ended
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
    description: Checks the run against the queue and submits nothing.
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
"""

RETURN = r"""
item_id:
  description: Id of the queue item; empty in check mode.
  returned: success or when the run failed
  type: str
run_id:
  description: Id of the run.
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
"""

import secrets
import string
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.progress import Progress, progress
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.submission import Submission
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.arguments import API_ARGUMENTS, connect
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import (
    ApiError,
    RequestRefused,
    Unreachable,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.queries import PROJECT

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
    "priority": {"type": "str", "choices": ["critical", "high", "medium", "low"], "default": "medium"},
    "overrides": {"type": "dict", "default": {}},
    "wait": {"type": "bool", "default": False},
    "wait_for": {"type": "str", "choices": ["started", "ended"], "default": "ended"},
    "wait_timeout": {"type": "int", "default": 1800},
    "poll_interval": {"type": "int", "default": 2},
}


def new_run_id() -> str:
    """Return an id as the agent would make one up; known before, the run's Job can be found by it."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for dummy in range(8))


def submit(module: AnsibleModule, api: WandbApi, run_id: str) -> str:
    """Put the run into the queue and return its item's id; empty in check mode.

    Raises:
        LaunchInputError: the queue is absent, or a value breaks its declaration.
    """
    run = Submission.from_params({**module.params, "run_id": run_id})
    queue = api.queue(run.queue_entity, run.queue)
    if queue is None:
        raise LaunchInputError("queue", f"{run.queue_entity} has no queue '{run.queue}'; make it first (launch_queue)")
    request = run.request(PROJECT, queue.variables)
    try:
        return "" if module.check_mode else api.push(request)
    except RequestRefused as error:
        values = request["templateVariableValues"]
        raise RequestRefused(f"the server refuses the run with values {values}: {error}") from error


def look(params: dict[str, Any], api: WandbApi, item_id: str) -> Progress:
    """Return where the run stands."""
    item = api.item(params["queue_entity"] or params["entity"], params["queue"], item_id)
    run_id = (item or {}).get("associatedRunId")
    return progress(item, api.run_state(params["entity"], params["project"], run_id) if run_id else None)


def wait(module: AnsibleModule, api: WandbApi, item_id: str) -> tuple[Progress, list[dict[str, Any]], bool]:
    """Look until the wanted phase is there; the last value tells whether the time was enough."""
    params = module.params
    begin = time.monotonic()
    states: list[dict[str, Any]] = []
    while True:
        passed = time.monotonic() - begin
        last = passed + params["poll_interval"] > params["wait_timeout"]
        try:
            seen = look(params, api, item_id)
        except Unreachable:  # the run goes on without the server; so does the waiting
            if last or not params["wait"]:
                raise
            time.sleep(params["poll_interval"])
            continue
        if not states or states[-1]["state"] != seen.phase:
            states.append({"state": seen.phase, "seconds": round(passed, 1)})
        reached = not params["wait"] or seen.ended or (params["wait_for"] == "started" and seen.started)
        if reached or last:
            return seen, states, reached
        time.sleep(params["poll_interval"])


def run_module(module: AnsibleModule, api: WandbApi) -> None:
    """Submit, wait, leave."""
    params = module.params
    submitted = not params["item_id"]
    run_id = params["run_id"] or (new_run_id() if submitted else "")
    item_id = params["item_id"] or submit(module, api, run_id)
    if not item_id:
        module.exit_json(changed=True, item_id="", run_id=run_id, state="not submitted (check mode)", states=[])
    seen, states, reached = wait(module, api, item_id)
    result: dict[str, Any] = {"changed": submitted, "item_id": item_id, "run_id": seen.run_id or run_id}
    result.update(state=seen.phase, states=states)
    if not reached:
        where = f"item {item_id} stays in queue {params['queue']}"
        text = f"the run is still {seen.phase} after {params['wait_timeout']} s; {where}"
        module.fail_json(msg=text, **result)
    if seen.ended and not seen.ok and params["wait"]:
        why = api.item_error(params["queue_entity"] or params["entity"], params["queue"], item_id)
        reason = why or "the server gives no reason; see the agent's log and the run's page"
        module.fail_json(msg=f"the run ended {seen.phase}: {reason}", **result)
    module.exit_json(**result)


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
