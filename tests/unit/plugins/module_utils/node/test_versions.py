# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of versions."""

from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.versions import CTK_FLOOR, below, parts


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


def test_default_of_the_role_is_above_the_floor():
    defaults = Path(__file__).resolve().parents[5] / "roles/nvidia_ctk/defaults/main.yml"
    line = next(text for text in defaults.read_text().splitlines() if text.startswith("nvidia_ctk_version:"))
    assert below(line.split(":")[1].strip(" \"'"), CTK_FLOOR) is False
