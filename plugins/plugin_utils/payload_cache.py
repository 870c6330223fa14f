# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the packed form of a module from one run of Ansible to the next.

Ansible packs a module with everything that it imports, and keeps the result for one run. For a module of a hundred
files that packing takes longer than the module itself. What is kept belongs to exactly these files, this Ansible and
this Python; without it, or where a release of Ansible keeps its own copy elsewhere, the module is packed as ever.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from ansible import __version__ as ansible_version
from ansible import constants as C

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import own_cache
from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils.payload_bytecode import compiled

PLUGINS = Path(__file__).absolute().parents[1]
OTHERS = 4  # forms kept beside the newest: several checkouts or releases of Ansible may take turns
PREFIX = "ansible_collections.mlinfra.gpu_launch.plugins.modules."


class PayloadCache:
    """The packed form of one module."""

    def __init__(self, module: str, run: Path | None = None, home: Path | None = None) -> None:
        """Find the places.

        Args:
            module: name of a module of this collection.
            run: where Ansible keeps what it has packed in this run; its own place by default.
            home: where it is kept for later runs; below ANSIBLE_HOME by default.
        """
        self.start = f"{PREFIX}{module}-"
        self.run = run or Path(C.DEFAULT_LOCAL_TMP) / "ansiballz_cache"  # type: ignore[attr-defined]
        self.home = home or own_cache.folder("payload")
        self.store = self.home / fingerprint(module)

    def restore(self) -> bool:
        """Hand this run what an earlier one has packed; return whether there was something.

        The files hold code, so they are taken from a folder that nobody else can write to, and from no other.
        """
        if not own_cache.private(self.home) or not own_cache.private(self.store):
            return False
        found = [path for path in self.store.iterdir() if path.name.startswith(self.start)]
        for path in found:
            place(path.read_bytes(), self.run / path.name)
        return bool(found)

    def keep(self) -> None:
        """Keep what this run has packed, and drop forms of earlier files. A full disk costs time and nothing else."""
        with contextlib.suppress(OSError):
            fresh = [p for p in self.run.iterdir() if p.name.startswith(self.start) and not p.name.endswith(".lock")]
            if not fresh:
                return
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            others = [path for path in self.home.iterdir() if path != self.store]
            for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[OTHERS:]:
                shutil.rmtree(old, ignore_errors=True)
            self.store.mkdir(mode=0o700, exist_ok=True)
            for path in fresh:
                if not (self.store / path.name).exists():
                    place(packed(path), self.store / path.name)


def fingerprint(module: str) -> str:
    """Return a name that changes with the files that are packed, with Ansible and with Python."""
    digest = hashlib.sha256(f"{ansible_version} {sys.version}".encode())
    ours = [Path(__file__), Path(__file__).with_name("payload_bytecode.py")]
    for path in [*ours, PLUGINS / "modules" / f"{module}.py", *sorted((PLUGINS / "module_utils").rglob("*.py"))]:
        seen = path.stat()
        digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]


def packed(path: Path) -> bytes:
    """Return what Ansible has packed, with compiled code in it where we know how."""
    content = path.read_bytes()
    try:
        return compiled(content)
    except Exception:  # whatever a release of Ansible has made of it: it works as it is
        return content


def place(content: bytes, target: Path) -> None:
    """Write a file whole or not at all; several processes may do so at once."""
    if target.exists():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".payload-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(name, target)
    except OSError:
        os.unlink(name)
        raise
