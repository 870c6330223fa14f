# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may mount what: the wanted exports, those of others, and what is in force without being written anywhere."""

from __future__ import annotations

from ..nfs.exports import is_beyond, is_everyone
from .judge import Judge
from .observed.nfs import ExportClient, NfsFacts
from .wanted.nfs import NfsWanted

_OPEN = "a network that only the cluster is in"


def compare_exports(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    """Judge the wanted exports, then the lines of others, then what the kernel's server has in force."""
    networks = [(export.network or wanted.network).strip() for export in wanted.exports]
    for export, network in zip(wanted.exports, networks):
        if is_everyone(network) and not wanted.allow_everyone:
            fix = "set nfs_server_network to the cluster's network, or nfs_server_allow_everyone: true"
            judge.refuse("NFS001", export.path, f"network '{network}'", _OPEN, fix, client=network)
    lines = judge.need("nfs.exports", nfs.exports)
    if lines is None:
        return
    known = [*networks, wanted.network]
    mine = {export.path for export in wanted.exports}
    for item in lines:
        if item.file != wanted.file:
            _foreign(judge, item, known, mine, wanted.file)
    _unwritten(judge, nfs, lines)


def _foreign(judge: Judge, item: ExportClient, known: list[str], mine: set[str], own: str) -> None:
    place = f"{item.file}:{item.line}"
    evidence = {"file": item.file, "script": f"{item.line},{item.last or item.line}s/^/# /", "client": item.client}
    if is_everyone(item.client):
        judge.find("NFS001", item.path, f"{place} exports it to everyone", _OPEN, **evidence)
    elif "no_root_squash" in item.options and is_beyond(item.client, known):
        found = f"{place} exports it with no_root_squash to {item.client}, which is not the cluster's network"
        judge.find("NFS001", item.path, found, f"no_root_squash within {', '.join(dict.fromkeys(known))}", **evidence)
    if item.path in mine:
        judge.find("NFS002", item.path, f"{place} exports it too", f"{own} alone", **evidence)


def _unwritten(judge: Judge, nfs: NfsFacts, lines: tuple[ExportClient, ...]) -> None:
    """An export by hand (exportfs with an argument) is in no file, and gone after the next boot."""
    judge.need_read("nfs.served")
    written = {(item.path, item.client) for item in lines}
    for item in nfs.served or ():
        if is_everyone(item.client) and (item.path, item.client) not in written:
            found = f"it is served to {item.client}, which no export file says"
            fix = "run exportfs -ra, which serves what the files say"
            judge.find("NFS001", item.path, found, _OPEN, fix, client=item.client, options=list(item.options))
