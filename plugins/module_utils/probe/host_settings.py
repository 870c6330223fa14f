# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the doctor asks of the machine beside its platform: clock, kernel settings, proxies, SELinux."""

from __future__ import annotations

import ctypes
import os
import re
import time

from ..node.observed.host import ClockSeen, ProxySeen, SelinuxSeen
from . import apt_conf
from .look import Look
from .root import Root, Unreadable
from .seen import Seen

_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
_SYNCHRONISED_FILE = "/run/systemd/timesync/synchronized"
_POLICIES = ("/usr/share/selinux/packages", "/usr/share/selinux/default", "/usr/share/selinux/devel")
_POLICY_STORES = ("default", "targeted", "mls")


class _Timex(ctypes.Structure):
    """The head of struct timex; the kernel writes up to 208 bytes."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    ]


def clock(look: Look) -> ClockSeen | None:
    """Return how the clock stands to the controller's, and whether it is synchronised."""
    wanted = look.wanted["host"]
    ahead = round(time.time() - wanted.controller_time, 3) if wanted.controller_time else None
    kept = look.seen.fact("host.clock.synchronised", lambda: synchronised(look.root)) if wanted.thorough else None
    return ClockSeen(ahead, kept) if wanted.controller_time or wanted.thorough else None


def synchronised(root: Root) -> bool:
    """Return whether the kernel knows its clock to be right; some containers may not ask it.

    Raises:
        Unreadable: the kernel does not say, and systemd-timesyncd left no mark either.
    """
    if root.exists(_SYNCHRONISED_FILE):
        return True
    if not root.real:
        raise Unreadable("the kernel's clock belongs to this machine, not to a folder")
    state = _Timex()
    library = ctypes.CDLL(None, use_errno=True)
    if library.adjtimex(ctypes.byref(state)) < 0:
        raise Unreadable(f"adjtimex: {os.strerror(ctypes.get_errno())}")
    return not state.status & _UNSYNCHRONISED


def bpf_jit_harden(root: Root) -> int:
    """Return how the BPF compiler is hardened; a kernel without it has nothing to harden.

    Raises:
        Unreadable: the file may not be read, or holds no number.
    """
    text = root.line("/proc/sys/net/core/bpf_jit_harden")
    if text is None:
        return 0
    if not text.isdigit():
        raise Unreadable(f"/proc/sys/net/core/bpf_jit_harden: {text!r} is no number")
    return int(text)


def proxies(root: Root, seen: Seen) -> ProxySeen | None:
    """Return which layers of the machine itself have a proxy."""
    return seen.fact("host.proxy", lambda: _proxies(root))


def _proxies(root: Root) -> ProxySeen:
    known = apt_conf.settings(root)
    names = [f"acquire::{kind}::{name}" for kind in ("http", "https") for name in ("proxy", "proxy-auto-detect")]
    variables = {name.lower(): value for name, value in environment(root).items()}
    return ProxySeen(
        apt=any(apt_conf.last(known, name) not in ("", "DIRECT", "false") for name in names),
        sessions=any(variables.get(name) for name in ("http_proxy", "https_proxy", "all_proxy")),
        no_proxy=tuple(part.strip() for part in variables.get("no_proxy", "").split(",") if part.strip()),
    )


def environment(root: Root) -> dict[str, str]:
    """Return the variables that /etc/environment gives to every session."""
    text = root.read("/etc/environment") or ""
    found = re.findall(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=([^\n]*)", text, re.MULTILINE)
    return {name: value.strip().strip("\"'") for name, value in found}


def selinux(root: Root) -> SelinuxSeen:
    """Return the mode of SELinux, and whether a policy module for containers is there."""
    enforce = root.line("/sys/fs/selinux/enforce")
    if enforce is None:
        return SelinuxSeen()
    mode = "enforcing" if enforce == "1" else "permissive"
    return SelinuxSeen(mode, _container_policy(root))


def _container_policy(root: Root) -> bool:
    stores = [f"/var/lib/selinux/{name}/active/modules/{level}" for name in _POLICY_STORES for level in ("100", "200")]
    names = [name for folder in (*_POLICIES, *stores) for name in root.names(folder) or []]
    return any(name == "container" or name.startswith("container.pp") for name in names)
