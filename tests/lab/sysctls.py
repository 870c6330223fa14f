# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel settings that belong to no container, and that a lab host changes all the same.

A lab host may write below /proc/sys, because the kubelet insists on it, and so may systemd-sysctl of every host and
node. Most settings there belong to the host's own network; these belong to the machine.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from . import config

ROOT = Path("/proc/sys")
NAMES = (
    # the kubelet
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
    # sysctl.d of Debian's systemd and procps
    "kernel/core_pattern",
    "kernel/core_uses_pid",
    "kernel/pid_max",
    "kernel/sysrq",
    "fs/protected_fifos",
    "fs/protected_hardlinks",
    "fs/protected_regular",
    "fs/protected_symlinks",
    # what people raise for many pods
    "fs/inotify/max_queued_events",
    "fs/inotify/max_user_instances",
    "fs/inotify/max_user_watches",
    # kube-proxy; older kernels let every network write them
    "net/netfilter/nf_conntrack_buckets",
    "net/netfilter/nf_conntrack_expect_max",
    "net/netfilter/nf_conntrack_max",
)


def read() -> dict[str, str]:
    """The settings that this kernel has."""
    found = {}
    for name in NAMES:
        with contextlib.suppress(OSError):
            found[name] = (ROOT / name).read_text(encoding="utf-8").strip()
    return found


def saved_path() -> Path:
    """Where the settings before the first start of the engine are kept."""
    return config.RUN_DIR / "sysctls.json"


def remember() -> None:
    """Saves the settings, unless an earlier start did."""
    if not saved_path().exists():
        saved_path().write_text(json.dumps(read(), indent=1), encoding="utf-8")


def changed() -> dict[str, tuple[str, str]]:
    """Name -> value before the lab, value now. Nothing where nothing was saved: such a lab is left as it was found."""
    try:
        saved = json.loads(saved_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    now = read()
    return {
        name: (saved[name], now[name]) for name in NAMES if name in saved and name in now and saved[name] != now[name]
    }


def restore() -> None:
    """Writes back what differs; what the kernel refuses stays in `changed`."""
    for name, (before, _) in changed().items():
        with contextlib.suppress(OSError):
            (ROOT / name).write_text(before, encoding="utf-8")
