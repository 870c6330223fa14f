# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .cases import CASES, GROUPS
from .figures import BASE, Results
from .verdicts import Verdict

INTRODUCTION = """\
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by `make bench`; don't edit. -->

# Benchmarks

What a run costs when there is nothing to do: the run that people repeat, from cron, in CI, before each change.
`make bench` measures it on the [lab host](docsite/rst/lab.rst) and writes this page.

![Wall time of each run as a multiple of an empty playbook](images/benchmarks.svg)
"""
METHOD = """\
## How it is measured

- One round runs every variant once, in an order that changes from round to round; the table shows the minimum and the
  median over the rounds. Seconds depend on the machine and its load; **ratios inside one measurement** are what counts.
  *Paired* is the median of the ratios within each round.
- Every variant is run once before, unmeasured. A run that changes something, or ends otherwise than it should, ends the
  measurement.
- CPU is user and system time of the command and its children on the controller; the lab host shares its cores.
- Modules are executions on the host, counted where Ansible sends them off (`benchmarks/callback/remote_modules.py`):
  those that `template`, `copy` or `package` run behind the scenes count, retries and loop items too; what runs on the
  controller doesn't. With several names the count is the sum over all of them.
- Ansible's shared SSH connection is open before each of its runs, but for the line that says otherwise; pyinfra opens
  its own each time.
- *Several names* are inventory names of one and the same lab host, each with an SSH connection of its own. Sixteen
  machines would share the controller, but not the host's cores and disk: real sites do better than these lines.
- geerlingguy.docker runs with its documented variables set so that it leaves the host's engine alone
  (`benchmarks/vars/geerlingguy.yml`); it does a part of what `site.yml` does. Its source, a folder of that name, is
  taken from `GEERLINGGUY_DOCKER`; without it the line is left out.
- pyinfra and the 40 ordinary tasks (`benchmarks/pyinfra_deploy.py`, `benchmarks/playbooks/naive.yml`) keep the end
  state of all five roles.
- A goal without a limit is a trend. A figure over its limit makes `make bench` fail.
"""


def rows(lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first line is its head."""
    head, *body = lines
    text = [head, ["---"] * len(head), *body]
    return "".join("| " + " | ".join(line) + " |\n" for line in text)


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def runs(results: Results) -> str:
    """One line for each case that was measured, by groups."""
    lines: list[Sequence[str]] = [("run", "min s", "median s", "CPU s", "x empty", "paired", "modules on the host")]
    for group in GROUPS:
        members = [case for case in CASES if case.group == group and case.key in results.series]
        if members:
            lines.append((f"**{group}**", *[""] * 6))
        for case in members:
            one = results.series[case.key]
            modules = "not counted" if one.executions is None else str(one.executions)
            times = (_number(one.least), _number(one.middle), _number(one.cpu_least))
            ratios = (_number(results.ratio(case.key), 1), _number(results.paired(case.key), 1))
            lines.append((case.title, *times, *ratios, modules))
    return rows(lines)


def judgement(verdicts: Iterable[Verdict]) -> str:
    """One line for each goal."""
    lines: list[Sequence[str]] = [("figure", "goal", "limit", "measured", "verdict")]
    for verdict in verdicts:
        goal = verdict.goal
        figure = _number(verdict.figure, 0 if goal.base is None else 2)
        limit = "" if goal.limit is None else f"{goal.limit:g}"
        lines.append((goal.text, f"<= {goal.goal:g}", limit, figure, verdict.state))
    return rows(lines)


def modules(results: Results, key: str = "site") -> str:
    """Which modules a case runs on the host, role by role: where the time of a run goes."""
    counts = results.series[key].modules if key in results.series else None
    if not counts:
        return ""
    lines: list[Sequence[str]] = [("role", "modules")]
    for role, found in counts.items():
        names = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        lines.append((role, ", ".join(name if number == 1 else f"{name} {number}" for name, number in names)))
    return rows(lines)


def tasks(results: Results, key: str = "site") -> str:
    """What each task of a case costs, beside all that is no task."""
    series = results.series.get(key)
    if series is None or not series.tasks:
        return ""
    lines: list[Sequence[str]] = [("task", "median s", "x empty")]
    base = results.series[BASE].middle if BASE in results.series else None
    for name, seconds in series.shares():
        what = name or "no task: start of Ansible, reading the playbook and the roles, the end"
        lines.append((what, _number(seconds), _number(seconds / base) if base else ""))
    return rows(lines)


def write(results: Results, verdicts: Sequence[Verdict]) -> str:
    """The whole page."""
    conditions = rows([("condition", ""), *results.conditions.items()])
    reached, spent = modules(results), tasks(results)
    parts = [
        INTRODUCTION,
        f"## Goals\n\n{judgement(verdicts)}",
        f"## Runs\n\n{runs(results)}",
        f"## What `site.yml` runs on the host\n\n{reached}" if reached else "",
        f"## Where the time of `site.yml` goes\n\n{spent}" if spent else "",
        f"## Conditions\n\n{conditions}",
        METHOD,
    ]
    return "\n".join(part for part in parts if part)
