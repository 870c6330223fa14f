# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects facts that could not be read, so that one of them never costs the others."""

from __future__ import annotations

from typing import Callable, TypeVar

from ..node.model import Unknown
from .root import Unreadable

T = TypeVar("T")


class Seen:
    """Runs probes and keeps the reasons of those that failed."""

    def __init__(self) -> None:
        """Start with nothing unknown."""
        self._unknown: list[Unknown] = []

    def fact(self, name: str, probe: Callable[[], T | None]) -> T | None:
        """Return what a probe answers; None and a reason when it can't."""
        try:
            return probe()
        except Unreadable as error:
            self.unknown(name, str(error))
        except (OSError, ValueError) as error:
            self.unknown(name, f"{type(error).__name__}: {error}")
        return None

    def unknown(self, name: str, reason: str) -> None:
        """Note a fact that could not be read."""
        self._unknown.append(Unknown(name, reason))

    @property
    def missing(self) -> tuple[Unknown, ...]:
        """Everything that could not be read."""
        return tuple(self._unknown)
