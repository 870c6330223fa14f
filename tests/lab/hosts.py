# SPDX-License-Identifier: GPL-3.0-or-later
"""Lab hosts: systemd containers with stand-in GPUs on the lab's bridge, without a route out."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import artifacts, config, engine, inventory, leftovers, machine, ownership, processes, services
from .ownership import lock
from .processes import LabError

LABEL = "mlinfra.gpu-launch.lab"  # its value is the suite
LABEL_GPUS = f"{LABEL}.gpus"  # what the host was made with, as `_gpu_label` writes it
NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
BOOT_SECONDS = 120
NODES = "/etc/tmpfiles.d/nvidia-nodes.conf"  # in the host image: device nodes, made at each boot
REACH = "import socket,sys\nfor p in sys.argv[2:]: socket.create_connection((sys.argv[1], int(p)), 2).close()"


@dataclass(frozen=True)
class Host:
    """A lab host as the engine shows it."""

    name: str
    suite: str
    image: str
    state: str
    address: str
    since: str
    gpus: str  # empty: made before hosts carried it


def up(
    name: str,
    suite: str = "bookworm",
    gpus: int | None = None,
    nvml: Mapping[str, str] | None = None,
    build: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Engine, services and one lab host that has booted and reaches the services. Does nothing that is done already.

    `gpus` is how many of the stand-in GPUs a new host has (all), `nvml` are settings of the stand-in library
    (name=Tesla P4). Both are refused for a host that was made with others.
    Without `build` only what starts the host itself is built; what else is missing is not served.
    """
    if not NAME.fullmatch(name):
        raise LabError(f"{name!r} is no host name: small letters, digits and dashes, beginning with a letter")
    if suite not in config.SUITES or not 0 <= (gpus or 0) <= config.GPU_COUNT:
        raise LabError(f"suite is one of {', '.join(config.SUITES)}, gpus 0 to {config.GPU_COUNT}")
    ownership.check()  # again below, with the lock; but nobody should build for half an hour to be refused
    if build:
        artifacts.build(say=say)
    begin = time.monotonic()
    with lock():
        ownership.take()
        _start_engine(say)
        services.start(say)
        found = find(name)
        if found:
            _refuse_other(found, suite, gpus, nvml or {})
        image = _image(suite, say) if found is None or build else found.image
        if found is None:
            _make(name, suite, image, config.GPU_COUNT if gpus is None else gpus, nvml or {})
        if found is None or found.state != "running":
            engine.docker("start", name)
        state = _wait_booted(name)
        _wait_reachable(name)
        inventory.write()
    note = "" if state == "running" else f", but systemd says {state}: {_failed_units(name)}"
    note += "" if found is None or found.image == image else "; made from an older image: `down` and `up` renew it"
    say(f"host {name} ({suite}) is up, {time.monotonic() - begin:.1f} s{note}")


def _start_engine(say: Callable[[str], None]) -> None:
    if processes.find(engine.NAME) is None:
        leftovers.end_orphans()
    engine.start(say)


def _image(suite: str, say: Callable[[str], None]) -> str:
    """The host image in the engine; an archive that was rebuilt is imported anew, hosts that run keep theirs."""
    folder = artifacts.build([f"labhost-{suite}"], say)[f"labhost-{suite}"]
    tag = f"{config.LABHOST_IMAGE}:{folder.name.removeprefix('labhost-')}"
    if engine.docker("image", "inspect", tag, check=False).returncode != 0:
        say(f"engine: import {tag}")
        engine.docker("import", str(folder / "rootfs.tar"), tag)
        engine.docker("tag", tag, f"{config.LABHOST_IMAGE}:{suite}")
    return tag


def _gpu_label(gpus: int, nvml: Mapping[str, str]) -> str:
    return json.dumps({"gpus": gpus, "nvml": dict(nvml)}, sort_keys=True)


def _refuse_other(found: Host, suite: str, gpus: int | None, nvml: Mapping[str, str]) -> None:
    """A host is not changed behind the back of whoever uses it. What nobody asked for is not compared."""
    if found.suite != suite:
        raise LabError(f"{found.name} exists with suite {found.suite}: run `down {found.name}` first")
    have = json.loads(found.gpus) if found.gpus else {}
    asked = {"gpus": have.get("gpus") if gpus is None else gpus, "nvml": dict(nvml) or have.get("nvml")}
    if have and asked != have:
        raise LabError(
            f"{found.name} exists with {have['gpus']} GPUs and the NVML settings {have['nvml'] or 'of the lab'}: "
            f"run `down {found.name}` first"
        )


def _make(name: str, suite: str, image: str, gpus: int, nvml: Mapping[str, str]) -> None:
    """A container that has its GPUs, or none at all."""
    _create(name, suite, image, _gpu_label(gpus, nvml))
    try:
        _set_gpus(name, gpus, nvml)
    except BaseException:
        engine.docker("rm", "--force", "--volumes", name, check=False)
        raise


def _create(name: str, suite: str, image: str, gpus: str) -> None:
    """docker create with all that systemd and a nested docker need.

    Never --privileged (it shows the machine's devices), and never a mount of /sys/fs/cgroup: systemd would build its
    slices in the machine's own hierarchy.
    """
    drop = [] if machine.detect().cap_sys_resource else ["--cap-drop=SYS_RESOURCE"]
    boot = (config.FILES / "boot.sh").read_text(encoding="utf-8")
    engine.docker(
        "create", f"--name={name}", f"--hostname={name}", f"--label={LABEL}={suite}", f"--label={LABEL_GPUS}={gpus}",
        "--cap-add=ALL", *drop, "--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined",
        "--device-cgroup-rule=a *:* rwm", "--cgroupns=private", f"--dns={config.GATEWAY}",
        "--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec",
        "--volume=/var/lib/docker", "--volume=/var/lib/containerd", "--volume=/srv",
        "--stop-signal=SIGRTMIN+3", "--stop-timeout=30", image, "/bin/sh", "-c", boot,
    )  # fmt: skip


def _set_gpus(name: str, gpus: int, nvml: Mapping[str, str]) -> None:
    """Leaves device nodes out and writes the stand-in library's settings, before the first boot."""
    files = {}
    if gpus < config.GPU_COUNT:
        lines = (config.FILES / "nvidia-nodes.conf").read_text(encoding="utf-8").splitlines(keepends=True)
        gone = {f"/dev/nvidia{number}" for number in range(gpus, config.GPU_COUNT)}
        gone |= (
            {"/dev/nvidiactl", "/dev/nvidia-modeset", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"}
            if gpus == 0
            else set()
        )
        files[NODES] = "".join(line for line in lines if not gone & set(line.split()[1:2]))
    if nvml or gpus < config.GPU_COUNT:
        settings = {"count": str(gpus), **nvml}
        files["/etc/fake-nvml.conf"] = "".join(f"{key}={value}\n" for key, value in settings.items())
    scratch = config.RUN_DIR / "copy"
    for place, text in files.items():
        scratch.write_text(text, encoding="utf-8")
        engine.docker("cp", str(scratch), f"{name}:{place}")
    scratch.unlink(missing_ok=True)


def _wait_booted(name: str) -> str:
    """Polls systemd: asked too early it says offline, and the NVML stand-in lacks its device nodes."""
    state = ""
    end = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < end:
        state = execute(name, ["systemctl", "is-system-running"]).stdout.strip()
        if state in ("running", "degraded"):
            return state
        time.sleep(0.3)
    logs = engine.docker("logs", "--tail=10", name, check=False)
    raise LabError(
        f"{name} has not booted after {BOOT_SECONDS} s (systemd: {state or 'no answer'})\n{logs.stderr.strip()}"
    )


def _failed_units(name: str) -> str:
    units = execute(name, ["systemctl", "list-units", "--state=failed", "--plain", "--no-legend"]).stdout
    return ", ".join(line.split()[0] for line in units.splitlines() if line.strip()) or "no failed unit"


def _wait_reachable(name: str) -> None:
    ports = [str(service.port) for service in services.SERVICES]
    probe = ["python3", "-c", REACH, config.GATEWAY, *ports]
    if not processes.wait_until(lambda: execute(name, probe).returncode == 0, 15, 0.5):
        raise LabError(
            f"{name} does not reach the services at {config.GATEWAY}; is a packet filter on {config.BRIDGE}?"
        )


def find(name: str) -> Host | None:
    """A lab host by name."""
    return next((host for host in every() if host.name == name), None)


def every() -> list[Host]:
    """All lab hosts, whatever their state."""
    names = engine.containers()
    if not names:
        return []
    found: list[dict[str, Any]] = json.loads(engine.docker("inspect", *names).stdout)
    return [
        Host(
            name=one["Name"].lstrip("/"),
            suite=one["Config"]["Labels"][LABEL],
            image=one["Config"]["Image"],
            state=one["State"]["Status"],
            address=one["NetworkSettings"]["IPAddress"],
            since=one["State"]["StartedAt"],
            gpus=one["Config"]["Labels"].get(LABEL_GPUS, ""),
        )
        for one in found
        if LABEL in (one["Config"]["Labels"] or {})
    ]


def execute(name: str, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs a command as root on a lab host and returns what it printed, whatever its status."""
    return engine.docker("exec", name, *command, check=False)


def shell(name: str, command: Sequence[str] = ()) -> int:
    """A shell on a lab host, or one command, on this terminal."""
    _known(name)
    terminal = ["--tty"] if os.isatty(0) and os.isatty(1) else []
    line = engine.client(["exec", "--interactive", *terminal, name, *(command or ["bash", "--login"])])
    return subprocess.run(line, env=processes.environment(), check=False).returncode


def restart(name: str, say: Callable[[str], None] = print) -> None:
    """What a reboot is for a real host."""
    _known(name)
    begin = time.monotonic()
    engine.docker("restart", name)
    state = _wait_booted(name)
    note = "" if state == "running" else f": {_failed_units(name)}"
    say(f"host {name} is back, {time.monotonic() - begin:.1f} s, systemd: {state}{note}")


def _known(name: str) -> Host:
    found = find(name)
    if found is None:
        have = ", ".join(host.name for host in every()) or "none"
        raise LabError(f"no lab host {name}; there are: {have}")
    return found


def down(name: str, say: Callable[[str], None] = print) -> None:
    """Removes one lab host with its volumes; a host that isn't there is no error."""
    with lock():
        ownership.check()
        if processes.find(engine.NAME) is None and engine.has_records():
            ownership.take()
            _start_engine(say)  # only a daemon removes a host: the next `up` would bring this one back as it was
        if find(name) is None:
            say(f"host {name}: not there")
            return
        engine.docker("rm", "--force", "--volumes", name)
        inventory.write()
    say(f"host {name} is gone")


def down_all(say: Callable[[str], None] = print) -> int:
    """Ends everything that runs and takes away what it left. The cache stays. 1 if something is left nevertheless."""
    with lock():
        ownership.check()
        return _end(say)


def down_unused(say: Callable[[str], None] = print) -> int:
    """The same where no lab host is left; one of somebody else keeps engine and services."""
    with lock():
        ownership.check()
        names = [host.name for host in every()]
        if not names:
            return _end(say)
    say(f"engine and services stay for {', '.join(names)}")
    return 0


def _end(say: Callable[[str], None]) -> int:
    for step in (lambda: engine.stop(say), services.stop, leftovers.remove):
        try:
            step()
        except (LabError, OSError) as problem:  # the next step has to do without
            say(str(problem))
    left = leftovers.find()  # with the lock: the next one may start at once
    for line in left:
        say(f"left behind: {line}")
    if not left:
        say("nothing of the lab is left: no process, container, mount, bridge or cgroup")
    return 1 if left else 0


def clean(yes: bool = False, say: Callable[[str], None] = print) -> int:
    """Ends everything and removes the cache; without `yes` it only says how large that is."""
    cache = config.cache_dir()
    if not cache.exists():
        say(f"{cache}: not there")
        return 0
    for entry in sorted(cache.iterdir()):
        say(f"{_size(entry) / 2**20:10.0f} MiB  {entry}")
    if not yes:
        say("clean removes all of this; say --yes to do it")
        return 1
    status = down_all(say)
    if status == 0:
        shutil.rmtree(cache)
        say(f"{cache} is removed")
    return status


def _size(entry: Path) -> int:
    files = [entry] if entry.is_file() else [path for path in entry.rglob("*") if not path.is_symlink()]
    total = 0
    for path in files:
        with contextlib.suppress(OSError):
            total += path.lstat().st_blocks * 512
    return total


def status(say: Callable[[str], None] = print) -> int:
    """A table of engine, services and hosts; 0 when the engine and all services answer."""
    engine_up = processes.find(engine.NAME) is not None and engine.answers()
    rows = [("engine", "up" if engine_up else "down", str(config.DOCKER_SOCKET), "")]
    for service in services.SERVICES:
        state = "up" if services.healthy(service) else "down"
        rows.append((service.name, state, f"http://{config.GATEWAY}:{service.port}/", ""))
    for host in every() if engine_up else []:
        rows.append(
            (f"host {host.name}", host.state, f"{host.address or '-'}  {host.suite}", f"since {host.since[:19]}Z")
        )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip())
    return 0 if all(row[1] == "up" for row in rows[:4]) else 1
