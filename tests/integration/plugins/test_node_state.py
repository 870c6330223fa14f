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


def test_compared_on_the_controller(play: Callable[..., Played]) -> None:
    wanted = {"host": {"platforms": {"plan9": ["4"]}}, "docker": {"source": "existing"}}
    played = play([{"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["host"], "wanted": wanted}}])
    assert played.rc == 0, played.output
    assert "SYS002" in [finding["id"] for finding in played["Look"]["findings"]]
    assert [item["fact"] for item in played["Look"]["unknown"]] == ["docker"]
    assert not played["Look"]["converged"]
    assert any("plan9" in line for line in played["Look"]["refusals"])


def test_a_wanted_state_of_another_shape_is_refused(play: Callable[..., Played]) -> None:
    task = {"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["host"], "wanted": {"host": {"odd": 1}}}}
    played = play([task])
    assert played.rc == 2
    assert "wanted host: unknown key 'odd'" in played["Look"]["msg"]
