# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording what is there, and playing it back."""

import base64
import json
import os
import stat

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import earlier
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import LedgerError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Unit

from .machines import Box


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def file(name, **extra):
    return {"kind": "file", "subject": name, **extra}


def record(box, *entries, role="docker"):
    return box.ledger().record(role, list(entries))


def kept(result):
    return {item["subject"]: item["reason"] for item in result["kept"]}


def undone(result):
    return [item["subject"] for item in result["undone"]]


def units(monkeypatch, **states):
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import ledger

    monkeypatch.setattr(ledger, "units", lambda root, names: {n: states.get(n.split(".")[0], Unit()) for n in names})


# --- recording ---


def test_earlier_states(box, monkeypatch):
    units(monkeypatch, docker=Unit("loaded", "active", "running", "enabled"))
    box.install(bash="5.2")
    box.write("/etc/passwd", "alex:x:1000:1000::/home/alex:/bin/sh\n")
    box.write("/etc/group", "docker:x:9:alex\n")
    box.path("/srv").mkdir()
    found = record(
        box,
        {"kind": "package", "subject": "bash"},
        {"kind": "package", "subject": "docker.io"},
        {"kind": "user", "subject": "alex"},
        {"kind": "user", "subject": "minikube"},
        {"kind": "group_member", "subject": "alex", "group": "docker"},
        {"kind": "group_member", "subject": "minikube", "group": "docker"},
        {"kind": "unit", "subject": "docker.service"},
        {"kind": "unit", "subject": "minikube.service"},
        {"kind": "directory", "subject": "/srv"},
        {"kind": "venv", "subject": "/opt/v"},
        {"kind": "profile", "subject": "minikube"},
    )
    states = [entry.get("earlier", {}).get("state") for entry in found["entries"]]
    assert states == ["present", "absent"] * 4 + ["present", "absent", None]
    assert found["changed"]
    assert found["entries"][0]["earlier"]["version"] == "5.2"
    assert found["entries"][6]["earlier"]["active"] == "active"


def test_units_without_systemd_are_unknown(box):
    assert record(box, {"kind": "unit", "subject": "x"})["entries"][0]["earlier"] == {"state": "unknown"}


@pytest.mark.parametrize(
    ("data", "encoding"),
    [(b"text\n", "utf-8"), (b"\xff\x00\x01", "base64"), (b"", "utf-8")],
    ids=["text", "bytes", "empty"],
)
def test_content_mode_and_owner_come_back_exactly(box, data, encoding):
    place = box.write("/etc/x.conf", data)
    place.chmod(0o640)
    before = os.stat(place)
    entry = file("/etc/x.conf")
    record(box, entry)
    saved = json.loads(box.path("/ledger/docker.json").read_text())["entries"][0]["earlier"]
    assert saved["encoding"] == encoding
    box.write("/etc/x.conf", "ours")
    place.chmod(0o600)
    assert undone(box.undo()) == ["/etc/x.conf"]
    after = os.stat(place)
    assert (place.read_bytes(), stat.S_IMODE(after.st_mode)) == (data, 0o640)
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_second_recording_changes_nothing(box):
    box.write("/etc/x.conf", "theirs")
    assert record(box, file("/etc/x.conf"))["changed"]
    box.write("/etc/x.conf", "ours")
    again = record(box, file("/etc/x.conf"), {"kind": "repository", "subject": "/etc/x.conf"})
    assert not again["changed"]
    assert box.ledger().undo("docker", purge=False)["changed"]
    assert box.path("/etc/x.conf").read_text() == "theirs"


def test_check_mode_writes_nothing(box):
    found = box.ledger(check_mode=True).record("docker", [file("/etc/x")])
    assert found["changed"]
    assert found["diff"]["after"] == "file /etc/x\n"
    assert os.listdir(box.path("/ledger")) == []


def test_secret_content_is_never_stored(box):
    box.write("/etc/key", "top-secret-value")
    found = record(box, file("/etc/key", secret=True))
    text = box.path("/ledger/docker.json").read_text()
    assert "top-secret-value" not in text
    assert base64.b64encode(b"top-secret-value").decode() not in text
    assert "top-secret-value" not in json.dumps(found)
    assert "sha256" in json.loads(text)["entries"][0]["earlier"]


def test_large_files_keep_only_their_hash(box, monkeypatch):
    monkeypatch.setattr(earlier, "LIMIT", 4)
    box.write("/etc/large", "12345")
    record(box, file("/etc/large"))
    box.write("/etc/large", "ours")
    assert kept(box.undo()) == {"/etc/large": "it was there before, and its content was not recorded"}


def test_what_is_no_file_is_refused(box):
    os.mkfifo(box.path("/pipe"))
    with pytest.raises(LedgerError, match="neither a file nor a link"):
        record(box, file("/pipe"))


def test_packages_need_a_package_database(box):
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

    box.path("/var/lib/dpkg/status").unlink()
    with pytest.raises(Unreadable):
        record(box, {"kind": "package", "subject": "x"})


def test_reading(box):
    record(box, file("/a"))
    record(box, file("/b"), role="nfs_server")
    everything = box.ledger().read(None)
    assert sorted(everything["ledger"]) == ["docker", "nfs_server"]
    assert everything["entries"] == []
    assert [entry["subject"] for entry in box.ledger().read("docker")["entries"]] == ["/a"]
    assert box.ledger().read("other")["entries"] == []


def test_forgetting(box):
    record(box, file("/a"))
    record(box, file("/b"), role="nfs_server")
    assert box.ledger(check_mode=True).forget("docker")["changed"]
    assert box.ledger().forget("docker")["changed"]
    assert not box.ledger().forget("docker")["changed"]
    assert box.ledger().forget(None)["changed"]
    assert box.ledger().read(None)["ledger"] == {}


# --- files ---


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


# --- directories ---


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


# --- packages, users, units ---


def packages(*names):
    return [{"kind": "package", "subject": name} for name in names]


def test_packages_that_were_absent_go_with_what_only_they_pulled_in(box):
    box.install(bash="5.2", adduser="3")
    record(box, *packages("docker.io", "bash"))
    box.install(**{"docker.io": "20", "containerd": "1.6", "netbase": "6"})
    box.write("/var/lib/apt/extended_states", "Package: netbase\nAuto-Installed: 1\n")
    box.ledger().written("docker")
    box.install(foreign="1")
    box.programs.orphans = [{"foreign"}, {"foreign", "containerd", "adduser"}]
    result = box.undo()
    assert undone(result) == ["docker.io"]
    assert sorted(box.packages) == ["adduser", "bash", "foreign"]
    assert not box.ledger().read(None)["ledger"]


def test_packages_that_others_need_stay(box):
    record(box, *packages("docker.io", "toolkit"))
    box.install(**{"docker.io": "20", "toolkit": "1"})
    box.programs.depends = {"docker.io": {"theirs"}}
    result = box.undo()
    assert undone(result) == ["toolkit"]
    assert kept(result) == {"docker.io": "needed by theirs"}


def test_a_package_that_came_along_and_is_needed_now_stays(box):
    record(box, *packages("docker.io"))
    box.install(**{"docker.io": "20", "a": "1", "b": "1"})
    box.write("/var/lib/apt/extended_states", "Package: a\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 1\n")
    box.ledger().written("docker")
    box.programs.depends = {"a": {"theirs"}}
    box.undo()
    assert sorted(box.packages) == ["a"]


def test_nothing_goes_when_all_of_it_is_needed(box):
    record(box, *packages("docker.io"))
    box.install(**{"docker.io": "20"})
    box.programs.depends = {"docker.io": {"theirs"}}
    assert not box.undo()["changed"]
    assert sorted(box.packages) == ["docker.io"]


def test_an_upgraded_package_is_not_downgraded_but_told(box):
    box.install(bash="5.1")
    record(box, *packages("bash"))
    box.install(bash="5.2")
    assert box.undo()["warnings"] == ["package bash stays at 5.2; it was 5.1 before"]


def test_apt_that_fails_keeps_the_record(box):
    record(box, *packages("docker.io"))
    box.install(**{"docker.io": "20"})
    box.programs.fail = {"apt-get -y": (100, "E: Could not get lock\n")}
    result = box.undo()
    assert "ended with 100: E: Could not get lock" in kept(result)["docker.io"]
    assert result["failures"]
    box.programs.fail = {}
    assert undone(box.undo()) == ["docker.io"]


def test_packages_in_check_mode(box):
    record(box, *packages("docker.io"))
    box.install(**{"docker.io": "20"})
    assert undone(box.undo(check_mode=True)) == ["docker.io"]
    assert box.programs.calls == []


def test_purge_on_request(box):
    record(box, *packages("x"))
    box.install(x="1")
    box.ledger().undo("docker", purge=True)
    assert any(call.endswith("purge -- x") for call in box.programs.calls)


def test_users_and_members_that_were_absent_go(box):
    box.write("/etc/group", "docker:x:9:\n")
    entries = [
        {"kind": "user", "subject": "minikube"},
        {"kind": "group_member", "subject": "minikube", "group": "docker"},
        {"kind": "group_member", "subject": "alex", "group": "docker"},
    ]
    record(box, *entries)
    box.write("/etc/passwd", "minikube:x:990:990::/var/lib/m:/bin/sh\n")
    box.write("/etc/group", "docker:x:9:minikube\n")
    assert undone(box.undo()) == ["minikube", "minikube"]
    assert box.programs.calls == ["gpasswd -d minikube docker", "userdel -- minikube"]


def test_users_and_members_that_were_there_stay(box):
    box.write("/etc/passwd", "alex:x:1000:1000::/home/alex:/bin/sh\n")
    box.write("/etc/group", "docker:x:9:alex\n")
    record(box, {"kind": "user", "subject": "alex"}, {"kind": "group_member", "subject": "alex", "group": "docker"})
    assert undone(box.undo()) == []
    assert box.programs.calls == []


ON = Unit("loaded", "active", "running", "enabled")
OFF = Unit("loaded", "inactive", "dead", "disabled")


@pytest.mark.parametrize(
    ("before", "after", "calls"),
    [
        pytest.param(Unit(), ON, ["stop", "disable"], id="was-absent"),
        pytest.param(Unit(), OFF, [], id="was-absent-and-is-off"),
        pytest.param(Unit(), Unit(), [], id="never-came"),
        pytest.param(OFF, ON, ["stop", "disable"], id="was-off"),
        pytest.param(ON, ON, [], id="was-on"),
        pytest.param(ON, OFF, ["enable"], id="was-on-and-is-off"),
    ],
)
def test_units(box, monkeypatch, before, after, calls):
    units(monkeypatch, x=before)
    record(box, {"kind": "unit", "subject": "x.service"})
    units(monkeypatch, x=after)
    box.undo()
    assert box.programs.calls == [f"systemctl {call} -- x.service" for call in calls]


def test_unit_files_make_systemd_read_again(box):
    record(box, file("/etc/systemd/system/x.service"))
    box.write("/etc/systemd/system/x.service", "ours")
    box.undo()
    assert box.programs.calls == ["systemctl daemon-reload"]


def test_systemd_that_does_not_reload_is_told(box):
    record(box, file("/etc/systemd/system/x.service"))
    box.write("/etc/systemd/system/x.service", "ours")
    box.programs.fail = {"systemctl daemon-reload": (1, "Failed to connect to bus")}
    assert "Failed to connect to bus" in box.undo()["warnings"][0]


def test_what_only_the_role_can_undo_is_settled(box):
    record(box, {"kind": "profile", "subject": "minikube"}, {"kind": "kube_object", "subject": "Job x"})
    result = box.undo()
    assert (result["changed"], result["kept"], result["entries"]) == (False, [], [])
    assert box.ledger().read(None)["ledger"] == {}


def test_order_of_the_undo(box, monkeypatch):
    units(monkeypatch)
    box.write("/etc/group", "docker:x:9:\n")
    record(
        box,
        *packages("x"),
        {"kind": "user", "subject": "u"},
        {"kind": "directory", "subject": "/srv/d"},
        {"kind": "repository", "subject": "/etc/r"},
        {"kind": "unit", "subject": "s"},
    )
    box.install(x="1")
    box.write("/etc/passwd", "u:x:1:1::/:/bin/sh\n")
    box.path("/srv/d").mkdir(parents=True)
    box.write("/etc/r", "ours")
    units(monkeypatch, s=ON)
    assert undone(box.undo()) == ["s", "/etc/r", "x", "u", "/srv/d"]
