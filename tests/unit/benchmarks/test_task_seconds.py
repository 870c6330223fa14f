# SPDX-License-Identifier: GPL-3.0-or-later
"""A real playbook: what counts is which events Ansible tells."""

from __future__ import annotations

import json
import os
import subprocess

from benchmarks import paths

PLAY = """\
- name: Test
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Wait
      ansible.builtin.pause:
        seconds: 1
    - name: Say
      ansible.builtin.debug:
        msg: said
    - name: Skip
      ansible.builtin.debug:
        msg: said
      when: false
    - name: Say
      ansible.builtin.debug:
        msg: said again
"""


def test_each_task_is_timed_until_the_next_one(tmp_path):
    book, target = tmp_path / "play.yml", tmp_path / "tasks.json"
    book.write_text(PLAY, encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACK_PLUGINS": str(paths.HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
        "TASK_SECONDS_FILE": str(target),
    }
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(book)]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    found = json.loads(target.read_text(encoding="utf-8"))
    assert list(found) == ["Wait", "Say", "Skip"]
    assert found["Wait"] >= 1
    assert all(0 < found[name] < found["Wait"] for name in ("Say", "Skip"))
