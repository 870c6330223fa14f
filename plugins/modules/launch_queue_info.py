#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: launch_queue_info
short_description: Read the W&B Launch queues of an entity
version_added: 0.1.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Asks the server, in one request, who the API key belongs to and which queues an entity has.
  - With O(on_error=report) a server that can't be reached, or that rejects the key, is an answer and no failure.
extends_documentation_fragment:
  - mlinfra.gpu_launch.wandb_api
options:
  entity:
    description: Entity (user or team) that owns the queues.
    type: str
    required: true
  on_error:
    description: What to do when the server gives no answer.
    type: str
    choices: [fail, report]
    default: fail
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
"""

EXAMPLES = r"""
- name: Read the queues
  mlinfra.gpu_launch.launch_queue_info:
    entity: team-a
  register: queues
"""

RETURN = r"""
queues:
  description: Names of the entity's queues; empty when there are none or the server gave no answer.
  returned: always
  type: list
  elements: str
username:
  description: Whose key it is.
  returned: always
  type: str
error:
  description: Why the server gave no answer; empty when it did.
  returned: always
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.arguments import API_ARGUMENTS, connect
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import ApiError

ARGUMENTS: dict[str, dict[str, Any]] = {
    **API_ARGUMENTS,
    "entity": {"type": "str", "required": True},
    "on_error": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    report = module.params["on_error"] == "report"
    try:
        username, queues = connect(module.params, tries=1 if report else 3).queue_names(module.params["entity"])
    except ApiError as error:
        if not report:
            module.fail_json(msg=str(error))
        module.exit_json(changed=False, queues=[], username="", error=str(error))
    module.exit_json(changed=False, queues=queues, username=username, error="")


if __name__ == "__main__":
    main()
