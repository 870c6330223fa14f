# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State of systemd units, by one call of systemctl for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..node.observed.shared import Unit
from .command import Runner, run
from .root import Root, Unreadable

_KEYS = {
    "LoadState": "load",
    "ActiveState": "active",
    "SubState": "sub",
    "UnitFileState": "enabled",
    "Result": "result",
    "InvocationID": "invocation",
}
_NUMBERS = (
    "ActiveEnterTimestampMonotonic",
    "StateChangeTimestampMonotonic",
    "NRestarts",
    "NeedDaemonReload",
    "Environment",
)


def booted(root: Root) -> bool:
    """Return whether systemd runs this machine."""
    return root.is_dir("/run/systemd/system")


def units(root: Root, names: Sequence[str], deadline: float = 5.0, runner: Runner = run) -> dict[str, Unit]:
    """Return the state of each unit.

    Raises:
        Unreadable: systemd does not run here, or does not answer.
    """
    if not booted(root):
        raise Unreadable("systemd does not run this machine")
    argv = [
        "systemctl",
        "show",
        "--no-pager",
        "--property=" + ",".join((*_KEYS, *_NUMBERS)),
        "--",
        *map(full_name, names),
    ]
    blocks = runner(argv, deadline).strip("\n").split("\n\n")
    if len(blocks) != len(names):
        raise Unreadable(f"systemctl show answered for {len(blocks)} of {len(names)} units")
    return {name: parse(block) for name, block in zip(names, blocks)}


def full_name(name: str) -> str:
    """Return a unit's name with its type."""
    return name if "." in name else name + ".service"


def parse(block: str) -> Unit:
    """Return the unit that a block of systemctl show describes."""
    said = {key: value.strip() for key, dummy, value in (line.partition("=") for line in block.splitlines())}
    texts = {name: said[key] for key, name in _KEYS.items() if key in said}
    started, changed, restarts = (int(said[key]) if said.get(key, "").isdigit() else 0 for key in _NUMBERS[:3])
    return Unit(
        **texts,
        started_at=started / 1e6,
        changed_at=changed / 1e6,
        restarts=restarts,
        need_reload=said.get("NeedDaemonReload") == "yes",
        environment=variable_names(said.get("Environment", "")),
    )


def variable_names(text: str) -> tuple[str, ...]:
    """Return the names in systemctl's list of variables; a value with blanks is quoted as a whole."""
    return tuple(sorted(set(re.findall(r'(?:^|(?<= ))"?([A-Za-z_][A-Za-z0-9_]*)=', text))))
