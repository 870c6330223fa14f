#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: launch_run_info
short_description: Read where submitted W&B Launch runs stand
version_added: 0.1.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Asks the server, by two requests for all of them, where runs stand that M(mlinfra.gpu_launch.launch_run) submitted.
  - Can wait until one of them gets on. So a playbook follows several runs at once, and sees each state of each run.
  - A run that failed is an answer, and no failure of this module.
extends_documentation_fragment:
  - mlinfra.gpu_launch.wandb_api
options:
  queue:
    description: Name of the queue.
    type: str
    required: true
  entity:
    description: Entity that the runs belong to.
    type: str
    required: true
  queue_entity:
    description: Entity that owns the queue; that of the runs when absent.
    type: str
  project:
    description: Project that the runs belong to.
    type: str
    required: true
  runs:
    description: The runs, 1 to 200.
    type: list
    elements: dict
    required: true
    suboptions:
      item_id:
        description: Id of the queue item; without it the run is known by what it reports.
        type: str
        default: ""
      run_id:
        description: Id of the run.
        type: str
        required: true
      state:
        description: The state that is known already.
        type: str
        default: ""
  wait:
    description: Wait until a run is in another state than the one that is known, or all runs have ended.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most. That nothing happened in them is no failure.
    type: int
    default: 600
  poll_interval:
    description: Seconds between two looks at the server.
    type: int
    default: 2
attributes:
  check_mode:
    description: Reads the same, since it never changes anything.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
  platform:
    description: Where it runs.
    platforms: posix
    support: full
seealso:
  - module: mlinfra.gpu_launch.launch_run
"""

EXAMPLES = r"""
- name: Wait until one of two runs gets on
  mlinfra.gpu_launch.launch_run_info:
    queue: gpu-queue
    entity: team-a
    project: demo
    wait: true
    runs:
      - {item_id: UnVuUXVldWVJdGVtOjQ=, run_id: a1b2c3d4, state: queued}
      - {item_id: UnVuUXVldWVJdGVtOjY=, run_id: e5f6a7b8, state: running}
  register: seen
"""

RETURN = r"""
runs:
  description:
    - The runs in the order given, each with C(item_id), C(run_id), C(state), C(moved), C(started), C(ended), C(ok),
      C(url), and in C(message) how it ended.
  returned: success
  type: list
  elements: dict
ended:
  description: Whether all runs have ended.
  returned: success
  type: bool
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.progress import AGENT, Progress, end_text
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.arguments import API_ARGUMENTS, connect
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import ApiError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.following import Sent, Target, follow
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.submitting import page_of

MAX_RUNS = 200
ARGUMENTS: dict[str, dict[str, Any]] = {
    **API_ARGUMENTS,
    "queue": {"type": "str", "required": True},
    "entity": {"type": "str", "required": True},
    "queue_entity": {"type": "str"},
    "project": {"type": "str", "required": True},
    "runs": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "item_id": {"type": "str", "default": ""},
            "run_id": {"type": "str", "required": True},
            "state": {"type": "str", "default": ""},
        },
    },
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 600},
    "poll_interval": {"type": "int", "default": 2},
}


def result_of(params: dict[str, Any], api: WandbApi, run: dict[str, Any], seen: Progress) -> dict[str, Any]:
    """Return what is told of one run."""
    run_id = seen.run_id or run["run_id"]
    message = ""
    if seen.ended and not seen.ok:
        owner = params["queue_entity"] or params["entity"]
        why = api.item_error(owner, params["queue"], run["item_id"]) if seen.said_by == AGENT else ""
        message = end_text(seen, why)
    known = {"started": seen.started, "ended": seen.ended, "ok": seen.ok, "message": message}
    url = page_of(params["base_url"], params["entity"], params["project"], run_id)
    moved = seen.phase != run["state"]
    return {"item_id": run["item_id"], "run_id": run_id, "state": seen.phase, "moved": moved, "url": url, **known}


def read(module: AnsibleModule, api: WandbApi) -> None:
    """Look, wait when that is wanted, leave."""
    params = module.params
    runs = params["runs"]

    def enough(seen: list[Progress]) -> bool:
        moved = any(one.phase != run["state"] for one, run in zip(seen, runs))
        return not params["wait"] or moved or all(one.ended for one in seen)

    target = Target(params["queue_entity"] or params["entity"], params["queue"], params["entity"], params["project"])
    sent = [Sent(run["item_id"], run["run_id"]) for run in runs]
    found = follow(api, target, sent, enough, params["wait_timeout"], params["poll_interval"], [])
    results = [result_of(params, api, run, seen) for run, seen in zip(runs, found.seen)]
    module.exit_json(changed=False, runs=results, ended=all(one.ended for one in found.seen))


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    count = len(module.params["runs"])
    if not 1 <= count <= MAX_RUNS:
        module.fail_json(msg=f"runs: 1 to {MAX_RUNS} can be watched at once, not {count}")
    try:
        read(module, connect(module.params))
    except ApiError as error:
        module.fail_json(msg=f"queue '{module.params['queue']}': {error}")


if __name__ == "__main__":
    main()
