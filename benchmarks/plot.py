# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as an SVG picture: bars of wall time, as multiples of the empty playbook. Pure.

Labels, bars and figures stand in columns of their own, so no text can meet another, whatever is measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from .cases import CASES, GROUPS, OURS, PEERS, Case
from .figures import Results
from .verdicts import GOALS

WIDTH, LEFT, RIGHT, MARGIN = 900, 290, 620, 24
ROW, HEADING, TOP, BOTTOM = 26, 36, 74, 86
BAR = 14
GOAL, LIMIT = GOALS[0].goal, GOALS[0].limit or GOALS[0].goal
STYLE = """\
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; } .heading { font-weight: 600; } .small { font-size: 12px; fill: #59636e; }
.number { text-anchor: end; font-variant-numeric: tabular-nums; } .axis { text-anchor: middle; }
.page { fill: #ffffff; } .grid { stroke: #d1d9e0; } .goal { stroke: #1a7f37; stroke-dasharray: 5 3; }
.limit { stroke: #cf222e; stroke-dasharray: 2 3; } .median { stroke: #59636e; stroke-width: 1.5; }
.ours { fill: #0969da; } .peer { fill: #bc6a00; } .base { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .small { fill: #9198a1; } .page { fill: #0d1117; } .grid { stroke: #3d444d; }
  .goal { stroke: #3fb950; } .limit { stroke: #f85149; } .median { stroke: #9198a1; }
  .ours { fill: #4493f8; } .peer { fill: #d29922; } .base { fill: #656c76; }
}"""


def step(largest: float) -> float:
    """The distance of grid lines that gives four to nine of them: 1, 2 or 5 times a power of ten."""
    size = 1.0
    while largest / size > 9:
        size *= 2.5 if f"{size:g}".startswith("2") else 2
    return size


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(text)}</text>'


def _line(x: float, top: float, end: float, bottom: float, kind: str) -> str:
    return f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{end:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def _kind(case: Case) -> str:
    if case.key in ("empty", "ping"):
        return "base"
    return "peer" if case.group == PEERS else "ours"


def _figures(results: Results, case: Case) -> str:
    one, ratio = results.series[case.key], results.ratio(case.key) or 0.0
    count = one.executions
    many = "" if count is None else f" · {count} module{'' if count == 1 else 's'}"
    return f"{one.least:.2f} s · {ratio:.1f} x{many}"


def _row(results: Results, case: Case, y: float, scale: float) -> Iterable[str]:
    ratio = results.ratio(case.key) or 0.0
    middle = ratio * results.series[case.key].middle / results.series[case.key].least
    yield _text(MARGIN + 12, y + 11.5, case.title)
    yield (
        f'<rect x="{LEFT}" y="{y:.1f}" width="{max(ratio * scale, 1):.1f}" height="{BAR}" rx="2" class="{_kind(case)}">'
        f"<title>{escape(case.title)}: {escape(_figures(results, case))}</title></rect>"
    )
    yield _line(LEFT + ratio * scale, y + BAR / 2, LEFT + middle * scale, y + BAR / 2, "median")
    yield _text(WIDTH - MARGIN, y + 11.5, _figures(results, case), "number")


def _grid(top: float, bottom: float, largest: float, scale: float) -> Iterable[str]:
    size = step(largest)
    value = 0.0
    while value <= largest + 1e-9:
        yield _line(LEFT + value * scale, top, LEFT + value * scale, bottom, "grid")
        yield _text(LEFT + value * scale, bottom + 16, f"{value:g} x", "small axis")
        value += size


def draw(results: Results) -> str:
    """The picture."""
    groups = [
        (group, [case for case in CASES if case.group == group and case.key in results.series]) for group in GROUPS
    ]
    groups = [(group, members) for group, members in groups if members]
    ratios = [results.ratio(key) or 0.0 for key in results.series]
    medians = [ratio * one.middle / one.least for ratio, one in zip(ratios, results.series.values(), strict=True)]
    largest = max(*medians, LIMIT)
    scale = (RIGHT - LEFT) / largest
    bottom = TOP + sum(HEADING + ROW * len(members) for dummy, members in groups)
    body: list[str] = list(_grid(TOP, bottom, largest, scale))
    y = float(TOP)
    for group, members in groups:
        y += HEADING
        body.append(_text(MARGIN, y - 11, group, "heading"))
        began = y
        for case in members:
            body += _row(results, case, y, scale)
            y += ROW
        if group == OURS:
            for value, kind in ((GOAL, "goal"), (LIMIT, "limit")):
                body.append(_line(LEFT + value * scale, began - 6, LEFT + value * scale, y - 6, kind))
    return _frame(body, bottom, results.rounds)


def _frame(body: Iterable[str], bottom: float, rounds: int) -> str:
    height = bottom + BOTTOM
    legend = bottom + 44
    about = (
        f"Minimum of {rounds} interleaved rounds over SSH; a thin line reaches to the median. 1 x is an empty playbook."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img" '
        f'aria-label="Wall time of runs that have nothing to do">',
        "<!-- SPDX-License-Identifier: GPL-3.0-or-later; written by make bench -->",
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height:.0f}" rx="8" class="page"/>',
        _text(MARGIN, 34, "What a run costs when there is nothing to do", "title"),
        _text(MARGIN, 56, about, "small"),
        *body,
        _line(MARGIN, legend - 4, MARGIN + 26, legend - 4, "goal"),
        _text(MARGIN + 34, legend, f"goal of site.yml: {GOAL:g} x an empty playbook", "small"),
        _line(LEFT + 40, legend - 4, LEFT + 66, legend - 4, "limit"),
        _text(LEFT + 74, legend, f"hard limit: {LIMIT:g} x", "small"),
        _text(MARGIN, legend + 22, "Figures: docs/benchmarks.md", "small"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
