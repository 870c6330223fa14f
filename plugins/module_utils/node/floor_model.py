# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a version floor is made of."""

from __future__ import annotations

from ..lean_dataclass import dataclass


@dataclass(frozen=True)
class Line:
    """The floor of one release line; the prefix is matched on whole dotted parts."""

    prefix: str
    min: str = ""
    unfixed: bool = False
    end_of_life: str = ""


@dataclass(frozen=True)
class Rule:
    """One hole: the floor for all versions, or one per line; other says what a line is that is not listed."""

    min: str = ""
    lines: tuple[Line, ...] = ()
    other: str = ""
    cves: tuple[str, ...] = ()
    action: str = ""
    severity: str = ""
    source: str = ""


@dataclass(frozen=True)
class Functional:
    """A function that the collection relies on, and since when it is there."""

    min: str = ""
    why: str = ""
    action: str = ""
    max_on_cgroup_v1: str = ""
    python_min: str = ""
    since: str = ""


@dataclass(frozen=True)
class Component:
    """A component with all its floors; packages are those of the vendor, oldest the oldest maintained line."""

    name: str
    judge: str = "number"
    action: str = "report"
    packages: tuple[str, ...] = ()
    same_version: bool = False
    rules: tuple[Rule, ...] = ()
    functional: tuple[Functional, ...] = ()
    oldest: str = ""


@dataclass(frozen=True)
class Build:
    """A distribution's build and what its security tracker says of it."""

    distribution: str
    release: str
    package: str
    version: str
    verdict: str
