# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads CDI specifications, of which what matters looks alike in YAML and JSON, and the links to device files."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator

from ..node.observed.nvidia_ctk import CdiSpec
from .root import Root

FOLDERS = ("/etc/cdi", "/var/run/cdi")
VENDOR = "nvidia.com/"
# The driver's devices that keep their number; that of nvidia-uvm is another one after each boot.
MAJOR = 195
_KIND = re.compile(r"^\s*\"?kind\"?\s*:\s*\"?([^\s\",]+)", re.MULTILINE)
_NAME = re.compile(r"^[\s-]*\"?name\"?\s*:\s*[\"']?([^\s\"',]+)", re.MULTILINE)
_NODE = re.compile(r"[\"\s:](/dev/[^\s\"',]+)")
_LIBRARY = re.compile(r"/lib(?:cuda|nvidia-ml)\.so\.([0-9]+(?:\.[0-9]+)+)")


def specs(root: Root) -> Iterator[CdiSpec]:
    """Yield the specifications of NVIDIA's devices.

    Raises:
        ValueError: a file that should hold JSON does not.
    """
    for folder in FOLDERS:
        for name in root.names(folder) or []:
            if name.endswith((".json", ".yaml")):
                text = _lines(root.read(f"{folder}/{name}") or "", name)
                kind = _KIND.search(text)
                if kind is not None and kind.group(1).startswith(VENDOR):
                    yield _spec(root, f"{folder}/{name}", kind.group(1), text)


def _lines(text: str, name: str) -> str:
    """Return a specification with one value a line, as YAML has it."""
    return json.dumps(json.loads(text), indent=1) if name.endswith(".json") else text


def _spec(root: Root, file: str, kind: str, text: str) -> CdiSpec:
    nodes = tuple(sorted(set(_NODE.findall(text))))
    return CdiSpec(
        file=file,
        kind=kind,
        devices=tuple(sorted(set(_NAME.findall(text)))),
        nodes=nodes,
        missing=tuple(node for node in nodes if not root.exists(node)),
        versions=tuple(sorted(set(_LIBRARY.findall(text)))),
    )


def unlinked(root: Root) -> tuple[str, ...]:
    """Return the driver's device files that have no link in /dev/char."""
    found = []
    for name in root.names("/dev") or []:
        number = _number(root, f"/dev/{name}") if name.startswith("nvidia") else None
        if number is not None and not root.exists(f"/dev/char/{number}"):
            found.append(f"/dev/{name}")
    return tuple(found)


def _number(root: Root, path: str) -> str | None:
    info = os.lstat(root.path(path))
    if not stat.S_ISCHR(info.st_mode) or os.major(info.st_rdev) != MAJOR:
        return None
    return f"{MAJOR}:{os.minor(info.st_rdev)}"
