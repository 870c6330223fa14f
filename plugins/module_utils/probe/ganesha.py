# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the configuration of nfs-ganesha: what it is made of, and when it was written; never its text."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable

from ..node.observed.nfs import GaneshaConfig
from .root import Root

CONFIG = "/etc/ganesha/ganesha.conf"
_COMMENT = re.compile(r"#.*")
_BLOCK = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\{")
_INCLUDE = re.compile(r"(?i)%(?:include|url)\s+[\"<]?([^\"<>\s]+)")


def config(root: Root) -> GaneshaConfig:
    """Return what the configuration is made of; the names of blocks are in capitals."""
    text = root.read(CONFIG)
    if text is None:
        return GaneshaConfig()
    bare = _COMMENT.sub("", text)
    blocks = sorted({name.upper() for name in _BLOCK.findall(bare)})
    return GaneshaConfig(True, tuple(blocks), tuple(_INCLUDE.findall(bare)))


def written(root: Root, paths: Iterable[str]) -> dict[str, float]:
    """Return when files were written, on the clock of systemd's timestamps; those that are there."""
    since_boot = time.monotonic() - time.time()
    found: dict[str, float] = {}
    for path in paths:
        try:
            found[path] = round(os.stat(root.path(path)).st_mtime + since_boot, 3)
        except (FileNotFoundError, NotADirectoryError):
            continue
    return found
