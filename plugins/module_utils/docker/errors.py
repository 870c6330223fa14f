# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of this package."""

from __future__ import annotations


class DaemonConfigError(ValueError):
    """A configuration that can't be read or merged; line and column are those of its text, counted from 1."""

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        """Remember where the text goes wrong, where that is known."""
        where = "" if line is None else f"line {line} column {column}: "
        super().__init__(where + reason)
        self.reason = reason
        self.line = line
        self.column = column
