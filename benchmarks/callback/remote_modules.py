# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback: counts what reaches the hosts, by role and module, and writes it as JSON to $REMOTE_MODULES_FILE."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: remote_modules
type: aggregate
short_description: Counts the modules that reach the hosts, by role and module
description:
  - Counts executions, not tasks. A C(template) that writes nothing runs C(stat) and C(file) on the host; a C(package)
    may gather facts first; each retry and each item of a loop is one more.
  - What runs on the controller, by the local connection, does not count.
  - The file of the variable E(REMOTE_MODULES_FILE) gets the sums as JSON, roles first, modules below them.
"""

WITHOUT_A_MODULE = ("raw", "script")  # reach the host, but run no module there


def role_of(task: Any) -> str:
    """The name of a task's role, without its collection."""
    return str(task._role.get_name(include_role_fqcn=False)) if task._role else "playbook"


def spy(lines: Path) -> None:
    """Have each execution of a module leave a line in a file.

    Which modules an action plugin runs on the host is decided in a worker process, and no callback is told. Workers
    are forked from this process, so they have the changed method; lines this short are appended as a whole.
    """
    original = ActionBase._execute_module

    def counted(self: Any, module_name: Any = None, *args: Any, **kwargs: Any) -> Any:
        if self._connection.transport != "local":
            name = str(module_name or self._task.action).rpartition(".")[2]
            with lines.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([role_of(self._task), name]) + "\n")
        return original(self, module_name, *args, **kwargs)

    setattr(ActionBase, "_execute_module", counted)  # noqa: B010 - an assignment is refused by the type checker


def sums(text: str) -> dict[str, dict[str, int]]:
    """Count the lines by role and module."""
    found: dict[str, Counter[str]] = {}
    for line in text.splitlines():
        role, module = json.loads(line)
        found.setdefault(role, Counter())[module] += 1
    return {role: dict(counts) for role, counts in found.items()}


class CallbackModule(CallbackBase):
    """Counts executions of modules on hosts."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "remote_modules"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Start at zero."""
        super().__init__()
        self.target = os.environ.get("REMOTE_MODULES_FILE", "")
        self.lines = Path(f"{self.target}.lines")
        if self.target:
            self.lines.write_text("", encoding="utf-8")
            spy(self.lines)

    def _without_module(self, result: Any) -> None:
        task = result._task
        name = task.action.rpartition(".")[2]
        if self.target and name in WITHOUT_A_MODULE:
            with self.lines.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([role_of(task), name]) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        """Count a raw task; the items of a loop were counted before."""
        if not result._task.loop:
            self._without_module(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Count a raw task that failed."""
        self.v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Count an item."""
        self._without_module(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Count an item that failed."""
        self._without_module(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the sums."""
        if self.target:
            found = sums(self.lines.read_text(encoding="utf-8"))
            Path(self.target).write_text(json.dumps(found), encoding="utf-8")
            self.lines.unlink()
