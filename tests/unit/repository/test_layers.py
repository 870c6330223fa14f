# SPDX-License-Identifier: GPL-3.0-or-later
"""Which package may import what. Pure packages know the standard library and themselves; nothing else, nobody else."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UTILS = ROOT / "plugins/module_utils"
ABOVE = {  # package -> packages beside it that it may import (arrows go down and to the right)
    "docker": set(),
    "doctor": {"node"},
    "gpu": set(),
    "launch": set(),
    "nfs": set(),
    "node": {"docker", "gpu", "launch", "minikube", "nfs"},
}
EVERYWHERE = {"lean_dataclass"}  # imports the standard library only
IMPURE = {
    "ctypes",
    "http",
    "os",
    "socket",
    "subprocess",
    "time",
    "urllib.request",
}  # opens files, knows a clock or a network

PURE = [
    pytest.param(path, id=str(path.relative_to(UTILS)))
    for package in ABOVE
    for path in sorted((UTILS / package).rglob("*.py"))
]
TARGET = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in sorted((ROOT / "plugins").rglob("*.py"))]


def imports(path):
    """Return (level, module) of every import, wherever it stands."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.level, f"{node.module}" if node.module else alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", PURE)
def test_pure_packages_import_the_standard_library_and_themselves(path):
    foreign = [
        name for level, name in imports(path) if level == 0 and name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert foreign == []


@pytest.mark.parametrize("path", PURE)
def test_pure_packages_touch_nothing_outside(path):
    assert {name for level, name in imports(path) if level == 0} & IMPURE == set()


@pytest.mark.parametrize("path", PURE)
def test_arrows_go_down_only(path):
    parts = path.relative_to(UTILS).parts
    depth = len(parts) - 1  # level that leaves the package: one dot per folder, and one for module_utils
    outside = {name.split(".")[0] for level, name in imports(path) if level > depth}
    assert outside - ABOVE[parts[0]] - EVERYWHERE == set()


@pytest.mark.parametrize("path", TARGET)
def test_syntax_is_that_of_the_oldest_python_on_targets(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
