# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact, installed where nothing of this checkout is, and a clone of the tree."""

from __future__ import annotations

import shutil

import pytest

from tests.build import places


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """Copy what git holds or would take, as a clone does."""
    clone = tmp_path_factory.mktemp("clone")
    places.copy_tree(clone)
    return clone


@pytest.fixture(scope="session")
def artifact(tree, tmp_path_factory):
    """Build the artifact from the clone."""
    return places.build(tree, tmp_path_factory.mktemp("artifact"))


@pytest.fixture(scope="session")
def installed(artifact, tmp_path_factory):
    """Install the artifact, and lay the example inventory beside it."""
    place = places.install(artifact, tmp_path_factory.mktemp("installed"))
    shutil.copytree(places.ROOT / "inventory", place.folder / "hosts")
    return place


@pytest.fixture(scope="session")
def clone(tree):
    """Prepare the clone as make setup does, with the example inventory copied to hosts."""
    own = tree / "collections/ansible_collections/mlinfra"
    own.mkdir(parents=True)
    (own / "gpu_launch").symlink_to("../../..")
    places.link_dependencies(tree / "collections")
    shutil.copytree(tree / "inventory", tree / "hosts")
    return places.Place(tree, places.user_environment())
