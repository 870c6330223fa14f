# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks import plot
from benchmarks.cases import CASES
from benchmarks.figures import Results, Series

SVG = "{http://www.w3.org/2000/svg}"
WIDEST = 7.6  # pixels of a letter, on average: 13 px in the widest of the named fonts


def draw(results):
    return ElementTree.fromstring(plot.draw(results))


def full(seconds):
    """All cases, slow enough to make the longest texts."""
    modules = {"launch_agent": {"stat": 1600}}
    series = {case.key: Series([seconds, seconds * 2], [1.0, 1.0], modules) for case in CASES}
    return Results({**series, "empty": Series([1.0, 1.0], [1.0, 1.0], {})}, {}, 2)


def test_one_bar_for_each_measured_case(results):
    bars = draw(results).findall(f"{SVG}rect")[1:]
    assert len(bars) == len(results.series)


def test_bars_are_as_long_as_the_ratios(results):
    widths = {
        box.find(f"{SVG}title").text.partition(":")[0]: float(box.get("width"))
        for box in draw(results).findall(f"{SVG}rect")[1:]
    }
    assert widths["site.yml"] / widths["empty playbook"] == pytest.approx(1.8, rel=0.01)
    assert widths["40 ordinary tasks, same state"] / widths["empty playbook"] == pytest.approx(20, rel=0.01)


@pytest.mark.parametrize("seconds", [1.0, 145.67])
def test_nothing_leaves_its_column(seconds):
    picture = draw(full(seconds))
    for box in picture.findall(f"{SVG}rect")[1:]:
        assert float(box.get("x")) + float(box.get("width")) <= plot.RIGHT + 0.1
    for line in picture.findall(f"{SVG}line"):
        assert float(line.get("x2")) <= plot.RIGHT + 0.1
    for text in picture.findall(f"{SVG}text"):
        x, width = float(text.get("x")), len(text.text) * WIDEST
        if text.get("class") == "number":
            assert x - width >= plot.RIGHT, text.text
        elif text.get("class") in ("", "heading"):
            assert x + width <= plot.LEFT, text.text


def test_texts_of_a_column_stand_below_each_other():
    picture = draw(full(2.0))
    heights = sorted(float(text.get("y")) for text in picture.findall(f"{SVG}text") if float(text.get("x")) < plot.LEFT)
    assert min(after - before for before, after in zip(heights, heights[1:])) >= 14


def test_goal_and_limit_stand_where_the_axis_says(results):
    picture = draw(results)
    lines = {line.get("class"): line for line in picture.findall(f"{SVG}line") if line.get("x1") == line.get("x2")}
    one = float(lines["goal"].get("x1")) - plot.LEFT
    assert (float(lines["limit"].get("x1")) - plot.LEFT) / one == pytest.approx(plot.LIMIT / plot.GOAL, rel=0.01)


def test_light_and_dark():
    assert "prefers-color-scheme: dark" in plot.STYLE
    assert plot.STYLE.count(".page { fill:") == 2


@pytest.mark.parametrize(
    ("largest", "size"),
    [(2.5, 1), (9, 1), (9.5, 2), (18, 2), (20, 5), (45, 5), (46, 10), (90, 10), (120, 20), (450, 50)],
)
def test_step_is_a_round_number(largest, size):
    assert plot.step(largest) == size
