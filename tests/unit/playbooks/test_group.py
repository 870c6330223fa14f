# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that reaches no machine must never end as a success."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FIRST = (ROOT / "playbooks/site.yml").read_text(encoding="utf-8").split("\n\n- name: ")[0].split("- name: ", 1)[1]
PLAY = """\
- name: {first}
- name: Change something
  hosts: gpu_node
  gather_facts: false
  tasks:
    - name: Say so
      ansible.builtin.debug:
        msg: reached
"""


def play(tmp_path, inventory, *arguments):
    hosts, book = tmp_path / "hosts.yml", tmp_path / "play.yml"
    hosts.write_text(inventory, encoding="utf-8")
    first = FIRST.replace("tasks/group.yml", str(ROOT / "playbooks/tasks/group.yml"))
    book.write_text(PLAY.format(first=first), encoding="utf-8")
    command = ["ansible-playbook", str(book), "-i", str(hosts), *arguments]
    env = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)


@pytest.mark.parametrize(
    ("inventory", "arguments", "found"),
    [
        pytest.param("all: {}", [], "Found: 0 host(s)", id="empty-inventory"),
        pytest.param("all: {hosts: {a: }}", [], "Found: 0 host(s)", id="no-such-group"),
        pytest.param("all: {hosts: {a: }, children: {gpu_node: }}", [], "Found: 0 host(s)", id="empty-group"),
        pytest.param("all: {children: {gpu_nodes: {hosts: {a: }}}}", [], "Found: 0 host(s)", id="other-name"),
        pytest.param(
            "all: {hosts: {b: }, children: {gpu_node: {hosts: {a: }}}}", ["--limit", "b"], "limit b", id="limited-away"
        ),
    ],
)
def test_refused_with_the_name_to_use(tmp_path, inventory, arguments, found):
    run = play(tmp_path, inventory, *arguments)
    assert run.returncode != 0
    assert "No host in group gpu_node takes part in this run" in run.stdout
    assert found in run.stdout
    assert "inventory/hosts.yml" in run.stdout
    assert "reached" not in run.stdout


@pytest.mark.parametrize(
    ("arguments", "looked"),
    [pytest.param([], False, id="all"), pytest.param(["--limit", "a"], True, id="limited-to-one-of-the-group")],
)
def test_accepted(tmp_path, arguments, looked):
    inventory = "all: {hosts: {b: }, children: {gpu_node: {hosts: {a: {ansible_connection: local}}}}}"
    run = play(tmp_path, inventory, *arguments)
    assert run.returncode == 0, run.stdout
    assert "reached" in run.stdout
    assert ("TASK [Group | Refuse" in run.stdout) is looked  # without a limit the group says enough: no task is spent
    assert "WARNING" not in run.stderr


@pytest.mark.parametrize("name", ["doctor", "submit", "teardown", "verify"])
def test_the_other_playbooks_look_in_any_case(name):
    text = (ROOT / f"playbooks/{name}.yml").read_text(encoding="utf-8")
    assert "hosts: all:localhost" in text
    assert "import_tasks: tasks/group.yml" in text
