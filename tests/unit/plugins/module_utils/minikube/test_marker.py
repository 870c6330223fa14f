# SPDX-License-Identifier: GPL-3.0-or-later
"""The note on disk that a creation has begun."""

import os
import pwd
from types import SimpleNamespace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.runner import Marker


@pytest.fixture
def marker(tmp_path):
    me = pwd.getpwuid(os.geteuid())
    return Marker(SimpleNamespace(home=str(tmp_path), uid=me.pw_uid, gid=me.pw_gid, drop=False), "minikube")


def test_a_mark_comes_and_goes(marker):
    assert (marker.exists(), marker.noted()) == (False, None)
    marker.write()
    assert (marker.exists(), marker.noted()) == (True, None)
    marker.remove()
    marker.remove()
    assert (marker.exists(), marker.noted()) == (False, None)


@pytest.mark.parametrize("container", ["", "daae0826"], ids=["none", "one"])
def test_which_container_a_failure_left(marker, container):
    marker.note(container)
    assert marker.noted() == container
    marker.write()
    assert marker.noted() is None


def test_a_link_in_its_place_is_not_followed(marker, tmp_path):
    (tmp_path / "other").write_text("container x")
    os.symlink(tmp_path / "other", marker.path)
    assert (marker.exists(), marker.noted()) == (True, None)
