# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action: run the module of this name once for each state of a run, and show the state on the screen.

A module can't write to the screen; so it comes back at each change, and is sent again to wait for the next one. Without
a wait, in check mode and with async it runs once, as it is.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

MODULE = "mlinfra.gpu_launch.launch_run"
SUBMITS = ("image", "job", "item_id", "values", "name", "priority", "overrides")  # said once, never again
DEFAULT_TIMEOUT = 1800

display = Display()


class ActionModule(ActionBase):
    """As many modules as the run has states."""

    TRANSFERS_FILES = False
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Submit, then wait from state to state."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        seconds = self._seconds(arguments)
        if self._task.async_val or self._task.check_mode or seconds is None:
            return {**result, **self._module(arguments, task_vars, self._task.async_val)}
        first = self._module({**arguments, "wait": False}, task_vars)
        if first.get("failed") or "state" not in first:
            return {**result, **first}
        return {**result, **self._watched(arguments, first, seconds, task_vars)}

    def _seconds(self, arguments: Mapping[str, Any]) -> float | None:
        """Return how long to wait; None without a wait, or when the module has something to say on the value."""
        try:
            waits = boolean(arguments.get("wait", False)) and "since" not in arguments
            return float(arguments.get("wait_timeout", DEFAULT_TIMEOUT)) if waits else None
        except (TypeError, ValueError):
            return None

    def _watched(
        self, arguments: dict[str, Any], first: dict[str, Any], seconds: float, task_vars: Any
    ) -> dict[str, Any]:
        begin = time.monotonic()
        states = [{"state": first["state"], "seconds": 0.0}]
        self._show(arguments, first, 0.0, f" (item {first['item_id']})" if first.get("item_id") else "")
        again = {name: value for name, value in arguments.items() if name not in SUBMITS}
        again.update(self._identity(first))
        seen: dict[str, Any] = {**first, "waiting": True}
        while seen.get("waiting"):
            left = max(int(seconds - (time.monotonic() - begin)), 0)
            more = {"since": states[-1]["state"], "wait_timeout": left, "waited": int(seconds) - left}
            seen = self._module({**again, **more}, task_vars)
            passed = round(time.monotonic() - begin, 1)
            if seen.get("state", "unknown") not in ("unknown", states[-1]["state"]):
                states.append({"state": seen["state"], "seconds": passed})
                self._show(arguments, seen, passed)
        seen.pop("waiting", None)
        kept: dict[str, Any] = {
            key: first[key] for key in ("changed", "item_id", "run_id", "url", "invocation") if key in first
        }
        return {**seen, **kept, "run_id": seen.get("run_id") or first.get("run_id"), "states": states}

    def _identity(self, first: Mapping[str, Any]) -> dict[str, Any]:
        """Return how the module finds the run again; one that has no item is known by its id alone."""
        if first.get("item_id"):
            return {"item_id": first["item_id"], "run_id": first["run_id"] or None}
        return {"image": self._task.args.get("image"), "job": self._task.args.get("job"), "run_id": first["run_id"]}

    def _module(self, arguments: dict[str, Any], task_vars: Any, wrap_async: Any = False) -> dict[str, Any]:
        given = {name: value for name, value in arguments.items() if value is not None}
        found: dict[str, Any] = self._execute_module(
            module_name=MODULE, module_args=given, task_vars=task_vars, wrap_async=wrap_async
        )
        return found

    def _show(self, arguments: Mapping[str, Any], seen: Mapping[str, Any], passed: float, more: str = "") -> None:
        if self._task.no_log:
            return
        run = f"run {seen.get('run_id') or '?'} in {arguments.get('queue')}"
        display.display(f"{run}: {seen['state']} after {passed:.0f} s{more}")
