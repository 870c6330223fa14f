# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a text, and where."""

from __future__ import annotations


class TextError(ValueError):
    """A text that must not be read on; line and column count from 1, 0 means no position."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        """Put the position in front of the problem."""
        super().__init__(f"line {line}, column {column}: {problem}" if line else problem)
        self.problem = problem
        self.line = line
        self.column = column


class ReaderMissing(ImportError):
    """YAML text was given, and PyYAML is not there."""


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
