# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages, users and units, put back as they were."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import LedgerError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit

from .machines import file, kept, record, undone, units


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


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        pytest.param("docker.io", "remove", id="images-and-volumes"),
        pytest.param("docker-ce", "remove", id="vendor's-engine"),
        pytest.param("containerd", "remove", id="containerd"),
        pytest.param("nfs-kernel-server", "remove", id="exports-of-others"),
        pytest.param("nfs-ganesha-vfs", "remove", id="ganesha"),
        pytest.param("docker-cli", "purge", id="client"),
        pytest.param("nvidia-container-toolkit", "purge", id="toolkit"),
    ],
)
def test_no_purge_deletes_data_of_others(box, name, verb):
    record(box, *packages(name))
    box.install(**{name: "1"})
    result = box.ledger().undo("docker", purge=True)
    assert [call.split()[-3] for call in box.programs.did("apt-get -y")] == [verb]
    assert [name in text and "not purged" in text for text in result["warnings"]] == [True] * (verb == "remove")


def test_what_must_not_be_purged_goes_first(box):
    record(box, *packages("docker.io", "docker-cli"))
    box.install(**{"docker.io": "1", "docker-cli": "1"})
    box.ledger().undo("docker", purge=True)
    assert [call.split()[-3:] for call in box.programs.did("apt-get -y")] == [
        ["remove", "--", "docker.io"],
        ["purge", "--", "docker-cli"],
    ]


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


SERVER = [
    {"kind": "unit", "subject": "nfs-server.service"},
    {"kind": "package", "subject": "nfs-kernel-server"},
    {"kind": "kube_object", "subject": "PersistentVolume nfs-pv"},
    {"kind": "repository", "subject": "/etc/list"},
    {"kind": "group_member", "subject": "alex", "group": "docker"},
]


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize("entry", SERVER, ids=[entry["kind"] for entry in SERVER])
def test_what_the_role_keeps_is_left_alone_and_told(box, monkeypatch, entry, check_mode):
    units(monkeypatch)
    box.write("/etc/group", "docker:x:9:\n")
    record(box, *SERVER)
    box.install(**{"nfs-kernel-server": "1"})
    box.write("/etc/list", "ours")
    box.write("/etc/group", "docker:x:9:alex\n")
    units(monkeypatch, **{"nfs-server": ON})
    result = box.ledger(check_mode).undo("docker", False, [{**entry, "reason": "others use it"}])
    assert kept(result) == {entry["subject"]: "others use it"}
    assert [item["subject"] for item in result["entries"]] == [entry["subject"]]
    assert entry["subject"] not in undone(result)
    assert not any(entry["subject"] in call for call in box.programs.calls)
    assert any("is kept: others use it" in text for text in result["warnings"])
    assert result["failures"] == []
    box.ledger(check_mode).undo("docker", False)
    assert check_mode or not box.ledger().read(None)["ledger"]


def test_keeping_what_is_not_recorded_changes_nothing(box):
    record(box, file("/etc/x"))
    box.write("/etc/x", "ours")
    result = box.ledger().undo("docker", False, [{"kind": "package", "subject": "x"}])
    assert (undone(result), result["kept"]) == (["/etc/x"], [])


def test_a_kept_entry_needs_no_reason_but_a_subject(box):
    record(box, file("/etc/x"))
    assert kept(box.ledger().undo("docker", False, [file("/etc//x")])) == {"/etc/x": "the role keeps it"}
    with pytest.raises(LedgerError, match=r"keep\[0\]: subject is None"):
        box.ledger().undo("docker", False, [{"kind": "file"}])


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
