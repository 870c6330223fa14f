# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact, installed where nothing of this checkout is, and a clone of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.env.licences import tracked_files

ROOT = Path(__file__).resolve().parents[2]
OWN = ("ANSIBLE_", "MOLECULE_")  # settings of make that a user doesn't have


def user_environment(**more):
    """Return the environment of somebody who has Ansible and none of our settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    return {**kept, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0", **more}


@dataclass(frozen=True)
class Place:
    """A folder to run Ansible in, and the collections that it finds there."""

    folder: Path
    environment: dict

    def run(self, *command):
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """Copy what git holds or would take, as a clone does."""
    clone = tmp_path_factory.mktemp("clone")
    for name in tracked_files():
        target = clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    return clone


@pytest.fixture(scope="session")
def artifact(tree, tmp_path_factory):
    """Build the artifact from the clone."""
    out = tmp_path_factory.mktemp("artifact")
    command = ["ansible-galaxy", "collection", "build", str(tree), "--output-path", str(out)]
    subprocess.run(command, check=True, capture_output=True, env=user_environment(), timeout=300)
    return next(out.glob("mlinfra-gpu_launch-*.tar.gz"))


def link_dependencies(collections):
    """Offer the collections that this one needs, as an earlier install would have."""
    for path in (ROOT / "collections/ansible_collections").iterdir():
        if path.name != "mlinfra":
            (collections / "ansible_collections" / path.name).symlink_to(path.resolve())


@pytest.fixture(scope="session")
def installed(artifact, tmp_path_factory):
    """Install the artifact with its dependencies there, and lay the example inventory beside it."""
    home = tmp_path_factory.mktemp("installed")
    collections = home / "collections"
    (collections / "ansible_collections").mkdir(parents=True)
    link_dependencies(collections)
    place = Place(home, user_environment(ANSIBLE_COLLECTIONS_PATH=str(collections)))
    # The dependencies are checked by the resolver; --offline keeps it from asking Galaxy for newer ones.
    done = place.run("ansible-galaxy", "collection", "install", str(artifact), "-p", str(collections), "--offline")
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copytree(ROOT / "inventory", home / "hosts")
    return place


@pytest.fixture(scope="session")
def clone(tree):
    """Prepare the clone as make setup does, with the example inventory copied to hosts."""
    own = tree / "collections/ansible_collections/mlinfra"
    own.mkdir(parents=True)
    (own / "gpu_launch").symlink_to("../../..")
    link_dependencies(tree / "collections")
    shutil.copytree(tree / "inventory", tree / "hosts")
    return Place(tree, user_environment())
