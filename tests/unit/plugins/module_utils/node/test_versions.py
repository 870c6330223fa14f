# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of versions."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.versions import below, parts


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("1.20.1", (1, 20, 1)),
        ("v1.34.4", (1, 34, 4)),
        ("1:1.20.1-1", (1, 20, 1)),
        ("1.20.1~rc.1-1", (1, 20, 1)),
        ("20.10.24+dfsg1", (20, 10, 24)),
        ("latest", None),
        ("", None),
        ("1.2.3.4.5", None),
        ("9" * 30, None),
    ],
)
def test_parts(version, numbers):
    assert parts(version) == numbers


@pytest.mark.parametrize(
    ("version", "floor", "verdict"),
    [
        ("1.19", "1.19.0", False),
        ("1.19", "1.19.1", True),
        ("1.100", "1.19", False),
        ("x", "1", None),
        ("1", "x", None),
    ],
)
def test_below(version, floor, verdict):
    assert below(version, floor) is verdict
