# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a packed module from one run to the next."""

import os

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils.payload_cache import PREFIX, PayloadCache, fingerprint

NAME = f"{PREFIX}node_state-ZIP_DEFLATED-none"


@pytest.fixture
def cache(tmp_path):
    """A cache, and what Ansible has packed in this run."""
    run = tmp_path / "run"
    run.mkdir()
    (run / NAME).write_bytes(b"packed")
    (run / f"{NAME}.lock").write_bytes(b"")
    (run / f"{PREFIX}gpu_info-ZIP_DEFLATED-none").write_bytes(b"another module")
    return PayloadCache("node_state", run, tmp_path / "home")


def later(cache, tmp_path):
    """The same cache in a later run, which has packed nothing yet."""
    return PayloadCache("node_state", tmp_path / "later", cache.home)


def test_a_later_run_gets_what_an_earlier_one_has_packed(cache, tmp_path):
    cache.keep()
    again = later(cache, tmp_path)
    assert again.restore()
    assert [path.name for path in again.run.iterdir()] == [NAME]
    assert (again.run / NAME).read_bytes() == b"packed"


def test_the_first_run_finds_nothing(cache, tmp_path):
    assert not later(cache, tmp_path).restore()


def test_only_a_few_earlier_forms_are_kept(cache):
    for age in range(7):
        old = cache.home / f"form-{age}"
        old.mkdir(parents=True, mode=0o700)
        os.utime(old, (1000 - age, 1000 - age))
    cache.keep()
    assert {path.name for path in cache.home.iterdir()} == {cache.store.name, *(f"form-{age}" for age in range(4))}


def test_a_folder_that_others_may_write_to_is_not_trusted(cache, tmp_path):
    cache.keep()
    cache.store.chmod(0o777)
    assert not later(cache, tmp_path).restore()


def test_a_link_is_not_trusted(cache, tmp_path):
    cache.keep()
    cache.store.rename(tmp_path / "elsewhere")
    cache.store.symlink_to(tmp_path / "elsewhere")
    assert not later(cache, tmp_path).restore()


def test_where_ansible_packs_nothing_into_files_nothing_is_kept(tmp_path):
    cache = PayloadCache("node_state", tmp_path / "none", tmp_path / "home")
    cache.keep()
    assert not cache.home.exists()


def test_what_is_there_in_this_run_stays(cache):
    cache.keep()
    (cache.run / NAME).write_bytes(b"packed anew")
    assert cache.restore()
    assert (cache.run / NAME).read_bytes() == b"packed anew"


def test_the_name_changes_with_the_module():
    assert fingerprint("node_state") != fingerprint("gpu_info")
    assert fingerprint("node_state") == fingerprint("node_state")
