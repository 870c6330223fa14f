# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures of a measurement depend on."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.lab import hosts

from . import paths


def processor() -> str:
    """The model of this machine's cores."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def digest(folder: Path) -> str:
    """A short hash of a role's tasks and defaults: a folder without a version is named by its content."""
    total = hashlib.sha256()
    for name in ("tasks", "defaults", "handlers", "vars"):
        for path in sorted((folder / name).glob("*.yml")):
            total.update(path.read_bytes())
    return total.hexdigest()[:12]


def pyinfra_version(program: Path) -> str:
    """What the program calls itself."""
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1].lstrip("v")


def describe(host: str, loads: Sequence[float], pyinfra: Path | None) -> dict[str, str]:
    """Label -> text, for the page."""
    target = hosts.execute(host, ["python3", "--version"]).stdout.split()
    system = hosts.execute(host, ["sh", "-c", '. /etc/os-release; echo "$PRETTY_NAME"']).stdout.strip()
    client = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr.split(",")[0]
    role = paths.geerlingguy()
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    return {
        "date": f"{now:%Y-%m-%d}",
        "machine": f"{len(os.sched_getaffinity(0))} cores ({processor()}), shared by the controller and the lab host",
        "load": f"{min(loads):.1f} to {max(loads):.1f}" if loads else "",
        "ansible-core, Python": f"{importlib.metadata.version('ansible-core')}, {platform.python_version()}",
        "lab host": f"{system}, Python {target[-1] if target else 'unknown'}, 4 stand-in GPUs",
        "connection": f"SSH as root by key ({client.strip()}), ControlPersist 60 s, pipelining on",
        "forks": os.environ.get("ANSIBLE_FORKS", "5 (Ansible's default)"),
        "pyinfra": pyinfra_version(pyinfra) if pyinfra else "not measured",
        "geerlingguy.docker": f"content {digest(role)}" if role else "not measured: its source is not at hand",
    }
