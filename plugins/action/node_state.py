# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action: look at a machine by the module of this name, and compare on the controller, where it costs nothing.

What travels to the host is what reads the host; the comparison, its texts and the floors stay here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare_all, ruled_out
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError
from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils.payload_cache import PayloadCache

MODULE = "mlinfra.gpu_launch.node_state"
HERE = ("observation", "refuse_as")  # options that the module on the host has no use for


def refusal(asker: str, reasons: list[str]) -> dict[str, Any]:
    """Return the result of a task that fails with the reasons alone: an observation beside them would bury them."""
    return {"failed": True, "changed": False, "msg": [f"{asker} refuses; nothing was changed:", *reasons]}


class ActionModule(ActionBase):
    """One module on the host at most, then a pure function here."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Observe, and compare where something is wanted."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        observation, wanted = self._mapping("observation"), self._mapping("wanted")
        asker = str(self._task.args.get("refuse_as") or "")
        if (observation or asker) and wanted is None:
            raise AnsibleActionFail("node_state: observation and refuse_as need wanted, the states to compare with")
        try:
            impossible = ruled_out(wanted or {}) if asker and not observation else []
            if impossible:
                return {**result, **refusal(asker, impossible)}
            result.update({"observed": observation, "changed": False} if observation else self._look(task_vars))
            if wanted is None or "observed" not in result:
                return result
            compared = compare_all(result["observed"], wanted)
        except ModelError as error:
            return {**result, "failed": True, "msg": f"wanted: {error}"}
        if asker and compared["refusals"]:
            return refusal(asker, compared["refusals"])
        return {**result, **compared}

    def _mapping(self, name: str) -> Mapping[str, Any] | None:
        value = self._task.args.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise AnsibleActionFail(f"node_state: {name} must be a mapping, not {type(value).__name__}")
        return value

    def _look(self, task_vars: Any) -> dict[str, Any]:
        cache = PayloadCache("node_state")
        packed = cache.restore()
        arguments = {name: value for name, value in self._task.args.items() if name not in HERE}
        seen: dict[str, Any] = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        if not packed:
            cache.keep()
        return seen
