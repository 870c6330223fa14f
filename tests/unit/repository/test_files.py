# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that hold for every file of the tree, and for the artifact that is built from it."""

from __future__ import annotations

import ast
import fnmatch
import re
from pathlib import Path

import pytest
import yaml

from tests.env.licences import as_pattern, tracked_files, unlicensed

ROOT = Path(__file__).resolve().parents[3]
FILES = [name for name in tracked_files() if not (ROOT / name).is_symlink()]
LONGEST = 350
# Written by tools, or other people's words.
ANY_LENGTH = re.compile(
    r"^(LICENSE|CHANGELOG\.md|uv\.lock|(roles/[^/]+|tests/lab)/files/.*\.txt|tests/fixtures/.*|docs/docsite/rst/checks.*"
    r"|benchmarks/results\.json|.*\.(sum|svg))$"
)
# Names of machines and folders that exist nowhere else; split, so that this file doesn't name them itself.
FOREIGN = re.compile("|".join(("/wo" + r"rk/(main|scratch|shared)\b", "/ro" + r"ot/\.pyenv", "b-" + "seed-")))


def text_of(name):
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_is_long():
    long = [
        f"{name}: {text_of(name).count(chr(10))}"
        for name in FILES
        if not ANY_LENGTH.match(name) and text_of(name).count("\n") > LONGEST
    ]
    assert long == []


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".py")])
def test_functions_are_short(name):
    functions = [node for node in ast.walk(ast.parse(text_of(name))) if isinstance(node, ast.FunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert {function: lines for function, lines in long.items() if lines > 40} == {}


def test_every_file_states_its_licence():
    assert unlicensed() == []


def test_no_file_names_a_machine():
    assert [name for name in FILES if FOREIGN.search(text_of(name))] == []


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        pytest.param("**/*.json", "a.json", True, id="any-depth-includes-none"),
        pytest.param("**/*.json", "a/b/c.json", True, id="any-depth"),
        pytest.param("tests/fixtures/**", "tests/fixtures/a/b", True, id="whole-folder"),
        pytest.param("docs/*.md", "docs/a/b.md", False, id="one-star-stays-in-its-folder"),
        pytest.param("uv.lock", "sub/uv.lock", False, id="a-plain-path-is-one-file"),
    ],
)
def test_paths_of_reuse(glob, name, matches):
    assert bool(as_pattern(glob).match(name)) is matches


def shipped():
    """Return the tracked files that the build takes, by the rule that ansible-galaxy applies to paths."""
    ignore = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]

    def left_out(name):
        parts = name.split("/")
        paths = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        return any(fnmatch.fnmatch(text, pattern) for text in paths for pattern in ignore)

    return [name for name in FILES if not left_out(name)]


def test_only_the_collection_is_shipped():
    tops = {name.split("/")[0] for name in shipped()}
    wanted = {"LICENSE", "galaxy.yml", "changelogs", "docs", "inventory", "meta", "playbooks", "plugins", "roles"}
    assert tops - {"CHANGELOG.md", "CONTRIBUTING.md", "README.md", "requirements.yml"} == wanted


def test_requirements_are_those_of_the_artifact():
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    needed = yaml.safe_load((ROOT / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert {entry["name"]: entry["version"] for entry in needed} == galaxy


def test_no_sanity_ignore_files():
    assert list((ROOT / "tests/sanity").glob("ignore*")) == []


def test_asserts_of_scenarios_can_fail():
    files = [name for name in FILES if name.startswith("molecule/") and name.endswith(".yml")]
    assert [name for name in files if re.search(r"that: *(true|\[true\])", text_of(name))] == []
