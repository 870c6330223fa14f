# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same exports in the words of nfs-ganesha, the server in user space."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from .exports import EVERYONE, Export
from .options import Access, access_of

SQUASH = {"none": "No_Root_Squash", "root": "Root_Squash", "all": "All_Squash"}
LAST_ID = 65535
# Options that change nothing there, and those that it has a word for.
UNDERSTOOD = frozenset(
    [
        "ro",
        "rw",
        "sync",
        "async",
        "secure",
        "insecure",
        "wdelay",
        "no_wdelay",
        "hide",
        "nohide",
        "crossmnt",
        "no_subtree_check",
        "root_squash",
        "no_root_squash",
        "all_squash",
        "no_all_squash",
        "anonuid",
        "anongid",
        "acl",
        "no_acl",
        "no_pnfs",
    ]
)


def refusals(exports: Iterable[Export]) -> list[str]:
    """Name the options that nfs-ganesha has no counterpart for."""
    return [
        f"{export.path}: nfs-ganesha has no counterpart for the option {option!r}; remove it or use the kernel's server"
        for export in exports
        for option in export.options
        if option.partition("=")[0] not in UNDERSTOOD and option != "sec=sys"
    ]


def export_ids(paths: Iterable[str]) -> dict[str, int]:
    """Give each path a number of its own that stays when other exports come and go: file handles carry it."""
    taken: dict[int, str] = {}
    for path in sorted(set(paths)):
        number = zlib.crc32(path.encode()) % LAST_ID + 1
        while number in taken:
            number = number % LAST_ID + 1
        taken[number] = path
    return {path: number for number, path in taken.items()}


def render(exports: Sequence[Export]) -> list[str]:
    """Return the lines of the file: one block for each folder, one client block for each network."""
    ids = export_ids(export.path for export in exports)
    lines: list[str] = []
    for path in dict.fromkeys(export.path for export in exports):
        clients = [export for export in exports if export.path == path]
        lines += ["EXPORT {", *_indented(_folder(path, ids[path])), *_indented(_clients(clients)), "}"]
    return lines


def _folder(path: str, number: int) -> list[str]:
    return [
        f"Export_Id = {number};",
        f'Path = "{path}";',
        f'Pseudo = "{path}";',
        "Protocols = 3, 4;",
        "Transports = TCP;",
        "SecType = sys;",
        "Access_Type = NONE;",
        "FSAL { Name = VFS; }",
    ]


def _clients(exports: Iterable[Export]) -> list[str]:
    lines: list[str] = []
    for export in exports:
        lines += ["CLIENT {", *_indented(_rights(export.network, access_of(export.options))), "}"]
    return lines


def _rights(network: str, access: Access) -> list[str]:
    clients = "*" if network == EVERYONE else network
    return [
        f"Clients = {clients};",
        f"Access_Type = {'RW' if access.writable else 'RO'};",
        f"Squash = {SQUASH[access.squash]};",
        f"Anonymous_Uid = {access.anonymous_uid};",
        f"Anonymous_Gid = {access.anonymous_gid};",
        f"PrivilegedPort = {'true' if access.privileged_ports_only else 'false'};",
    ]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
