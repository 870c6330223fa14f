# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the agent's environment: marks, interpreter, packages. Files only; no program of it is started."""

from __future__ import annotations

import json
import os
import re

from ..node.observed.agent import VenvSeen
from .root import Root, Unreadable

LEDGER = "/var/lib/mlinfra.gpu_launch/ledger/launch_agent.json"
# What the agent imports for image jobs on Kubernetes.
NEEDED = ("wandb", "kubernetes_asyncio", "awscli", "yaml")
MARKS = ("pyvenv.cfg", "requirements.sha256")
_LINKS = 40
_PYTHON = re.compile(r"python(3\.[0-9]+)")


def venv(root: Root, path: str) -> VenvSeen:
    """Return what is in the place of an environment."""
    names = root.names(path)
    parent = root.is_dir(os.path.dirname(path))
    if names is None and root.exists(path):
        return VenvSeen("strange", parent=parent)  # a file
    if not names:
        return VenvSeen("absent" if names is None else "empty", parent=parent)
    recorded = path in _recorded(root)
    if not all(mark in names for mark in MARKS):
        return VenvSeen("strange", recorded, parent)
    python = resolved(root, os.path.join(path, "bin", "python"))
    folder = os.path.join(path, "lib", os.path.basename(python), "site-packages")
    missing = [name for name in NEEDED if not root.exists(os.path.join(folder, name, "__init__.py"))]
    return VenvSeen("own", recorded, parent, python, tuple(missing))


def version(root: Root, interpreter: str) -> str | None:
    """Return the version in the name of the file that an interpreter's path leads to, None where it has none."""
    match = _PYTHON.fullmatch(os.path.basename(resolved(root, interpreter)))
    return None if match is None else match.group(1)


def resolved(root: Root, path: str) -> str:
    """Return the file that a path leads to over links, empty where it leads to none."""
    for dummy in range(_LINKS):
        target = root.link(path)
        if target is None:
            return path if root.exists(path) and not root.is_dir(path) else ""
        path = os.path.normpath(os.path.join(os.path.dirname(path), target))
    return ""


def _recorded(root: Root) -> list[str]:
    """Return the environments that the role's ledger names: those it has begun to make."""
    text = root.read(LEDGER)
    try:
        entries = json.loads(text)["entries"] if text else []
        return [str(entry["subject"]) for entry in entries if entry.get("kind") == "venv"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unreadable(f"{LEDGER}: not a ledger") from error
