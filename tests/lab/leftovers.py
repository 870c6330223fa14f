# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the lab is on this machine beside the cache: processes, mounts, bridge, cgroups, folders, kernel settings."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import config, engine, network, processes, sysctls

CGROUP_ROOT = Path("/sys/fs/cgroup")
PROGRAMS = ("dockerd", "containerd", "docker-registry", "docker-proxy", "ctr", "runc")
SHIM = "containerd-shim"


def find() -> list[str]:
    """One line for each thing that is left; empty when nothing is."""
    left = [f"process {pid}: {line}" for pid, line in lab_processes()]
    left += [f"mount {place}" for place in mounts()]
    left += [f"interface {config.BRIDGE}"] if network.exists() else []
    left += [f"cgroup {folder}" for folder in cgroups() if folder.name == engine.CGROUP]
    left += rules()
    left += [f"folder {folder}" for folder in engine.made_folders()]
    left += [
        f"sysctl {name.replace('/', '.')}: {now}, was {before}" for name, (before, now) in sysctls.changed().items()
    ]
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
    program = Path(line.split(" ")[0]).name
    if any(f"-m tests.lab.{server} " in line for server in ("static_server", "wandb_server")):
        return program.startswith("python") and config.GATEWAY in line.split(" ")
    known = program in PROGRAMS or program.startswith(SHIM)
    return known and any(folder in f"{line} " for folder in (f"{config.RUN_DIR}/", f"{engine.data_root()} "))


def _members(folder: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in (folder / "cgroup.procs").read_text(encoding="utf-8").split()]
    return []


def mounts() -> list[str]:
    """Mount points below the run folder and the engine's data."""
    roots = (f"{config.RUN_DIR}/", f"{engine.data_root()}/")
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


def end_orphans() -> None:
    """Ends what outlived its engine, and takes away what that held: mounts, cgroups, sockets, files with process ids.

    dockerd takes a containerd that was killed but not yet reaped for one that runs, and waits for it in vain.
    """
    processes.wait_until(_killed, 20, 0.2)
    for place in mounts():
        subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
    processes.wait_until(lambda: all(_removed(folder) for folder in cgroups()), 5, 0.2)
    if not mounts() and not any(lab_processes()):
        shutil.rmtree(engine.exec_root(), ignore_errors=True)


def remove() -> None:
    """Ends what outlived its engine, then takes away what it held: data, bridge, run folder, settings."""
    end_orphans()
    if not mounts() and not any(lab_processes()):
        engine.forget_containers()
    _remove_made()
    sysctls.restore()
    network.down()
    if not mounts() and not sysctls.changed():  # else the folder stays: it says what was there before
        shutil.rmtree(config.RUN_DIR, ignore_errors=True)


def _killed() -> bool:
    """Kills what lives in the lab's cgroups, and its programs wherever they are; true when nothing was left.

    Process ids are reused: a handle is taken first, and only used if the id still is the lab's after that.
    """
    for folder in cgroups():
        with contextlib.suppress(OSError):
            if (folder / "cgroup.kill").exists():  # cgroup v2
                (folder / "cgroup.kill").write_text("1", encoding="utf-8")
    handles = {}
    for pid, _ in lab_processes():
        with contextlib.suppress(OSError):
            handles[pid] = os.pidfd_open(pid)
    still = {pid for pid, _ in lab_processes()}
    for pid, handle in handles.items():
        with contextlib.suppress(OSError):
            if pid in still:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        os.close(handle)
    return not still


def _remove_made() -> None:
    """Folders that the engine made outside its own, where they are empty: another engine may use them by now.

    Shims that were killed leave their sockets there; such a one goes if no process has it open.
    """
    open_sockets = set(Path("/proc/net/unix").read_text(encoding="utf-8").split())
    for top in engine.made_folders():
        for entry in [*sorted(top.rglob("*"), reverse=True), top]:
            with contextlib.suppress(OSError):
                if stat.S_ISSOCK(entry.lstat().st_mode) and str(entry) not in open_sockets:
                    entry.unlink()
                elif entry.is_dir():
                    entry.rmdir()


def _removed(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.rmdir()
    return not folder.exists()
