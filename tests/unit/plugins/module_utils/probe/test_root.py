# SPDX-License-Identifier: GPL-3.0-or-later
"""Files below a root."""

import os

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root, Unreadable


def test_the_real_machine_and_a_folder():
    assert Root().path("/etc/x") == "/etc/x"
    assert Root("/image").path("/etc/x") == "/image/etc/x"
    assert Root().real
    assert not Root("/image").real


def test_absent_is_none(machine):
    machine.write("/etc/file", "x")
    assert machine.root.read("/etc/none") is None
    assert machine.root.read("/etc/file/below") is None
    assert machine.root.line("/etc/none") is None
    assert machine.root.names("/none") is None
    assert machine.root.names("/etc/file") is None
    assert machine.root.link("/etc/file") is None


def test_text_and_first_line(machine):
    machine.write("/etc/file", b"one \xff\ntwo\n")
    assert machine.root.read("/etc/file") == "one �\ntwo\n"
    assert machine.root.line("/etc/file") == "one �"


@pytest.mark.parametrize("kind", ["directory", "fifo"])
def test_what_is_no_file_is_unreadable_and_never_blocks(machine, kind):
    place = machine.folder / "thing"
    os.mkdir(place) if kind == "directory" else os.mkfifo(place)
    with pytest.raises(Unreadable, match="/thing"):
        machine.root.read("/thing")


def test_large_files_are_refused(machine):
    machine.write("/big", b"x" * 11)
    assert machine.root.read("/big", limit=11) is not None
    with pytest.raises(Unreadable, match="larger than 10 bytes"):
        machine.root.read("/big", limit=10)


def test_no_access_is_unreadable(machine):
    machine.link("/loop", "loop")
    with pytest.raises(Unreadable, match="/loop: Too many levels"):
        machine.root.read("/loop")
    with pytest.raises(Unreadable, match="/loop: Too many levels"):
        machine.root.names("/loop")
    assert machine.root.exists("/loop")


def test_files_of_the_kernel_that_refuse_large_buffers():
    assert Root().line("/proc/sys/kernel/osrelease") == os.uname().release
