# SPDX-License-Identifier: GPL-3.0-or-later
"""Every colour of text can be read on the ground that it stands on (WCAG AA), by day and by night."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.palette import DARK, LIGHT

STATES = ("error", "warning", "advice", "ok", "not_observed")
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("ground", "paper", "well")),
    *((ink, "board") for ink in ("board_ink", "board_soft")),
    *((state, f"{state}_tint") for state in STATES),
    ("ink", "error_tint"),
]
SHAPES = [
    *((state, "paper") for state in STATES),
    ("fill", "track"),
    ("advice", "well"),
    ("error", "well"),
    ("strong", "paper"),
]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colours, one, other):
    lower, higher = sorted(luminance(colours[name]) for name in (one, other))
    return (higher + 0.05) / (lower + 0.05)


@pytest.mark.parametrize("colours", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text(colours, ink, ground):
    assert contrast(colours, ink, ground) >= 4.5


@pytest.mark.parametrize("colours", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes(colours, shape, ground):
    assert contrast(colours, shape, ground) >= (3 if shape != "strong" else 2.4)


def test_both_have_the_same_names():
    assert list(LIGHT) == list(DARK)


def test_contrast_is_that_of_the_standard():
    assert contrast({"a": "#000000", "b": "#ffffff"}, "a", "b") == pytest.approx(21)
    assert contrast({"a": "#777777", "b": "#ffffff"}, "a", "b") == pytest.approx(4.48, abs=0.01)
