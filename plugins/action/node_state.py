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

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import compiled_imports, role_inputs
from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils.payload_cache import PayloadCache

MODULE = "mlinfra.gpu_launch.node_state"
HERE = ("observation", "refuse_as", "roles")  # options that the module on the host has no use for


def refusal(asker: str, reasons: list[str]) -> dict[str, Any]:
    """Return the result of a task that fails with the reasons alone: an observation beside them would bury them."""
    return {"failed": True, "changed": False, "msg": [f"{asker} refuses; nothing was changed:", *reasons]}


class ActionModule(ActionBase):
    """One module on the host at most, then a pure function here."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Check the inputs of roles, observe, and compare where something is wanted."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        compiled_imports.install()
        # Not above: only what is imported after the line before is compiled once and for all.
        from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError

        roles = self._roles()
        wrong, unknown = self._inputs(roles or [], task_vars)
        result.update({"warnings": unknown} if unknown else {})
        if wrong:
            return {**result, "failed": True, "msg": "; ".join(wrong), "argument_errors": wrong}
        try:
            found = self._compared(self._wanted(roles, task_vars), task_vars)
        except ModelError as error:
            return {**result, "failed": True, "msg": f"wanted: {error}"}
        if not found.get("failed"):
            result["roles"] = roles or []
            result["due_roles"] = role_inputs.due_roles(roles or [], found.get("due", []))
        return {**result, **found, **({"warnings": unknown + found.get("warnings", [])} if unknown else {})}

    def _compared(self, wanted: Mapping[str, Any] | None, task_vars: Any) -> dict[str, Any]:
        from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare_all, ruled_out

        observation = self._mapping("observation")
        asker = str(self._task.args.get("refuse_as") or "")
        if (observation or asker) and wanted is None:
            raise AnsibleActionFail("node_state: observation and refuse_as need wanted or roles, to compare with")
        impossible = ruled_out(wanted or {}) if asker and not observation else []
        if impossible:
            return refusal(asker, impossible)
        seen: dict[str, Any] = {"observed": observation, "changed": False}
        if not observation:
            seen = self._look(wanted, task_vars)
        if wanted is None or "observed" not in seen:
            return seen
        compared = compare_all(seen["observed"], wanted)
        if asker and compared["refusals"]:
            return refusal(asker, compared["refusals"])
        return {**seen, **compared}

    def _roles(self) -> list[str] | None:
        roles = self._task.args.get("roles")
        if roles is None or (isinstance(roles, list) and all(isinstance(role, str) for role in roles)):
            return roles
        raise AnsibleActionFail(f"node_state: roles must be a list of names, not {roles!r}")

    def _inputs(self, roles: list[str], task_vars: Any) -> tuple[list[str], list[str]]:
        """Return what is wrong with the inputs of roles, and the variables that look like one and are none."""
        wrong: list[str] = []
        unknown: list[str] = []
        for role in roles:
            problems, strange = role_inputs.check(role, task_vars, self._templar)
            wrong += problems
            unknown += strange
        return wrong, unknown

    def _wanted(self, roles: list[str] | None, task_vars: Any) -> Mapping[str, Any] | None:
        wanted = self._mapping("wanted")
        if roles is None:
            return wanted
        states = role_inputs.wanted_states(roles, task_vars, self._templar)
        twice = sorted(set(states) & set(wanted or {}))
        if twice:
            raise AnsibleActionFail(f"node_state: {', '.join(twice)}: wanted by a role and in wanted; name it once")
        return {**(wanted or {}), **states}

    def _mapping(self, name: str) -> Mapping[str, Any] | None:
        value = self._task.args.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise AnsibleActionFail(f"node_state: {name} must be a mapping, not {type(value).__name__}")
        return value

    def _look(self, wanted: Mapping[str, Any] | None, task_vars: Any) -> dict[str, Any]:
        cache = PayloadCache("node_state")
        packed = cache.restore()
        arguments = {name: value for name, value in self._task.args.items() if name not in HERE}
        if wanted is not None:
            arguments["wanted"] = wanted
        looks_at = arguments.get("components") or ["agent"]
        if "launch_agent" in (self._task.args.get("roles") or []) and "agent" in looks_at:
            arguments.setdefault("api_key", self._templar.template(task_vars["launch_agent_api_key"]))
        seen: dict[str, Any] = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        if not packed:
            cache.keep()
        return seen
