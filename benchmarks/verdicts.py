# SPDX-License-Identifier: GPL-3.0-or-later
"""The goals, and what a measurement says about each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .cases import ROLES
from .figures import BASE, Results

MET, MISSED, BROKEN, ABSENT = "met", "missed", "over the limit", "not measured"


@dataclass(frozen=True)
class Goal:
    """A ratio of two cases, or (without a base) the modules of one. Without a limit it is a trend, not a condition."""

    text: str
    case: str
    base: str | None
    goal: float
    limit: float | None


@dataclass(frozen=True)
class Verdict:
    """A goal with its figure."""

    goal: Goal
    figure: float | None
    state: str


GOALS = (
    Goal("site.yml / empty playbook", "site", BASE, 2.0, 2.5),
    Goal("site.yml / geerlingguy.docker alone", "site", "geerlingguy", 0.25, 0.25),
    Goal("site.yml / the same in pyinfra", "site", "pyinfra", 0.5, 0.5),
    Goal("site.yml / 40 ordinary tasks", "site", "naive", 0.15, None),
    Goal("site.yml --check / site.yml", "check", "site", 1.1, None),
    Goal("site.yml on 4 names / on 1", "site_4", "site", 1.8, None),
    Goal("gpu_info / ansible.builtin.ping", "gpu_info", "ping", 1.3, 1.3),
    Goal("modules on the host, site.yml", "site", None, 2, 2),
    *(Goal(f"modules on the host, role {role} alone", f"role_{role}", None, 1, 1) for role in ROLES),
)


def judge(results: Results, goals: Iterable[Goal] = GOALS) -> list[Verdict]:
    """One verdict for each goal."""
    return [_judge(results, goal) for goal in goals]


def _judge(results: Results, goal: Goal) -> Verdict:
    figure: float | None
    if goal.base is None:
        series = results.series.get(goal.case)
        figure = series.executions if series else None
    else:
        figure = results.ratio(goal.case, goal.base)
    if figure is None:
        return Verdict(goal, None, ABSENT)
    if goal.limit is not None and figure > goal.limit:
        return Verdict(goal, figure, BROKEN)
    return Verdict(goal, figure, MET if figure <= goal.goal else MISSED)


def broken(verdicts: Iterable[Verdict]) -> bool:
    """Whether a hard limit is broken."""
    return any(verdict.state == BROKEN for verdict in verdicts)
