# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the collections of requirements.yml, from Galaxy where it answers, else from the community package on PyPI.

Usage: galaxy.py REQUIREMENTS TARGET. The outcome is the same folder either way; ansible-galaxy has the last word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

GALAXY = "https://galaxy.ansible.com/api/"
# The community package whose collections belong to the ansible-core of uv.lock. Later ones need a later core.
COMMUNITY = "ansible==12.3.0"
COMMUNITY_HASH = "sha256:cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
TREES = (
    "ansible/posix",
    "community/docker",
    "community/general",
    "community/library_inventory_filtering_v1",  # a dependency of community.docker
    "kubernetes/core",
)


def galaxy_answers() -> bool:
    """Tell whether Galaxy answers within a few seconds."""
    try:
        with urllib.request.urlopen(GALAXY, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def from_community_package(target: Path, scratch: Path) -> None:
    """Unpack the collections that are needed from the wheel of the community package."""
    wanted = scratch / "community.txt"
    wanted.write_text(f"{COMMUNITY} --hash={COMMUNITY_HASH}\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", str(scratch / "venv")], check=True)  # the tools' own has no pip
    subprocess.run(
        [
            *(str(scratch / "venv/bin/python"), "-m", "pip", "download", "-q", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(wanted), "-d", str(scratch)),
        ],
        check=True,
    )
    prefixes = tuple(f"ansible_collections/{tree}/" for tree in TREES)
    with zipfile.ZipFile(next(scratch.glob("ansible-*.whl"))) as wheel:
        wheel.extractall(target, [name for name in wheel.namelist() if name.startswith(prefixes)])


def galaxy_install(requirements: Path, target: Path) -> None:
    """Let ansible-galaxy install what is missing; it says "Nothing to do" after the community package."""
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(target)}
    galaxy = Path(sys.executable).parent / "ansible-galaxy"
    command = [str(galaxy), "collection", "install", "-r", str(requirements), "-p", str(target)]
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL)


def main(requirements: Path, target: Path) -> None:
    """Build the new tree beside the old one and swap them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".collections-") as name:
        fresh = Path(name) / "tree"
        fresh.mkdir()
        online = galaxy_answers()
        print(f"setup: collections from {'Galaxy' if online else 'the PyPI package ' + COMMUNITY}", flush=True)
        if not online:
            from_community_package(fresh, Path(name))
        galaxy_install(requirements, fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
