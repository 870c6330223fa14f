# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and filters as users meet them: in a playbook, run by ansible-playbook, on this machine."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Played:
    """What a play said: exit status, all output, the result of each task by its name."""

    rc: int
    output: str
    results: Mapping[str, Any]

    def __getitem__(self, task: str) -> Any:
        """The result of one task."""
        return self.results[task]


def run_play(folder: Path, tasks: Sequence[Mapping[str, Any]], *arguments: str, **variables: Any) -> Played:
    """Run tasks on localhost; `arguments` go to ansible-playbook."""
    book = folder / "play.yml"
    known = {"ansible_python_interpreter": sys.executable, **variables}
    one = {"name": "Test", "hosts": "localhost", "gather_facts": False, "vars": known, "tasks": list(tasks)}
    book.write_text(json.dumps([one]), encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-c", "local", str(book), *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    output = done.stdout + done.stderr
    start = done.stdout.find("{\n")  # -vvv and plugins write lines before the document
    assert start >= 0, output
    document, _ = json.JSONDecoder().raw_decode(done.stdout[start:])
    found = {task["task"]["name"]: task["hosts"]["localhost"] for task in document["plays"][0]["tasks"]}
    return Played(done.returncode, output, found)


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Played]:
    """Run tasks on localhost in a folder of this test."""
    return functools.partial(run_play, tmp_path)
