# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server itself: installed, configured, running, serving what is written, and reachable."""

from __future__ import annotations

from typing import Any

from .convert import to_plain
from .files import compare_files
from .judge import Judge
from .nfs_backend import GANESHA, KERNEL
from .observed.nfs import GaneshaConfig, NfsFacts
from .observed.shared import Unit
from .wanted.nfs import PACKAGES, UNITS, NfsWanted

_OTHER = {KERNEL: GANESHA, GANESHA: KERNEL}
_NOT_AT_BOOT = ("", "disabled", "enabled-runtime", "masked", "masked-runtime")
# Options that the table of what is served names by the same word.
_TOLD = {"ro", "rw", "sync", "async", "secure", "insecure", "root_squash", "no_root_squash", "all_squash"}


def compare_server(judge: Judge, nfs: NfsFacts, wanted: NfsWanted, backend: str) -> None:
    """Judge the server that the inputs mean."""
    if backend == KERNEL and nfs.kernel_server == "absent":
        fix = "set nfs_server_backend: ganesha (or auto)"
        found, wants = "no file system nfsd and no module for it", "a kernel with an NFS server"
        judge.refuse("NFS003", "kernel", found, wants, fix, kernel_server=nfs.kernel_server)
        return
    if backend == GANESHA:
        _configuration(judge, nfs, wanted)
    _rival(judge, nfs, backend)
    packages = judge.need("nfs.packages", nfs.packages)
    lacking = [name for name in PACKAGES[backend] if packages is not None and name not in packages]
    if lacking:
        judge.find("NFS008", "packages", f"no {', no '.join(lacking)}", "an NFS server", packages=lacking)
    files = wanted.kernel_files if backend == KERNEL else wanted.ganesha_files
    seen = judge.need("nfs.config_files", nfs.config_files)
    if seen is not None:
        compare_files(judge, "NFS009", "nfs.config_files", seen, files)
    if packages is not None and not lacking:
        _unit(judge, nfs, wanted, backend)
    for path in judge.need("nfs.hung", nfs.hung) or ():
        judge.find("NFS005", path, "it does not answer", "a mount that answers", path=path)


def _configuration(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    for text in wanted.ganesha_problems:
        judge.find("NFS011", "nfs_server_exports", text, "options that nfs-ganesha has", server=GANESHA)
    config = judge.need("nfs.ganesha", nfs.ganesha)
    if config is not None and is_foreign(config, wanted.include):
        parts = [*(f"block {name}" for name in config.blocks), *(f"the file {name}" for name in config.includes)]
        found = f"{', '.join(parts)}, and no line that reads {wanted.include}"
        wants, facts = (
            "the role's file, or one without settings",
            {"blocks": config.blocks, "includes": config.includes},
        )
        judge.find("NFS015", "/etc/ganesha/ganesha.conf", found, wants, **to_plain(facts))


def is_foreign(config: GaneshaConfig, own: str) -> bool:
    """Return whether somebody else wrote a configuration: it has settings, and none of them reads the role's file."""
    return bool(config.blocks or config.includes) and own not in config.includes


def _rival(judge: Judge, nfs: NfsFacts, backend: str) -> None:
    name, unit = UNITS[backend], UNITS[_OTHER[backend]]
    other = nfs.unit if backend == GANESHA else nfs.ganesha_unit
    if other is not None and other.active == "active":
        fix = f"set nfs_server_backend: {_OTHER[backend]}, or stop and disable {unit}"
        found = f"{unit} runs and holds port 2049"
        stoppable = unit if _serves_nothing(nfs, backend) else ""
        judge.find("NFS014", unit, found, f"the port free for {name}", fix, unit=stoppable)


def _serves_nothing(nfs: NfsFacts, backend: str) -> bool:
    """Whether nobody would miss the other server; one that was not looked into may have users."""
    if backend == GANESHA:
        return nfs.served == ()
    return nfs.ganesha is not None and not nfs.ganesha.includes and "EXPORT" not in map(str.upper, nfs.ganesha.blocks)


def _unit(judge: Judge, nfs: NfsFacts, wanted: NfsWanted, backend: str) -> None:
    name = UNITS[backend]
    fact, unit = ("nfs.unit", nfs.unit) if backend == KERNEL else ("nfs.ganesha_unit", nfs.ganesha_unit)
    unit = judge.need(fact, unit)
    if unit is None:
        return
    if unit.enabled in _NOT_AT_BOOT:
        judge.find("NFS016", name, unit.enabled or "no unit", "enabled", unit=name)
    if unit.active != "active":
        found = f"{unit.active}" + (f", {unit.result}" if unit.result not in ("", "success") else "")
        judge.find("NFS003", name, found, "a server that runs", unit=name, verb="start")
        return
    listening = judge.need("nfs.listening", nfs.listening)
    if listening is False:
        judge.find("NFS003", name, "nothing listens on port 2049", "a server that answers", unit=name, verb="restart")
    elif listening:
        _answer(judge, nfs, wanted)
    if backend == KERNEL:
        _served(judge, nfs, wanted)
    else:
        _read(judge, nfs, unit, wanted)


def _answer(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    answer = judge.need("nfs.answer", nfs.answer) if wanted.kubeconfig else None
    if answer not in (None, "answers"):
        wants = "an answer at the address that the cluster's node uses"
        facts: dict[str, Any] = {"address": wanted.address, "port": 2049, "answer": answer, "listening": nfs.listening}
        judge.find("NFS004", f"{wanted.address}:2049", f"{answer}", wants, **facts)


def _served(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    """What the kernel's server has in force, against the inputs; exportfs succeeds even when nothing serves."""
    name = UNITS[KERNEL]
    if nfs.kernel_server == "available":
        judge.find("NFS003", name, "the kernel's server is not loaded", "nfsd", unit=name, verb="restart")
    table = judge.need("nfs.served", nfs.served)
    if table is None:
        return
    options = {(item.path, item.client): set(item.options) for item in table}
    for export in wanted.exports:
        network = export.network or wanted.network
        has = options.get((export.path, network))
        if has is None:
            found = f"not served to {network}"
        elif not _TOLD.intersection(export.options) <= has:
            found = f"served without {', '.join(sorted(_TOLD.intersection(export.options) - has))}"
        else:
            continue
        judge.find("NFS003", export.path, found, "what the inputs say", unit=name, verb="reload")


def _read(judge: Judge, nfs: NfsFacts, unit: Unit, wanted: NfsWanted) -> None:
    """The server reads its settings when it starts, and the exports again when it is told to."""
    written = judge.need("nfs.written", nfs.written)
    times = ((path, at) for path, at in sorted((written or {}).items()))
    for path, at in times:
        verb, since = ("reload", unit.changed_at) if path == wanted.include else ("restart", unit.started_at)
        if at > since:
            found = f"{path} is newer than what the server has read"
            judge.find("NFS003", UNITS[GANESHA], found, "what is written", unit=UNITS[GANESHA], verb=verb)
