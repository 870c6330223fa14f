# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down before a change."""

import base64
import json
import os
import stat

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import earlier
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import LedgerError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit

from .machines import file, kept, record, undone, units


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


@pytest.mark.parametrize(
    ("path", "state"),
    [
        pytest.param("/m/.minikube/profiles/p/config.json", "present", id="made before"),
        pytest.param("/m/.minikube/profiles/p/events.json", "absent", id="left by a refused start"),
        pytest.param("/m/.minikube/profiles/other/config.json", "absent", id="another one"),
    ],
)
def test_a_profile_that_was_there_before_is_known(box, path, state):
    box.write(path, "{}")
    found = record(box, {"kind": "profile", "subject": "p", "home": "/m"})
    assert found["entries"][0]["earlier"] == {"state": state}


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
