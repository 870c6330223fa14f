# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page that are read: findings, capacity plan, versions, and what was not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .markup import Html, badge, block, external, icon, join, meter, table, tag
from .read import one_line, plural, quantity
from .report import gaps

_HEADINGS = {"error": "Error", "warning": "Warning", "advice": "Advice"}
_ACTS = {
    "converge": "a run mends it",
    "refuse": "a run stops at it, before it changes anything",
    "tell": "a run leaves it as it is",
}
_LABELS = (("found", "Found"), ("wanted", "Wanted"), ("cause", "Cause"))
_VERDICTS = {
    "ok": ("ok", "at or above"),
    "below": ("error", "below"),
    "unjudged": ("not_observed", "not judged"),
    "absent": ("advice", "absent"),
}


def findings(report: Mapping[str, Any]) -> Html:
    """Return the section with all findings, worst first."""
    found = report["findings"]
    text = None if found else block("p", "sheet", icon("ok"), " Nothing to report.")
    checks = [item["id"] for item in found]
    # Links lead to the first finding of a check: a name stands once on a page.
    parts = [_finding(item, item["id"] if item["id"] not in checks[:n] else None) for n, item in enumerate(found)]
    return _section("findings", "Findings and how to mend them", text, parts)


def _section(name: str, heading: str, *parts: Any) -> Html:
    return tag("section", {"aria-labelledby": name}, tag("h2", {"id": name}, heading), *parts)


def _finding(item: Mapping[str, Any], name: str | None) -> Html:
    facts = [(label, tag("dd", None, item[key])) for key, label in _LABELS if item[key]]
    facts += [("Fix", block("dd", "fix", item["fix"]))] if item["fix"] else []
    facts.append(("site.yml", tag("dd", None, _ACTS[item["act"]])))
    link = external(item["link"])
    facts += [("Read", tag("dd", None, link))] if link else []
    run = [part for part in (_commands(item["commands"]), _evidence(item["evidence"])) if part]
    return tag(
        "article",
        {"class": f"finding {item['severity']}", "id": name},
        tag(
            "h3",
            None,
            badge(item["severity"], _HEADINGS[item["severity"]]),
            block("span", "id", item["id"]),
            tag("span", None, item["subject"]),
        ),
        block(
            "div",
            "body both" if run else "body",
            tag("dl", None, [join(tag("dt", None, label), value) for label, value in facts]),
            block("div", "run", run) if run else None,
        ),
    )


def _commands(commands: Sequence[str]) -> Html | None:
    if not commands:
        return None
    lines = [tag("pre", {"tabindex": "0"}, tag("code", None, command)) for command in commands]
    return block("div", "commands", block("p", "small soft", "Run on the machine (one click selects a line):"), lines)


def _evidence(evidence: Mapping[str, Any]) -> Html | None:
    if not evidence:
        return None
    text = json.dumps(evidence, indent=2, ensure_ascii=False, sort_keys=True)
    lines = Html("\n".join(join(line) for line in text.split("\n")))
    return tag("details", None, tag("summary", None, "Evidence"), tag("pre", None, lines))


def capacity(plan: Mapping[str, Any] | None) -> Html | None:
    """Return the section with the plan and its sums; nothing where there is no plan."""
    if not plan:
        return None
    count = plan["jobs_at_once"]
    jobs = block(
        "p",
        "jobs",
        tag("strong", None, quantity(count)),
        "job at once" if count == 1 else "jobs at once",
        block("span", "soft", f"limited by {plan['limited_by']}") if plan["limited_by"] else None,
    )
    sizes = f"A job takes {_resources(plan['job'])}; the node has {_resources(plan['node'])}."
    refusals = [block("p", "refusals", icon("error"), " ", line) for line in plan["refusals"]]
    sums = table("The sums behind it", ["What", "Needed", "Available", "Share"], [_sum(line) for line in plan["sums"]])
    size = block("p", "sizes", sizes)
    return _section("capacity", "Capacity plan", block("div", "sheet", jobs, size, refusals, sums))


def _resources(part: Mapping[str, Any]) -> str:
    cpus, gpus = (
        f"? {many}" if part[name] is None else plural(part[name], one, many)
        for name, one, many in (("cpus", "CPU", "CPUs"), ("gpus", "GPU", "GPUs"))
    )
    return f"{cpus}, {quantity(part['memory_mib'])} MiB of memory and {gpus}"


def _sum(line: Mapping[str, Any]) -> list[Any]:
    needed, available, unit = line["needed"], line["available"], line["unit"]
    over = needed is not None and available is not None and needed > available
    label = f"{quantity(needed)} of {quantity(available)} {unit}".strip()
    verdict = badge("error", "too much") if over else meter(label, needed, available)
    return [line["what"], f"{quantity(needed)} {unit}".strip(), f"{quantity(available)} {unit}".strip(), verdict]


def versions(found: Sequence[Mapping[str, Any]]) -> Html | None:
    """Return the table of versions against their floors; nothing where none was judged."""
    if not found:
        return None
    heads = ["Component", "Installed", "Floor", "Verdict", "Why"]
    rows = [_version(item) for item in found]
    caption = "Below its floor, a component has a known hole or lacks what this collection relies on."
    return _section("versions", "Versions against their floors", block("div", "sheet", table(caption, heads, rows)))


def _version(item: Mapping[str, Any]) -> list[Any]:
    name, word = _VERDICTS[item["verdict"]]
    why = [item["reason"], " " if item["reason"] and item["source"] else None, external(item["source"])]
    return [item["component"], item["installed"] or "none", item["floor"] or "none", badge(name, word), why]


def not_observed(report: Mapping[str, Any]) -> Html | None:
    """Return the list of what was not seen; nothing where all was."""
    missing = gaps(report)
    if not missing:
        return None
    lines = [
        tag("li", None, tag("span", None, icon("not_observed"), " ", block("code", None, fact)), one_line(reason))
        for fact, reason in missing
    ]
    text = block("p", "soft", "What was not seen is not called fine.")
    return _section("unseen", "Not observed", block("div", "sheet", text, tag("ul", {"class": "unseen"}, lines)))
