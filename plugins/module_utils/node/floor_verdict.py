# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is an installed version below its floor? What a number can't tell is said, never guessed."""

from __future__ import annotations

from ..lean_dataclass import dataclass
from .floor_model import Build, Component, Line, Rule
from .floors import BUILDS, COMPONENTS, DISTRIBUTION_MESSAGE, DISTRIBUTION_VERDICT
from .versions import below, parts

OK = "ok"
BELOW = "below"  # a fixed version exists, or the line gets none
END_OF_LIFE = "end_of_life"
UNVERIFIABLE = "unverifiable"  # a release line or a text that no rule speaks of
UNJUDGED = "unjudged"  # a distribution's build: fixes are backported, the number says nothing
FAIL = "fail"
REPORT = "report"

_WORST_FIRST = (BELOW, END_OF_LIFE, UNVERIFIABLE)


@dataclass(frozen=True)
class Installed:
    """A package as a distribution names and numbers it."""

    distribution: str
    release: str
    package: str
    version: str


@dataclass(frozen=True)
class Hole:
    """One rule that the version breaks or that can't judge it; no floor means that its line gets no fix."""

    state: str
    floor: str
    cves: tuple[str, ...]
    action: str
    text: str


@dataclass(frozen=True)
class FloorVerdict:
    """What all rules of a component say of one version."""

    component: str
    version: str
    state: str
    holes: tuple[Hole, ...] = ()
    text: str = ""

    @property
    def floor(self) -> str:
        """The highest floor that the version misses."""
        return max((hole.floor for hole in self.holes), key=lambda floor: parts(floor) or (), default="")

    @property
    def cves(self) -> tuple[str, ...]:
        """The open holes, each once."""
        return tuple(dict.fromkeys(cve for hole in self.holes if hole.state == BELOW for cve in hole.cves))

    @property
    def action(self) -> str:
        """Whether a converge refuses because of it, or only the doctor reports it."""
        return FAIL if any(hole.action == FAIL for hole in self.holes if hole.state == BELOW) else REPORT


def component(name: str) -> Component:
    """Return a component of the floors.

    Raises:
        KeyError: there is none of that name.
    """
    for entry in COMPONENTS:
        if entry.name == name:
            return entry
    raise KeyError(name)


def judge(
    name: str, version: str, build: Installed | None = None, reviewed: tuple[Build, ...] = BUILDS
) -> FloorVerdict:
    """Return what the floors say of a version.

    Args:
        name: a component of the floors.
        version: the upstream version, as the program or the package tells it.
        build: the package, where a distribution built it; its number is then no ground for a verdict below.
        reviewed: builds that a person has looked up in the distribution's tracker.
    """
    entry = component(name)
    if parts(version) is None:
        return FloorVerdict(name, version, UNVERIFIABLE, text=f"{name} {version!r}: a version that can't be read")
    holes = tuple(hole for hole in [*_holes(entry, version), *_old_line(entry, version)] if hole)
    state = next((worst for worst in _WORST_FIRST if any(hole.state == worst for hole in holes)), OK)
    if state != OK and build is not None:
        return _of_distribution(entry, build, holes, reviewed)
    return FloorVerdict(name, version, state, holes, "; ".join(hole.text for hole in holes))


def _holes(entry: Component, version: str) -> list[Hole | None]:
    return [_hole(entry, rule, version) for rule in entry.rules]


def _hole(entry: Component, rule: Rule, version: str) -> Hole | None:
    if rule.min:
        return _under(entry, rule, rule.min, version)
    line = next((line for line in rule.lines if on_line(version, line.prefix)), None)
    if line is None:
        if rule.other != UNVERIFIABLE:
            return None
        known = ", ".join(line.prefix for line in rule.lines)
        text = f"{_names(rule)}: nothing is known of the line of {version}, only of {known}"
        return Hole(UNVERIFIABLE, "", rule.cves, _action(entry, rule), text)
    if line.unfixed or line.end_of_life:
        return _without_fix(entry, rule, line)
    return _under(entry, rule, line.min, version)


def _under(entry: Component, rule: Rule, floor: str, version: str) -> Hole | None:
    if not below(version, floor):
        return None
    return Hole(BELOW, floor, rule.cves, _action(entry, rule), f"{_names(rule)}: fixed in {floor}")


def _without_fix(entry: Component, rule: Rule, line: Line) -> Hole:
    since = f", end of life since {line.end_of_life}" if line.end_of_life else ""
    state = END_OF_LIFE if line.end_of_life else BELOW
    text = f"{_names(rule)}: line {line.prefix} gets no fix{since}"
    return Hole(state, "", rule.cves, _action(entry, rule), text)


def _old_line(entry: Component, version: str) -> list[Hole]:
    if not entry.oldest or not below(version, entry.oldest):
        return []
    text = f"the line of {version} is no longer maintained, {entry.oldest} is the oldest that is"
    return [Hole(END_OF_LIFE, "", (), REPORT, text)]


def _of_distribution(
    entry: Component, build: Installed, holes: tuple[Hole, ...], reviewed: tuple[Build, ...]
) -> FloorVerdict:
    """Return the verdict of the distribution's tracker, where a person has looked it up."""
    verdict = next((known.verdict for known in reviewed if _same(known, build)), DISTRIBUTION_VERDICT)
    if verdict == "fixed_in":
        return FloorVerdict(entry.name, build.version, OK)
    if verdict == "vulnerable":
        return FloorVerdict(entry.name, build.version, BELOW, holes, "; ".join(hole.text for hole in holes))
    text = DISTRIBUTION_MESSAGE.format(package=build.package, version=build.version)
    return FloorVerdict(entry.name, build.version, UNJUDGED, (), text)


def _same(known: Build, build: Installed) -> bool:
    """Return whether a person's verdict is about this very build: another revision may have another one."""
    place = (build.distribution, build.release, build.package, build.version)
    return (known.distribution, known.release, known.package, known.version) == place


def on_line(version: str, prefix: str) -> bool:
    """Return whether a version belongs to a release line: 1.2.9 is on line 1.2, 1.20 is not."""
    left, right = parts(version) or (), parts(prefix) or ()
    return len(right) > 0 and left[: len(right)] == right


def _names(rule: Rule) -> str:
    return ", ".join(rule.cves) or rule.source


def _action(entry: Component, rule: Rule) -> str:
    return rule.action or entry.action
