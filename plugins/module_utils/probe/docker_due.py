# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the engine has not taken over from the disk, by the rules of module docker_engine."""

from __future__ import annotations

import json
import os
from typing import Any

from ..docker import due as rules
from ..docker.errors import DaemonConfigError
from ..engine import pending
from ..engine.service import appeared_at, process_start
from ..node.observed.docker import DueSeen, Engine
from ..node.observed.shared import Unit
from . import unix_http
from .docker_config import daemon_settings
from .look import Look
from .root import Root, Unreadable

RUNS = ("active", "reloading")


def started(root: Root, unit: Unit | None) -> float | None:
    """Return when the engine's process started, in seconds of the epoch; None when it doesn't run."""
    return process_start(unit.pid, root.path("/proc")) if unit is not None and unit.active in RUNS else None


def observe_due(look: Look, unit: Unit | None, engine: Engine | None) -> DueSeen:
    """Return what the engine needs.

    Args:
        look: where and how to look.
        unit: the engine's unit.
        engine: what the engine says of itself, if it does.

    Raises:
        Unreadable: systemd does not tell of the unit.
    """
    root, wanted = look.root, look.wanted["docker"]
    if unit is None:
        raise Unreadable(f"{wanted.unit} was not observed")
    note = _note(root, wanted.run_dir)
    installed = {name: appeared_at(root.path(name)) for name in note.programs}
    state = rules.Engine(unit.active in RUNS, started(root, unit))
    lacking = rules.not_taken_over(_said(engine), _config(root, wanted.config_path)) if engine else ()
    due = rules.decide(state, note, installed, lacking)
    containers: tuple[str, ...] | None = ()
    if due.kind == rules.RESTART:
        path = root.path(wanted.socket)
        containers = look.seen.fact("docker.due.containers", lambda: _containers(path, look.deadline))
    return DueSeen(due.kind, due.reasons, len(note.reload_keys) > 0, containers)


def _note(root: Root, run_dir: str) -> rules.Pending:
    try:
        return rules.Pending.from_data(json.loads(root.read(os.path.join(run_dir, pending.NAME)) or "null"))
    except ValueError:
        return rules.Pending()  # as for the module: a broken note counts as none


def _said(engine: Engine) -> dict[str, Any]:
    return {"Runtimes": {name: {} for name in engine.runtimes}, "DefaultRuntime": engine.default_runtime}


def _config(root: Root, path: str) -> dict[str, Any]:
    try:
        return daemon_settings(root, path) or {}
    except (DaemonConfigError, Unreadable):
        return {}  # DOC002 tells of it


def _containers(path: str, deadline: float) -> tuple[str, ...]:
    try:
        status, listing = unix_http.get_json(path, "/containers/json", deadline)
    except unix_http.SocketError as error:
        raise Unreadable(str(error)) from error
    if status != 200:
        raise Unreadable(f"{path}: GET /containers/json answered {status}")
    return rules.container_names(listing)
