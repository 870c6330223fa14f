# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own docker engine, beside whatever runs here: own data, socket, containerd, bridge, cgroup; no rule."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from . import artifacts, config, machine, network, processes, sysctls
from .processes import LabError

NAME = "dockerd"
CGROUP = "mlinfra-gpu-launch"  # parent of all cgroups of the lab's containers
NAMESPACE = "gpulab"  # of containerd
PATIENCE_S = 600  # for one request: an image of a gigabyte is loaded on a slow disk
OUTSIDE = tuple(Path(folder) for folder in ("/opt/containerd", "/run/containerd", "/run/docker", "/etc/docker"))


def data_root() -> Path:
    """Images and volumes of the lab hosts."""
    return config.cache_dir() / "engine-data"


def exec_root() -> Path:
    """Sockets and network namespaces of the engine and its containerd."""
    return config.RUN_DIR / "exec"


def programs() -> Path:
    """The folder with dockerd and its helpers, of the engine that was published last."""
    return (config.bin_dir() / "docker").readlink().parent


def command(programs: Path, wrapper: Path | None) -> list[str]:
    """The daemon's command line; with the runtime wrapper only where the machine needs it."""
    run = config.RUN_DIR
    line = [
        str(programs / "dockerd"),
        f"--config-file={run / 'daemon.json'}",
        f"--data-root={data_root()}",
        f"--exec-root={exec_root()}",
        f"--pidfile={run / 'dockerd.pid'}",
        f"--host=unix://{config.DOCKER_SOCKET}",
        f"--bridge={config.BRIDGE}",
        "--iptables=false",
        "--ip6tables=false",
        "--ip-masq=false",
        "--ip-forward=false",
        "--storage-driver=overlay2",
        "--exec-opt=native.cgroupdriver=cgroupfs",
        f"--cgroup-parent=/{CGROUP}",
        f"--containerd-namespace={NAMESPACE}",
        f"--containerd-plugins-namespace={NAMESPACE}-plugins",
        f"--insecure-registry={config.REGISTRY}",
        "--log-level=warn",
    ]
    if wrapper:
        line += [f"--add-runtime=ocirt={wrapper}", "--default-runtime=ocirt"]
    return line


def start(say: Callable[[str], None] = print) -> None:
    """Starts bridge and daemon, if they aren't running, and waits until the daemon answers. Builds what they need."""
    if processes.find(NAME) and answers():
        return
    config.RUN_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
    network.up()
    _remember_made()
    sysctls.remember()
    wrapped = machine.detect().needs_ocirt
    places = artifacts.build(["engine", *(["ocirt"] if wrapped else [])], say)
    binaries = places["engine"] / "bin"
    settings = config.RUN_DIR / "daemon.json"
    settings.write_text(json.dumps(_settings(binaries / "dockerd")), encoding="utf-8")
    search = f"{binaries}:{os.environ.get('PATH', '/usr/sbin:/usr/bin:/sbin:/bin')}"
    line = command(binaries, places["ocirt"] / "ocirt" if wrapped else None)
    processes.start(NAME, line, str(config.RUN_DIR), {"PATH": search})
    if not processes.wait_until(lambda: answers() or not processes.find(NAME), 60) or not answers():
        raise LabError(f"dockerd does not answer; the end of {processes.log_path(NAME)}:\n{processes.tail(NAME)}")


def _remember_made() -> None:
    """Notes which of the folders that daemons make whatever one tells them are not there before the first start."""
    path = config.RUN_DIR / "made.json"
    if not path.exists():
        path.write_text(json.dumps([str(folder) for folder in OUTSIDE if not folder.exists()]), encoding="utf-8")


def made_folders() -> list[Path]:
    """Folders outside the lab's own that its engine made, as far as they exist."""
    try:
        names = json.loads((config.RUN_DIR / "made.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [folder for folder in OUTSIDE if str(folder) in names and folder.exists()]


def _settings(program: Path) -> dict[str, str]:
    """Keeps an old daemon (before 23) from writing its key below /etc/docker."""
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    major = int(done.stdout.split("version ", 1)[1].split(".", 1)[0])
    return {"deprecated-key-path": str(config.RUN_DIR / "key.json")} if major < 23 else {}


def answers() -> bool:
    """Whether the daemon takes requests."""
    with contextlib.suppress(LabError):
        return config.DOCKER_SOCKET.exists() and docker("version", check=False, patience=10).returncode == 0
    return False


def docker(*arguments: str, check: bool = True, patience: float = PATIENCE_S) -> subprocess.CompletedProcess[str]:
    """Runs the docker client against the lab's engine. A client that is missing or gets no answer is a LabError."""
    what = f"docker {' '.join(arguments[:3])} ..."
    try:
        done = subprocess.run(
            client(arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
            timeout=patience, env=processes.environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{what}: no answer within {patience:.0f} s") from error
    except OSError as error:
        raise LabError(f"{what}: {error}") from error
    if check and done.returncode != 0:
        raise LabError(f"{what}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def client(arguments: Sequence[str]) -> list[str]:
    """A docker command line for the lab's engine."""
    return [str(config.bin_dir() / "docker"), "-H", f"unix://{config.DOCKER_SOCKET}", *arguments]


def containers() -> list[str]:
    """Names of all containers of the lab's engine; none when it does not run."""
    if not processes.find(NAME):
        return []
    return docker("ps", "--all", "--format", "{{.Names}}", patience=60).stdout.split()


def stop(say: Callable[[str], None] = print) -> bool:
    """Ends containers, daemon and containerd; whether a daemon ran. What they leave is for `leftovers.remove`."""
    try:
        names = containers()
        if names:
            docker("rm", "--force", "--volumes", *names, check=False, patience=120)
    except LabError as error:
        say(f"{error}; its processes are ended one by one")
    children = helpers()
    ran = processes.stop(NAME, patience=45)
    if ran:
        processes.wait_until(lambda: not any(is_helper(pid) for pid in children), 10)
    return ran


def forget_containers() -> None:
    """Empties the data root when containers are still recorded there: no daemon was left to remove them.

    Otherwise the next daemon would bring them back. Images go too: they are imported anew within seconds.
    """
    if has_records():
        shutil.rmtree(data_root(), ignore_errors=True)


def has_records() -> bool:
    """Whether the data root knows of containers: the daemon that made them may have ended without removing them."""
    records = data_root() / "containers"
    return records.is_dir() and any(records.iterdir())


def helpers() -> list[int]:
    """Process ids of containerd and shims of the lab: their command lines name the exec root or the namespace."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and is_helper(int(entry.name))]


def is_helper(pid: int) -> bool:
    """Whether a process is a containerd or a shim of this engine."""
    line = processes.command_line(pid)
    found = processes.stat(pid)
    return bool(found and found[0] == "live" and "containerd" in line.split(" ")[0] and str(exec_root()) in line)
