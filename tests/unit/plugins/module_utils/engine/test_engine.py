# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's unit, notes and records on a machine of our own making."""

import os
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.due import Pending
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.errors import DaemonConfigError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.record import OwnedLeaf, Record
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine import pending, record
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine.files import write_atomically
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine.service import (
    Unit,
    appeared_at,
    process_start,
    run_bounded,
)


class FakeSystemd:
    """Answers of systemctl, and a list of what was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def __call__(self, command, _deadline):
        self.asked.append(command[1])
        return self.answers.get(command[1], (0, ""))


def test_running_engine_tells_its_start():
    pid = os.getpid()
    systemd = FakeSystemd({"show": (0, f"ActiveState=active\nMainPID={pid}\n")})
    active, since = Unit("docker.service", run=systemd).running_since()
    assert active
    assert 0 <= time.time() - since < 3600


@pytest.mark.parametrize("answer", [(0, "ActiveState=failed\nMainPID=0\n"), (0, ""), (1, "no systemd")])
def test_engine_that_does_not_run(answer):
    assert Unit("docker.service", run=FakeSystemd({"show": answer})).running_since() == (False, None)


def test_a_used_up_start_counter_is_cleared_before_a_start():
    systemd = FakeSystemd({})
    assert Unit("docker.service", run=systemd, units="/nonexistent").change("restart") == (True, "")
    assert systemd.asked == ["show", "reset-failed", "restart"]


@pytest.mark.parametrize(
    ("shown", "read_again"),
    [
        pytest.param("NeedDaemonReload=no\nDropInPaths={0}/a.conf\n", False, id="all-read"),
        pytest.param("NeedDaemonReload=yes\nDropInPaths={0}/a.conf\n", True, id="changed"),
        pytest.param("NeedDaemonReload=no\nDropInPaths=\n", True, id="first-one-in-a-new-folder"),
    ],
)
def test_changed_drop_ins_are_read_before_a_restart(tmp_path, shown, read_again):
    folder = tmp_path / "docker.service.d"
    folder.mkdir()
    (folder / "a.conf").write_text("")
    systemd = FakeSystemd({"show": (0, shown.format(folder))})
    Unit("docker.service", run=systemd, units=str(tmp_path)).change("restart")
    assert systemd.asked == ["show", *(["daemon-reload"] if read_again else []), "reset-failed", "restart"]


def test_a_reload_clears_nothing():
    systemd = FakeSystemd({"reload": (1, "no\n")})
    assert Unit("docker.service", run=systemd).change("reload") == (False, "no")
    assert systemd.asked == ["reload"]


def test_last_words_come_from_the_journal():
    run = FakeSystemd({"--unit=docker.service": (0, "unable to configure\nexit\n")})
    assert Unit("docker.service", run=run).last_words() == ["unable to configure", "exit"]
    assert Unit("docker.service", run=FakeSystemd({"--unit=docker.service": (1, "")})).last_words() == []


def test_programs_are_bounded():
    assert run_bounded(["sleep", "5"], 0.1)[0] == 124
    assert run_bounded(["/nonexistent/program"], 1)[0] == 127
    assert run_bounded(["echo", "x"], 5) == (0, "x\n")


def test_process_and_program_that_are_gone(tmp_path):
    assert process_start(0) is None
    assert appeared_at(str(tmp_path / "none")) is None


def test_program_tells_when_it_came_not_when_it_was_built(tmp_path):
    program = tmp_path / "hook"
    program.write_text("")
    os.utime(program, (1, 1))
    assert appeared_at(str(program)) > 1


def test_note_is_private_and_goes_away(tmp_path):
    run_dir = str(tmp_path / "run")
    note = Pending(programs=("/usr/bin/hook",))
    pending.save(run_dir, note)
    assert pending.load(run_dir) == note
    path = tmp_path / "run" / pending.NAME
    assert path.stat().st_mode & 0o777 == 0o600
    pending.save(run_dir, Pending())
    pending.save(run_dir, Pending())
    assert not path.exists()
    assert pending.load(run_dir) == Pending()


def test_broken_note_counts_as_none(tmp_path):
    (tmp_path / pending.NAME).write_text("{")
    assert pending.load(str(tmp_path)) == Pending()


def test_record_is_private_and_goes_away(tmp_path):
    record_dir = str(tmp_path / "records")
    owned = Record((OwnedLeaf(("debug",), True),), "{}")
    assert record.load(record_dir, "me") is None
    record.save(record_dir, "me", owned)
    assert record.load(record_dir, "me") == owned
    assert (tmp_path / "records" / "me.json").stat().st_mode & 0o777 == 0o600
    record.save(record_dir, "me", Record())
    record.save(record_dir, "me", Record())
    assert record.load(record_dir, "me") is None


def test_broken_record_is_named(tmp_path):
    (tmp_path / "me.json").write_text("{")
    with pytest.raises(DaemonConfigError, match=r"me\.json can't be read"):
        record.load(str(tmp_path), "me")


def test_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_text("")
    with pytest.raises(OSError, match="folder"):
        write_atomically(str(tmp_path / "folder"), b"x", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(str(tmp_path / "file"), b"x", 0o600)
    assert list(tmp_path.iterdir()) == []
