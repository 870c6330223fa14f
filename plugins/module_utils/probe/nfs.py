# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the NFS server: kernel support, packages, export files."""

from __future__ import annotations

import re

from ..node.observed.nfs import ExportClient, NfsFacts
from . import dpkg
from .look import Look
from .root import Root

PACKAGES = ("nfs-kernel-server", "nfs-common", "nfs-ganesha", "nfs-ganesha-vfs", "rpcbind")
EXPORTS = "/etc/exports"
FOLDER = "/etc/exports.d"
_CLIENT = re.compile(r"([^()\s]*)(?:\(([^)]*)\))?")


def observe_nfs(look: Look) -> NfsFacts:
    """Return the facts of the NFS server; what can't be read is noted."""
    root, seen = look.root, look.seen
    kernel = seen.fact("nfs.kernel", lambda: root.line("/proc/sys/kernel/osrelease"))
    files = seen.fact("nfs.files", lambda: export_files(root))
    return NfsFacts(
        kernel_server=seen.fact("nfs.kernel_server", lambda: kernel_server(root, kernel or "")),
        exports=seen.fact("nfs.exports", lambda: exports(root, files or ())),
        files=files,
        packages=seen.fact("nfs.packages", lambda: dpkg.installed(root, PACKAGES)),
        unit=look.units.get("nfs-server.service"),
    )


def kernel_server(root: Root, kernel: str) -> str:
    """Return active, available (a module that can be loaded) or absent."""
    if re.search(r"\bnfsd$", root.read("/proc/filesystems") or "", re.MULTILINE):
        return "active"
    for folder in ("/lib/modules", "/usr/lib/modules"):
        for name in ("modules.dep", "modules.builtin"):
            if "/nfsd.ko" in (root.read(f"{folder}/{kernel}/{name}") or ""):
                return "available"
    return "absent"


def export_files(root: Root) -> tuple[str, ...]:
    """Return the files that exportfs reads."""
    below = [f"{FOLDER}/{name}" for name in root.names(FOLDER) or [] if name.endswith(".exports") and name[0] != "."]
    return ((EXPORTS,) if root.exists(EXPORTS) else ()) + tuple(below)


def exports(root: Root, files: tuple[str, ...]) -> tuple[ExportClient, ...]:
    """Return every exported path with each of its clients."""
    found: list[ExportClient] = []
    for name in files:
        found += parse(root.read(name) or "", name)
    return tuple(found)


def parse(text: str, name: str) -> list[ExportClient]:
    """Return the clients in the text of an exports file, with their lines."""
    found: list[ExportClient] = []
    for number, line in _logical(text):
        match = re.match(r'\s*(?:"([^"]*)"|(\S+))\s*(.*)', line)
        if match is None:
            continue
        path = _octal(match.group(1) if match.group(1) is not None else match.group(2))
        words = [word for word in match.group(3).split() if not word.startswith("-")]
        for word in words or ["*"]:
            client = _CLIENT.fullmatch(word)
            host, options = client.groups() if client else (word, None)
            split = tuple(option for option in (options or "").split(",") if option)
            found.append(ExportClient(path, host or "*", split, name, number))
    return found


def _logical(text: str) -> list[tuple[int, str]]:
    """Return lines without comments, continued lines joined, each with the number of its first one."""
    lines: list[tuple[int, str]] = []
    start, held = 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0]
        start = start or number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        if (held + line).strip():
            lines.append((start, held + line))
        start, held = 0, ""
    if held.strip():
        lines.append((start, held))
    return lines


def _octal(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), path)
