# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads daemon.json and what the roles remember of it; no value of either is kept."""

from __future__ import annotations

import json
import os
from typing import Any

from ..docker.digest import digested_leaf, paths_of, seen_through
from ..docker.errors import DaemonConfigError
from ..docker.reader import read as read_config
from ..docker.record import Record, from_data
from ..docker.values import ABSENT
from ..node.observed.docker import DaemonConfig, OwnedSeen
from .look import Look
from .root import Root, Unreadable

OWNERS = ("docker", "nvidia_ctk")


def observe_config(look: Look, started: float | None) -> DaemonConfig:
    """Return whether daemon.json parses, the names in it, and digests of what the roles own.

    Args:
        look: where and how to look.
        started: when the engine started, in seconds of the epoch; None when it doesn't run.

    Raises:
        Unreadable: a file is there that can't be read.
        ValueError: a record is broken.
    """
    root, path = look.root, look.wanted["docker"].config_path
    records = {owner: record for owner in OWNERS for record in [_record(look, owner)] if record is not None}
    owned = {owner: tuple(_owned(record)) for owner, record in records.items()}
    try:
        settings = daemon_settings(root, path)
    except DaemonConfigError as error:
        return DaemonConfig(
            exists=True,
            valid=False,
            error=error.reason,
            line=error.line,
            column=error.column,
            records=owned,
            backup=_backup(root, records),
        )
    named = paths_of(*_trees(look)) | {leaf.path for leaves in owned.values() for leaf in leaves}
    runtimes = (settings or {}).get("runtimes")
    default = (settings or {}).get("default-runtime")
    return DaemonConfig(
        exists=settings is not None,
        keys=tuple(sorted(settings or {})),
        owned=tuple(sorted({leaf.path[0] for leaf in owned.get("docker", ())})),
        runtimes=tuple(sorted(runtimes)) if isinstance(runtimes, dict) else (),
        default_runtime=default if isinstance(default, str) else None,
        settings=seen_through(settings or {}, named),
        records=owned,
        newer=started is not None and settings is not None and os.stat(root.path(path)).st_mtime > started,
    )


def daemon_settings(root: Root, path: str) -> dict[str, Any] | None:
    """Return what daemon.json says, None when there is none.

    Raises:
        DaemonConfigError: it is a directory, or nothing that the engine would read.
        Unreadable: it can't be read.
    """
    if root.is_dir(path):
        raise DaemonConfigError("it is a directory")
    raw = root.read_bytes(path)
    return None if raw is None else read_config(raw)[0]


def _trees(look: Look) -> list[Any]:
    docker, toolkit = look.wanted["docker"], look.wanted.get("nvidia_ctk")
    return [docker.settings, docker.plain_settings, toolkit.settings if toolkit else {}]


def _record(look: Look, owner: str) -> Record | None:
    text = look.root.read(os.path.join(look.wanted["docker"].record_dir, f"{owner}.json"))
    return None if text is None else from_data(json.loads(text))


def _owned(record: Record) -> list[OwnedSeen]:
    return [
        OwnedSeen(
            path=leaf.path,
            value=leaf.value,
            earlier=None if leaf.earlier is ABSENT else leaf.earlier,
            was_there=leaf.earlier is not ABSENT,
            depth=leaf.existing_depth,
        )
        for leaf in map(digested_leaf, record.leaves)
    ]


def _backup(root: Root, records: dict[str, Record]) -> str | None:
    """Return the newest copy that the roles made and that parses."""
    names = [name for record in records.values() for name in record.backups if root.exists(name)]
    for name in sorted(names, key=lambda name: os.stat(root.path(name)).st_mtime, reverse=True):
        try:
            read_config(root.read_bytes(name) or b"")
        except (DaemonConfigError, Unreadable):
            continue
        return name
    return None
