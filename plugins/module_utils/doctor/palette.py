# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the page, by day and by night; a test measures that each can be read on its ground."""

from __future__ import annotations

LIGHT: dict[str, str] = {
    "ground": "#f3f5f8",
    "paper": "#ffffff",
    "well": "#eef1f5",
    "ink": "#17202b",
    "soft": "#526070",
    "line": "#cfd6de",
    "strong": "#8894a1",
    "link": "#0b57b0",
    "board": "#123524",
    "board_ink": "#eaf6ee",
    "board_soft": "#b5d3c0",
    "board_line": "#2f6a49",
    "gold": "#c9a227",
    "track": "#0a2417",
    "fill": "#6fd68f",
    "error": "#b3231a",
    "error_tint": "#fdecea",
    "warning": "#7d5200",
    "warning_tint": "#fdf3d9",
    "advice": "#0b57b0",
    "advice_tint": "#e8f1fc",
    "ok": "#15703a",
    "ok_tint": "#e5f5ea",
    "not_observed": "#5d4795",
    "not_observed_tint": "#f1edfa",
}
DARK: dict[str, str] = {
    "ground": "#0c1117",
    "paper": "#151b23",
    "well": "#0f151c",
    "ink": "#e8edf3",
    "soft": "#a3afbc",
    "line": "#2d3743",
    "strong": "#5b6876",
    "link": "#82b8ff",
    "board": "#0e2a1c",
    "board_ink": "#e6f4ea",
    "board_soft": "#a5c7b2",
    "board_line": "#2c5f43",
    "gold": "#a8861f",
    "track": "#06180f",
    "fill": "#58c47b",
    "error": "#ff9a8f",
    "error_tint": "#351715",
    "warning": "#edc15a",
    "warning_tint": "#302508",
    "advice": "#8fc0ff",
    "advice_tint": "#11253d",
    "ok": "#6ed88f",
    "ok_tint": "#10291a",
    "not_observed": "#c3b1ff",
    "not_observed_tint": "#241c3a",
}


def variables(colours: dict[str, str]) -> str:
    """Return the colours as variables of a style sheet."""
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in colours.items())
