# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a program without reading it."""

import hashlib
import os

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import programs
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root, Unreadable

TEXT = b"#!/bin/sh\n"
REAL = "sha256:" + hashlib.sha256(TEXT).hexdigest()


def noted(machine, words, age):
    """A program and a note that is age seconds older than the program's last change."""
    program = machine.write("/bin/tool", TEXT)
    note = machine.write("/bin/tool.sha256", words)
    when = program.stat().st_ctime_ns - int(age * 1e9)
    os.utime(note, ns=(when, when))
    return programs.known(machine.root, "/bin/tool", 5)


def test_a_note_that_is_newer_is_believed_without_a_look(machine, monkeypatch):
    monkeypatch.setattr(programs, "within", None)
    assert noted(machine, "sha256:ab v1.2\n", -1) == ("sha256:ab", "v1.2")
    assert noted(machine, "sha256:ab v1.2\n", 0) == ("sha256:ab", "v1.2")


def test_a_note_that_is_older_counts_where_the_program_is_the_noted_one(machine):
    assert noted(machine, f"{REAL} v1.2\n", 1) == (REAL, "v1.2")


def test_a_program_that_was_replaced_is_known_by_its_hash_alone(machine):
    assert noted(machine, "sha256:ab v1.2\n", 1) == (REAL,)


def test_a_program_that_was_replaced_with_an_old_time_is_noticed(machine):
    program = machine.write("/bin/tool", b"other")
    machine.write("/bin/tool.sha256", f"{REAL} v1.2")
    os.utime(machine.folder / "bin/tool.sha256", (1, 1))
    os.utime(program, (0, 0))
    assert programs.known(machine.root, "/bin/tool", 5) != (REAL, "v1.2")


def test_no_note(machine):
    machine.write("/bin/tool", TEXT)
    assert programs.known(machine.root, "/bin/tool", 5) == (REAL,)


def test_no_program(machine):
    assert programs.known(machine.root, "/bin/tool", 5) is None


def test_a_program_that_nobody_may_look_at(tmp_path):
    with pytest.raises(Unreadable):
        programs.known(Root(str(tmp_path)), "/" + "x" * 300, 5)


def test_a_program_that_is_a_folder(machine):
    machine.mkdir("/bin/tool")
    with pytest.raises(Unreadable):
        programs.known(machine.root, "/bin/tool", 5)
