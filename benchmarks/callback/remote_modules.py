# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback: counts what reaches the host, role by role, and writes it as JSON to $REMOTE_MODULES_FILE at the end."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: remote_modules
type: aggregate
short_description: Counts the modules that reach the hosts, role by role
description: Loop items count one by one; actions that run on the controller alone don't count.
"""

ON_THE_CONTROLLER = {
    "add_host", "assert", "debug", "fail", "group_by", "import_playbook", "import_role", "import_tasks", "include_role",
    "include_tasks", "include_vars", "meta", "pause", "set_fact", "set_stats", "validate_argument_spec",
}  # fmt: skip


class CallbackModule(CallbackBase):
    """Counts results."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "remote_modules"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Start at zero."""
        super().__init__()
        self.counts: Counter[str] = Counter()

    def _count(self, result: Any) -> None:
        task = result._task
        if task.action.rpartition(".")[2] in ON_THE_CONTROLLER or task.delegate_to == "localhost":
            return
        role = task._role.get_name() if task._role else "playbook"
        self.counts[role.rpartition(".")[2]] += 1

    def v2_runner_on_ok(self, result: Any) -> None:
        """Count a task; the items of a loop were counted before."""
        if not result._task.loop:
            self._count(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Count a task that failed."""
        self.v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Count an item."""
        self._count(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Count an item that failed."""
        self._count(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the sums."""
        path = os.environ.get("REMOTE_MODULES_FILE")
        if path:
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(self.counts, stream)
