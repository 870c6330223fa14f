# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo found, as a table for the terminal and as one HTML page."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

Pairs = Sequence[tuple[str, str]]
STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--card:#f6f8fa;--used:#1a7f37;
  --free:#d1d9e0;--bad:#cf222e}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#3d444d;--card:#151b23;
  --used:#3fb950;--free:#3d444d;--bad:#f85149}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--bg);color:var(--fg);
  font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p.dim{color:var(--dim);margin:.25rem 0 1.5rem}
table{border-collapse:collapse;width:100%}
td{border-top:1px solid var(--line);padding:.4rem .5rem .4rem 0;vertical-align:top;overflow-wrap:anywhere}
td:first-child{color:var(--dim);width:40%}
.gpus{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem}
.gpu{border:1px solid var(--line);border-left:.5rem solid var(--free);border-radius:.4rem;background:var(--card);
  padding:.6rem .8rem}
.gpu.used{border-left-color:var(--used)}
.gpu small{display:block;color:var(--dim);overflow-wrap:anywhere}
pre{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.8rem;overflow-x:auto;
  font-size:.85rem}
.bad{color:var(--bad)}
"""


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def table(stages: Sequence[tuple[str, float]], facts: Pairs, run: Mapping[str, object], page: Path) -> str:
    """The closing table of the demo."""
    rows = [*facts, ("", ""), *_run_rows(run), ("", ""), *((name, duration(seconds)) for name, seconds in stages)]
    width = max(len(name) for name, _ in rows)
    lines = ["", "What was built, and what the run saw", "-" * 72]
    lines += [f"{name:<{width}}  {value}".rstrip() for name, value in rows]
    return "\n".join([*lines, "-" * 72, *_next_steps(page)])


def _run_rows(run: Mapping[str, object]) -> list[tuple[str, str]]:
    gpus = run.get("gpus")
    named = (("Run", "run_id"), ("Queue item", "item_id"), ("State", "state"))
    rows = [(label, str(run[key])) for label, key in named if run.get(key)]
    seen = gpus if isinstance(gpus, list) else []
    return rows + [(f"GPU given, {number} of {len(seen)}", str(uuid)) for number, uuid in enumerate(seen, start=1)]


def _next_steps(page: Path) -> list[str]:
    return [
        "Where to look next",
        f"  the page             {page}",
        "  a shell on the host  python3 -m tests.lab shell labhost",
        "  the same run again   make demo",
        "  remove everything    make demo-down",
    ]


def write(
    folder: Path, stages: Sequence[tuple[str, float]], facts: Pairs, run: Mapping[str, object], problems: Sequence[str]
) -> Path:
    """Write the page and the run's log; returns the page's path."""
    log = str(run.get("log", ""))
    (folder / "run.log").write_text(log + "\n", encoding="utf-8")
    page = folder / "index.html"
    page.write_text(_page(stages, facts, run, problems, log), encoding="utf-8")
    return page


def _page(
    stages: Sequence[tuple[str, float]], facts: Pairs, run: Mapping[str, object], problems: Sequence[str], log: str
) -> str:
    title = "A run on a GPU machine that is not there" if not problems else "The demo did not end well"
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<title>mlinfra.gpu_launch demo</title><style>{STYLE}</style>",
        f"<h1>{title}</h1><p class=dim>site.yml turned a bare Debian host with four stand-in Tesla T4 ",
        "into a GPU cluster; the queue's agent then ran one job on it.</p>",
        *(f"<p class=bad>{html.escape(problem)}</p>" for problem in problems),
        "<h2>GPUs</h2>",
        _gpus(run),
        "<h2>The run</h2>",
        _html_table(_run_rows(run)),
        f"<pre>{html.escape(log)}</pre>",
        "<h2>What was built</h2>",
        _html_table(facts),
        "<h2>How long it took</h2>",
        _html_table([(name, duration(seconds)) for name, seconds in stages]),
    ]
    return "".join(parts) + "</html>\n"


def _html_table(rows: Pairs) -> str:
    cells = "".join(f"<tr><td>{html.escape(name)}<td>{html.escape(value)}" for name, value in rows)
    return f"<table>{cells}</table>"


def _gpus(run: Mapping[str, object]) -> str:
    used = run.get("gpus")
    used = [str(uuid) for uuid in used] if isinstance(used, list) else []
    every = run.get("all_gpus")
    every = [str(uuid) for uuid in every] if isinstance(every, list) else used
    cards = [
        f"<div class='gpu{' used' if uuid in used else ''}'>"
        f"GPU {number}: {'given to the run' if uuid in used else 'free'}"
        f"<small>{html.escape(uuid)}</small></div>"
        for number, uuid in enumerate(every)
    ]
    return f"<div class=gpus>{''.join(cards)}</div>"
