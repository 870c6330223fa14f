# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel settings of the whole machine: saved once, and only what changed since is written back."""

from __future__ import annotations

import pytest

from tests.lab import config, sysctls


@pytest.fixture
def proc(tmp_path, monkeypatch):
    """A /proc/sys with two of the settings, and a run folder."""
    root = tmp_path / "sys"
    monkeypatch.setattr(sysctls, "ROOT", root)
    monkeypatch.setattr(config, "RUN_DIR", tmp_path)
    for name in ("vm", "kernel"):
        (root / name).mkdir(parents=True)
    (root / "vm/overcommit_memory").write_text("0\n")
    (root / "kernel/panic").write_text("1\n")
    return root


def test_only_what_this_kernel_has_is_read(proc):
    assert sysctls.read() == {"vm/overcommit_memory": "0", "kernel/panic": "1"}


def test_what_changed_is_written_back_and_nothing_else(proc):
    sysctls.remember()
    (proc / "vm/overcommit_memory").write_text("1\n")
    (proc / "kernel/panic").chmod(0o644)
    untouched = (proc / "kernel/panic").stat().st_mtime_ns
    assert sysctls.changed() == {"vm/overcommit_memory": ("0", "1")}
    sysctls.restore()
    assert (proc / "vm/overcommit_memory").read_text() == "0"
    assert (proc / "kernel/panic").stat().st_mtime_ns == untouched
    assert sysctls.changed() == {}


def test_a_second_start_keeps_the_first_record(proc):
    sysctls.remember()
    (proc / "kernel/panic").write_text("10\n")
    sysctls.remember()
    assert sysctls.changed() == {"kernel/panic": ("1", "10")}


@pytest.mark.parametrize("record", [None, "", "[]", '{"kernel/panic": "0", "no/such": "1"'])
def test_without_a_record_nothing_is_written(proc, record):
    if record is not None:
        sysctls.saved_path().write_text(record, encoding="utf-8")
    sysctls.restore()
    assert (proc / "kernel/panic").read_text() == "1\n"


def test_a_setting_that_the_lab_does_not_know_is_never_written(proc):
    (proc / "kernel/hostname").write_text("here\n")
    sysctls.saved_path().write_text('{"kernel/hostname": "there"}', encoding="utf-8")
    sysctls.restore()
    assert (proc / "kernel/hostname").read_text() == "here\n"


def test_what_came_later_is_left_alone(proc):
    sysctls.remember()
    (proc / "net/netfilter").mkdir(parents=True)
    (proc / "net/netfilter/nf_conntrack_max").write_text("5\n")  # the module was loaded meanwhile
    assert sysctls.changed() == {}
