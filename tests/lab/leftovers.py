# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the lab is on this machine beside the cache: processes, mounts, bridge, cgroups, folders."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import config, engine, network, processes

CGROUP_ROOT = Path("/sys/fs/cgroup")
PROGRAMS = ("dockerd", "containerd", "docker-registry", "docker-proxy", "ctr")


def find() -> list[str]:
    """One line for each thing that is left; empty when nothing is."""
    left = [f"process {pid}: {line}" for pid, line in lab_processes()]
    left += [f"mount {place}" for place in mounts()]
    left += [f"interface {config.BRIDGE}"] if network.exists() else []
    left += [f"cgroup {folder}" for folder in cgroups() if folder.name == engine.CGROUP]
    left += rules()
    left += [f"folder {folder}" for folder in engine.made_folders()]
    left += [f"folder {config.RUN_DIR}"] if config.RUN_DIR.exists() else []
    return left


def lab_processes() -> Iterator[tuple[int, str]]:
    """The engine's programs on the lab's folders, the services on its address, and what lives in its cgroups."""
    inside = {pid for folder in cgroups() for pid in _members(folder)}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        found, line = processes.stat(pid), processes.command_line(pid)
        if found and found[0] == "live" and (pid in inside or belongs(line)):
            yield pid, line[:160]


def belongs(line: str) -> bool:
    """Whether a command line is that of one of the lab's own processes."""
    if any(f"-m tests.lab.{server}" in line for server in ("static_server", "wandb_server")):
        return config.GATEWAY in line
    program = Path(line.split(" ")[0]).name
    folders = (f"{config.RUN_DIR}/", str(engine.data_root()))
    return program.startswith(PROGRAMS) and any(folder in line for folder in folders)


def _members(folder: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in (folder / "cgroup.procs").read_text(encoding="utf-8").split()]
    return []


def mounts() -> list[str]:
    """Mount points below the run folder and the engine's data."""
    roots = (f"{config.RUN_DIR}/", str(engine.data_root()))
    places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    return sorted((place for place in places if f"{place}/".startswith(roots)), reverse=True)


def cgroups() -> list[Path]:
    """Control groups of the lab's containers, the deepest first."""
    tops = [CGROUP_ROOT / engine.CGROUP, *CGROUP_ROOT.glob(f"*/{engine.CGROUP}")]
    found = [folder for top in tops if top.is_dir() for folder in [top, *(p for p in top.rglob("*") if p.is_dir())]]
    return sorted(found, key=lambda folder: -len(folder.parts))


def rules() -> list[str]:
    """Packet filter rules that name the bridge or its subnet. The lab makes none."""
    found = []
    for command in (["nft", "list", "ruleset"], ["iptables-save"], ["iptables-legacy-save"]):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            marks = (config.BRIDGE, config.SUBNET)
            found += [f"rule {line.strip()}" for line in done.stdout.splitlines() if any(m in line for m in marks)]
    return found


def remove() -> None:
    """Takes away what no process holds any more: mounts, cgroups, sockets, the run folder."""
    for place in mounts():
        subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
    processes.wait_until(lambda: all(_removed(folder) for folder in cgroups()), 5, 0.2)
    network.down()
    _remove_made()
    if not mounts():
        shutil.rmtree(config.RUN_DIR, ignore_errors=True)


def _remove_made() -> None:
    """Folders that the engine made outside its own, where they are empty: another engine may use them by now."""
    for top in engine.made_folders():
        for folder in [*sorted(top.rglob("*"), reverse=True), top]:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _removed(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.rmdir()
    return not folder.exists()
