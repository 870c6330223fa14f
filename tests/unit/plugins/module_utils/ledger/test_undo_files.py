# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and directories, put back as they were."""

import os
import stat

import pytest

from .machines import file, kept, record, undone


def test_new_files_go_and_old_ones_return(box):
    box.write("/etc/old", "theirs")
    record(box, file("/etc/old"), file("/etc/new"))
    box.write("/etc/old", "ours")
    box.write("/etc/new", "ours")
    result = box.undo()
    assert sorted(undone(result)) == ["/etc/new", "/etc/old"]
    assert box.path("/etc/old").read_text() == "theirs"
    assert not box.path("/etc/new").exists()
    assert not box.undo()["changed"]


def test_a_file_that_somebody_else_changed_stays_and_keeps_its_entry(box):
    record(box, file("/etc/new"))
    box.write("/etc/new", "ours")
    assert box.ledger().written(None)["changed"]
    box.write("/etc/new", "theirs")
    result = box.undo()
    assert kept(result) == {"/etc/new": "somebody else changed it since"}
    assert result["warnings"] == ["file /etc/new is kept: somebody else changed it since"]
    assert (result["failures"], result["changed"]) == ([], False)
    assert box.path("/etc/new").read_text() == "theirs"
    box.write("/etc/new", "ours")
    assert undone(box.undo()) == ["/etc/new"]


def test_whatever_this_collection_left_behind_counts_as_its_own(box):
    record(box, file("/etc/daemon.json"))
    box.write("/etc/daemon.json", "docker")
    assert box.ledger().written("docker")["changed"]
    box.write("/etc/daemon.json", "docker and toolkit")
    assert box.ledger().written("docker")["changed"]
    assert not box.ledger().written("docker")["changed"]
    box.write("/etc/daemon.json", "docker")
    assert undone(box.undo()) == ["/etc/daemon.json"]


def test_a_file_that_was_removed_since_stays_removed(box):
    box.write("/etc/old", "theirs")
    record(box, file("/etc/old"))
    box.write("/etc/old", "ours")
    box.ledger().written("docker")
    box.path("/etc/old").unlink()
    assert kept(box.undo()) == {"/etc/old": "it was removed since"}


def test_a_file_that_the_role_itself_removed_returns(box):
    box.write("/etc/old", "theirs")
    record(box, file("/etc/old"))
    box.path("/etc/old").unlink()
    box.ledger().written("docker")
    assert undone(box.undo()) == ["/etc/old"]
    assert box.path("/etc/old").read_text() == "theirs"


def test_check_mode_names_what_would_go(box):
    record(box, file("/etc/new"), {"kind": "directory", "subject": "/etc/folder"}, file("/etc/folder/x"))
    box.write("/etc/new", "ours")
    box.write("/etc/folder/x", "ours")
    assert undone(box.undo(check_mode=True)) == ["/etc/folder/x", "/etc/new", "/etc/folder"]
    assert box.path("/etc/new").exists()
    assert undone(box.undo()) == ["/etc/folder/x", "/etc/new", "/etc/folder"]


def test_links(box):
    os.symlink("target", box.path("/link"))
    record(box, file("/link"), file("/new"))
    box.path("/link").unlink()
    box.write("/link", "ours")
    os.symlink("x", box.path("/new"))
    box.ledger().written("docker")
    assert undone(box.undo()) == ["/new", "/link"]
    assert os.readlink(box.path("/link")) == "target"
    assert not os.path.lexists(box.path("/new"))


def test_mode_alone_is_put_back(box):
    place = box.write("/etc/x", "same")
    place.chmod(0o600)
    record(box, file("/etc/x", secret=True))
    place.chmod(0o644)
    assert undone(box.undo()) == ["/etc/x"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda box: (box.path("/etc/x").unlink(), box.path("/etc/x").mkdir()), "a directory is in its place"),
        (lambda box: (box.path("/etc/x").unlink(), box.path("/etc").rmdir()), "its directory is gone"),
    ],
    ids=["directory", "parent-gone"],
)
def test_files_that_cannot_return(box, arrange, reason):
    box.write("/etc/x", "theirs")
    record(box, file("/etc/x"))
    arrange(box)
    assert kept(box.undo()) == {"/etc/x": reason}


def test_a_failure_costs_only_its_own_entry(box, monkeypatch):
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import restore

    record(box, file("/etc/a"), file("/etc/b"))
    box.write("/etc/a", "ours")
    box.write("/etc/b", "ours")
    real = os.unlink

    def refuse(path):
        if str(path).endswith("/b"):
            raise PermissionError(1, "Operation not permitted")
        real(path)

    monkeypatch.setattr(restore.os, "unlink", refuse)
    result = box.undo()
    assert undone(result) == ["/etc/a"]
    assert "Operation not permitted" in kept(result)["/etc/b"]
    assert len(result["failures"]) == 1


def test_a_full_disk_keeps_what_is_there(box, monkeypatch):
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import restore

    box.write("/etc/x", "theirs")
    record(box, file("/etc/x"))
    box.write("/etc/x", "ours")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(restore.os, "fchown", lambda *_: full(0))
        assert "No space left" in kept(box.undo())["/etc/x"]
    assert os.listdir(box.path("/etc")) == ["x"]
    assert box.path("/etc/x").read_text() == "ours"
    assert undone(box.undo()) == ["/etc/x"]


def folder(name, **extra):
    return {"kind": "directory", "subject": name, **extra}


def test_directories_go_deepest_first_and_only_when_empty(box):
    record(box, folder("/srv/a"), folder("/srv/a/b"), folder("/srv/full"))
    box.path("/srv/a/b").mkdir(parents=True)
    for number in range(7):
        box.write(f"/srv/full/{number}", "theirs")
    result = box.undo()
    assert undone(result) == ["/srv/a/b", "/srv/a"]
    assert kept(result) == {"/srv/full": "it is not empty: 0, 1, 2, 3, 4 and 2 more"}


@pytest.mark.parametrize(
    "entry", [folder("/opt/x/v", tree=True), {"kind": "venv", "subject": "/opt/x/v"}], ids=["tree", "venv"]
)
def test_trees_of_the_collection_go_whole(box, entry):
    record(box, entry)
    box.write("/opt/x/v/lib/x.py", "ours")
    assert undone(box.undo()) == ["/opt/x/v"]
    assert not box.path("/opt/x/v").exists()


def test_trees_with_mounts_stay(box):
    record(box, folder("/opt/x", tree=True))
    box.write("/opt/x/a", "ours")
    box.write("/proc/self/mountinfo", f"36 35 98:0 / {box.path('/opt/x')}/with\\040blank rw - ext4 /dev/x rw\nodd\n")
    assert "mounted there" in kept(box.undo())["/opt/x"]


def test_a_directory_that_was_there_gets_its_mode_back(box):
    place = box.path("/srv/data")
    place.mkdir(parents=True)
    place.chmod(0o750)
    record(box, folder("/srv/data"))
    place.chmod(0o777)
    assert undone(box.undo()) == ["/srv/data"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o750


def test_directories_that_are_gone_or_replaced(box):
    box.path("/srv/was").mkdir(parents=True)
    record(box, folder("/srv/was"), folder("/srv/new"), folder("/srv/link"))
    box.path("/srv/was").rmdir()
    os.symlink("elsewhere", box.path("/srv/link"))
    assert kept(box.undo()) == {"/srv/was": "it was removed since", "/srv/link": "something else is in its place"}


def test_directories_of_the_system_are_never_removed():
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.restore import Keep, directory_due

    entry = folder("/opt", tree=True, earlier={"state": "absent"})
    for path in ("/opt", "/usr/local", "/var/lib", "/tmp"):
        with pytest.raises(Keep, match="shared"):
            directory_due(entry, path, "", set())
