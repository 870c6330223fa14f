# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine can and cannot do. Workarounds follow from it; none is assumed."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path

CAP_SYS_RESOURCE = 24


@dataclass(frozen=True)
class Machine:
    """Facts that decide about workarounds."""

    cap_sys_resource: bool
    cgroup_v2: bool
    nofile_hard: int
    systemd: bool
    kernel_nfsd: bool

    @property
    def needs_ocirt(self) -> bool:
        """`docker run --privileged` fails without this capability; the runtime wrapper drops it from what is asked."""
        return not self.cap_sys_resource


def bounding_set_has(status: str, capability: int) -> bool:
    """Whether the text of /proc/self/status has the capability in the bounding set; true when it does not say."""
    for line in status.splitlines():
        if line.startswith("CapBnd:"):
            return bool(int(line.split()[1], 16) >> capability & 1)
    return True


def detect(root: Path = Path("/")) -> Machine:
    """Look at the machine that this program runs on."""
    filesystems = (root / "proc/filesystems").read_text().split()
    return Machine(
        cap_sys_resource=bounding_set_has((root / "proc/self/status").read_text(), CAP_SYS_RESOURCE),
        cgroup_v2=(root / "sys/fs/cgroup/cgroup.controllers").exists(),
        nofile_hard=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        systemd=(root / "run/systemd/system").is_dir(),
        kernel_nfsd="nfsd" in filesystems,
    )
