# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the collection is used from: the built artifact, installed where nothing of this checkout is, or a clone."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.env.licences import tracked_files

ROOT = Path(__file__).resolve().parents[2]
OWN = ("ANSIBLE_", "MOLECULE_")  # settings of make that a user doesn't have


def user_environment(**more: str) -> dict[str, str]:
    """Return the environment of somebody who has Ansible and none of our settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    return {**kept, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0", **more}


@dataclass(frozen=True)
class Place:
    """A folder to run Ansible in, and the collections that it finds there."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )


def copy_tree(clone: Path) -> None:
    """Copy what git holds or would take, as a clone does."""
    for name in tracked_files():
        target = clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)


def build(tree: Path, out: Path) -> Path:
    """Build the artifact from a clone."""
    command = ["ansible-galaxy", "collection", "build", str(tree), "--output-path", str(out)]
    subprocess.run(command, check=True, capture_output=True, env=user_environment(), timeout=300)
    return next(out.glob("mlinfra-gpu_launch-*.tar.gz"))


def link_dependencies(collections: Path) -> None:
    """Offer the collections that this one needs, as an earlier install would have."""
    for path in (ROOT / "collections/ansible_collections").iterdir():
        if path.name != "mlinfra":
            (collections / "ansible_collections" / path.name).symlink_to(path.resolve())


def install(artifact: Path, home: Path) -> Place:
    """Install the artifact below a folder, with its dependencies there."""
    collections = home / "collections"
    (collections / "ansible_collections").mkdir(parents=True)
    link_dependencies(collections)
    place = Place(home, user_environment(ANSIBLE_COLLECTIONS_PATH=str(collections)))
    # The dependencies are checked by the resolver; --offline keeps it from asking Galaxy for newer ones.
    done = place.run("ansible-galaxy", "collection", "install", str(artifact), "-p", str(collections), "--offline")
    assert done.returncode == 0, done.stdout + done.stderr
    return place
