# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as data, and the figures that follow from it. Pure: no clock, no file."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BASE = "empty"


@dataclass(frozen=True)
class Series:
    """The rounds of one case; modules is None where nothing counts them, by role and module elsewhere.

    tasks: seconds of each task in the rounds that ran it, by its name; empty where nobody looks.
    """

    seconds: Sequence[float]
    cpu: Sequence[float]
    modules: Mapping[str, Mapping[str, int]] | None
    tasks: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def least(self) -> float:
        """Wall time of the quickest round."""
        return min(self.seconds)

    @property
    def middle(self) -> float:
        """Median of the wall times."""
        return statistics.median(self.seconds)

    @property
    def cpu_least(self) -> float:
        """User and system time of the cheapest round, on the controller."""
        return min(self.cpu)

    @property
    def executions(self) -> int | None:
        """How many modules ran on the host."""
        if self.modules is None:
            return None
        return sum(sum(counts.values()) for counts in self.modules.values())

    def shares(self) -> list[tuple[str, float]]:
        """Median seconds of each task, and at last of what is no task: the start of Ansible, reading, the end."""
        found = [(name, statistics.median(values)) for name, values in self.tasks.items()]
        return [*found, ("", self.middle - sum(seconds for dummy, seconds in found))] if found else []

    def to_dict(self) -> dict[str, Any]:
        """The plain form, for the file of results."""
        rounded = {"seconds": self.seconds, "cpu": self.cpu}
        plain: dict[str, Any] = {name: [round(value, 3) for value in values] for name, values in rounded.items()}
        tasks = {name: [round(value, 3) for value in values] for name, values in self.tasks.items()}
        return {**plain, "modules": self.modules, "tasks": tasks}


@dataclass(frozen=True)
class Results:
    """A whole measurement: series by the key of the case, and the conditions as label -> text."""

    series: Mapping[str, Series]
    conditions: Mapping[str, str]
    rounds: int

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Results:
        """Read the plain form."""
        series = {
            key: Series(one["seconds"], one["cpu"], one["modules"], one.get("tasks", {}))
            for key, one in plain["series"].items()
        }
        return cls(series, plain["conditions"], plain["rounds"])

    def to_dict(self) -> dict[str, Any]:
        """The plain form."""
        series = {key: one.to_dict() for key, one in self.series.items()}
        return {"rounds": self.rounds, "conditions": dict(self.conditions), "series": series}

    def ratio(self, key: str, base: str = BASE) -> float | None:
        """Of the minima; None when one of the two was not measured."""
        if key not in self.series or base not in self.series:
            return None
        return self.series[key].least / self.series[base].least

    def paired(self, key: str, base: str = BASE) -> float | None:
        """The median of the ratios inside each round: what a slow moment of the machine does to both cancels out."""
        if key not in self.series or base not in self.series:
            return None
        pairs = zip(self.series[key].seconds, self.series[base].seconds, strict=True)
        return statistics.median(one / other for one, other in pairs)
