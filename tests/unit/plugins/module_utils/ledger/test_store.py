# SPDX-License-Identifier: GPL-3.0-or-later
"""The record on disk."""

import json
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import store as store_module
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import LedgerError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.store import Store, entries_of

RECORD = {"version": 1, "role": "docker", "entries": [{"kind": "package", "subject": "x"}]}


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path / "lib" / "ledger"))


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_nothing_is_created_by_reading(store):
    assert store.roles() == []
    assert entries_of(store.load("docker")) == []
    assert not os.path.exists(store.folder)


def test_what_is_saved_is_loaded_and_private(store):
    with store.locked():
        store.save("docker", RECORD)
    assert store.load("docker") == RECORD
    assert store.roles() == ["docker"]
    assert (mode(store.folder), mode(store.path("docker"))) == (0o700, 0o600)


def test_other_files_are_no_roles(store):
    with store.locked():
        store.save("docker", RECORD)
        for name in ("notes.txt", "UPPER.json", ".hidden.json"):
            open(os.path.join(store.folder, name), "w").close()
    assert store.roles() == ["docker"]


@pytest.mark.parametrize("role", ["../evil", "", "UPPER", "a/b", "a" * 65])
def test_names_that_are_no_roles_are_refused(store, role):
    with pytest.raises(LedgerError, match="lower case letters"):
        store.path(role)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Expecting"),
        ("[]", "not a record"),
        ('{"version": 1}', "not a record"),
        ('{"version": 2, "entries": []}', "written by another release"),
    ],
)
def test_broken_records_are_refused_and_stay(store, text, words):
    with store.locked():
        place = store.path("docker")
        with open(place, "w") as stream:
            stream.write(text)
    with pytest.raises(LedgerError, match=words):
        store.load("docker")
    assert Path(place).read_text() == text


def test_a_link_is_not_followed(store, tmp_path):
    with store.locked():
        os.symlink(tmp_path / "elsewhere", store.path("docker"))
    with pytest.raises(LedgerError, match=r"docker\.json"):
        store.load("docker")


def test_a_full_disk_leaves_the_old_record_and_no_draft(store, monkeypatch):
    with store.locked():
        store.save("docker", RECORD)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with store.locked(), pytest.raises(OSError, match="No space"):
        store.save("docker", {**RECORD, "entries": []})
    assert store.load("docker") == RECORD
    assert sorted(os.listdir(store.folder)) == [".lock", "docker.json"]


def test_second_run_waits_and_says_who_holds_the_lock(store):
    with (
        store.locked(),
        pytest.raises(LedgerError, match=rf"another run holds it \(pid {os.getpid()}\)"),
        store.locked(0.1),
    ):
        pass


def test_the_last_record_takes_the_folders_along(store):
    with store.locked():
        store.save("docker", RECORD)
    with store.locked():
        assert store.remove("docker")
        assert not store.remove("docker")
    assert not os.path.exists(os.path.dirname(store.folder))


def test_a_lock_file_that_the_last_run_removed_is_made_again(store, monkeypatch):
    real, calls = store_module._is_still, []

    def once_gone(descriptor, path):
        if not calls:
            os.unlink(path)
        calls.append(path)
        return real(descriptor, path)

    monkeypatch.setattr(store_module, "_is_still", once_gone)
    with store.locked():
        store.save("docker", RECORD)
    assert len(calls) == 2


def test_a_folder_open_to_others_is_closed(store):
    os.makedirs(store.folder, 0o755)
    with store.locked():
        assert mode(store.folder) == 0o700
        store.save("docker", RECORD)


def test_a_link_instead_of_the_folder_is_refused(store, tmp_path):
    os.makedirs(os.path.dirname(store.folder))
    os.symlink(tmp_path, store.folder)
    with pytest.raises(LedgerError, match="not a directory of this user"), store.locked():
        pass


def test_record_is_readable_json(store):
    with store.locked():
        store.save("docker", RECORD)
    assert json.loads(Path(store.path("docker")).read_text())["role"] == "docker"
