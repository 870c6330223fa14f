# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent forces onto containers, wherever they stand."""

from __future__ import annotations

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.shapes import harden, restricted
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.tree import Place, walk


def test_every_container_is_hardened_and_what_is_none_is_left():
    spec = {"template": {"spec": {"containers": [{"name": "a"}, "no container"], "initContainers": "none"}}}
    harden([spec])
    containers = spec["template"]["spec"]["containers"]
    assert containers == [{"name": "a", "securityContext": restricted()}, "no container"]


def test_a_walk_over_a_single_value_is_that_value():
    assert list(walk("x")) == [Place("", None, "x")]
