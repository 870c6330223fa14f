# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback: how long each task of a run took on the clock, as JSON in $TASK_SECONDS_FILE."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: task_seconds
type: aggregate
short_description: Times the tasks of a run
description:
  - A task lasts until the next one begins, on all hosts together. Tasks of one name are added up.
  - The file of the variable E(TASK_SECONDS_FILE) gets seconds by the name of the task.
"""


class CallbackModule(CallbackBase):
    """Times tasks."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_seconds"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Know no task yet."""
        super().__init__()
        self.seconds: dict[str, float] = {}
        self.current = ""
        self.began = 0.0

    def _next(self, name: str) -> None:
        now = time.monotonic()
        if self.current:
            self.seconds[self.current] = self.seconds.get(self.current, 0.0) + now - self.began
        self.current, self.began = name, now

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """End the task before it."""
        self._next(task.get_name())

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """End the last task, and write."""
        self._next("")
        target = os.environ.get("TASK_SECONDS_FILE")
        if target:
            Path(target).write_text(json.dumps(self.seconds), encoding="utf-8")
