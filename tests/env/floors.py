# SPDX-License-Identifier: GPL-3.0-or-later
"""Write plugins/module_utils/node/floors.py from floors.yml: data files don't travel to a target, Python does."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/env/floors.yml"
TARGET = ROOT / "plugins/module_utils/node/floors.py"
HEAD = '''\
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version floors; written by `python3 -m tests.env.floors` from tests/env/floors.yml, never by hand."""

from __future__ import annotations

from .floor_model import Build, Component, Functional, Line, Rule

'''
# What the verdicts use of each entry, in the order of the dataclasses; the rest of the file is for people.
LINE = ("prefix", "min", "unfixed", "end_of_life")
RULE = ("min", "lines", "other", "cves", "action", "severity", "source")
FUNCTIONAL = ("min", "why", "action", "max_on_cgroup_v1", "python_min", "from")
COMPONENT = ("name", "judge", "action", "packages", "same_version", "rules", "functional", "oldest")
BUILD = ("distribution", "release", "package", "version", "verdict")
# Known and left out: a key that nobody knows is a mistake in the file.
FOR_PEOPLE = {"advisories", "affects", "images", "notes", "score", "seen", "source_date", "supported_minors", "why"}
RENAMED = {"from": "since"}


def arguments(entry: Mapping[str, Any], names: tuple[str, ...], where: str) -> list[str]:
    """Return the arguments of a constructor; what is empty is left to its default."""
    unknown = sorted(set(entry) - set(names) - FOR_PEOPLE)
    if unknown:
        raise SystemExit(f"{where}: unknown key {unknown[0]}")
    return [f"{RENAMED.get(name, name)}={shown(entry[name], where)}" for name in names if entry.get(name)]


def shown(value: Any, where: str) -> str:
    """Return a value as Python source; only text, lists of text and ready source may be there."""
    if isinstance(value, Source) or value is True:
        return str(value)
    if isinstance(value, list):
        inner = ", ".join(shown(item, where) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if not isinstance(value, str):
        raise SystemExit(f"{where}: {value!r} must be quoted text")
    return repr(value)


class Source(str):
    """Text that is Python already."""


def built(kind: str, entry: Mapping[str, Any], names: tuple[str, ...], where: str) -> Source:
    """Return the call that makes one entry."""
    return Source(f"{kind}({', '.join(arguments(entry, names, where))})")


def rule(entry: Mapping[str, Any], where: str) -> Source:
    """Return one rule."""
    lines = [built("Line", line, LINE, f"{where}.lines") for line in entry.get("lines", [])]
    return built("Rule", {**entry, "lines": lines}, RULE, where)


def component(entry: Mapping[str, Any]) -> Source:
    """Return one component."""
    where = str(entry["name"])
    rules = [rule(item, where) for item in entry["rules"]]
    # pass_flag, when and note are told to people and obeyed by the roles; they judge no number.
    judged = [item for item in entry.get("functional", []) if not {"pass_flag", "when", "note"} & set(item)]
    functional = [built("Functional", item, FUNCTIONAL, where) for item in judged]
    oldest = entry.get("supported_minors", {}).get("min")
    return built("Component", {**entry, "rules": rules, "functional": functional, "oldest": oldest}, COMPONENT, where)


def rendered() -> str:
    """Return the whole file as it must be."""
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    builds = data["distribution_packages"]
    text = HEAD + f"AS_OF = {data['as_of']!r}\nREVIEW_AFTER_DAYS = {data['review_after_days']}\n"
    message = " ".join(repr(line) for line in textwrap.wrap(builds["message"], 100, drop_whitespace=False))
    text += f"DISTRIBUTION_MESSAGE = ({message})\nDISTRIBUTION_VERDICT = {builds['default']!r}\n"
    entries = [built("Build", entry, BUILD, "distribution_packages") for entry in builds["entries"]]
    text += f"BUILDS: tuple[Build, ...] = {shown(entries, '')}\n"
    text += f"COMPONENTS: tuple[Component, ...] = {shown([component(entry) for entry in data['components']], '')}\n"
    command = [sys.executable, "-m", "ruff", "format", "--no-cache", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True, cwd=ROOT).stdout


if __name__ == "__main__":
    TARGET.write_text(rendered(), encoding="utf-8")
