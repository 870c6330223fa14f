# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a config, its variables or a run; the border to Ansible translates these two."""

from __future__ import annotations


class LaunchInputError(ValueError):
    """An input that breaks its declaration. The text starts with the path of the bad value."""

    def __init__(self, path: str, problem: str) -> None:
        """Keep the path and the problem apart for callers that list them."""
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


class Refused(Exception):
    """The agent would fail the queue item; nothing would be posted."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep the path and the reason; the text names both."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
