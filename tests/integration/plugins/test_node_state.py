# SPDX-License-Identifier: GPL-3.0-or-later
"""node_state looks at this machine and changes nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable

from .conftest import Played


def test_this_machine(play: Callable[..., Played]) -> None:
    played = play([{"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["host", "docker"]}}])
    assert played.rc == 0, played.output
    host = played["Look"]["observed"]["host"]
    assert (host["kernel"], host["arch"]) == (platform.release(), platform.machine())
    assert host["cpus"] in (os.cpu_count(), len(os.sched_getaffinity(0)))
    assert host["memory_mib"] == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    assert not played["Look"]["changed"]
