# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action: check the inputs of several roles in one task. Its documentation is that of the module of the same name."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import role_inputs


class ActionModule(ActionBase):
    """Runs on the controller alone: no connection, no module."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Validate every role, then fail once with everything that is wrong."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        spec = {"roles": {"type": "list", "elements": "str", "required": True}}
        dummy, arguments = self.validate_argument_spec(spec)  # type: ignore[no-untyped-call]
        wrong: list[str] = []
        strange: list[str] = []
        for role in arguments["roles"]:
            problems, unknown = role_inputs.check(role, task_vars, self._templar)
            wrong += problems
            strange += unknown
        result.update(changed=False, roles=arguments["roles"], unknown=strange)
        if wrong:
            result.update(failed=True, msg="; ".join(wrong), argument_errors=wrong)
        return result
