# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the record."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import (
    LedgerError,
    checked,
    missing,
    shown,
    text_of,
)


def entry(kind, subject, **extra):
    return {"kind": kind, "subject": subject, **extra}


def test_entry_is_kept_with_its_further_keys():
    given = entry("kube_object", "Job x", namespace="default")
    assert checked(given, "e") == given


def test_paths_are_normalised():
    assert checked(entry("file", "/etc//docker/../x"), "e")["subject"] == "/etc/x"


def test_input_cannot_bring_an_earlier_state():
    given = entry("file", "/x", earlier={"state": "absent"}, written=["a"])
    assert checked(given, "e") == entry("file", "/x")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("text", "a mapping is needed"),
        ({"subject": "x"}, "kind is None"),
        (entry("flie", "/x"), "kind is 'flie'; one of file, directory"),
        ({"kind": "file"}, "subject is None"),
        (entry("package", " "), "a path or name is needed"),
        (entry("file", "/a\0b"), "a path or name is needed"),
        (entry("file", "etc/x"), "no absolute path"),
        (entry("venv", "opt"), "no absolute path"),
        (entry("group_member", "alex"), "needs 'group'"),
    ],
)
def test_refused_with_the_place(given, words):
    with pytest.raises(LedgerError) as error:
        checked(given, "entries[2]")
    assert str(error.value).startswith("entries[2]: ")
    assert words in str(error.value)


def test_first_record_wins():
    kept = [entry("file", "/a", earlier={"state": "absent"}), entry("group_member", "alex", group="docker")]
    wanted = [
        entry("file", "/a"),
        entry("repository", "/a"),
        entry("directory", "/a"),
        entry("group_member", "alex", group="docker"),
        entry("group_member", "alex", group="video"),
        entry("package", "x"),
        entry("package", "x"),
    ]
    assert [text_of(e) for e in missing(kept, wanted)] == ["directory /a", "group_member alex of video", "package x"]


def test_content_is_never_shown():
    kept = entry("file", "/a", written=["h"], earlier={"state": "present", "content": "private", "sha256": "abc"})
    assert shown(kept) == entry("file", "/a", earlier={"state": "present", "sha256": "abc"})


def test_of_a_secret_not_even_the_hash_is_shown():
    kept = entry("file", "/a", secret=True, earlier={"state": "present", "sha256": "abc", "mode": "0600"})
    assert shown(kept)["earlier"] == {"state": "present", "mode": "0600"}
    assert shown(entry("profile", "m")) == entry("profile", "m")
