# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML file that needs nothing else: no network, no script, no font."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .markup import Html, Part, badge, block, icon, join, tag
from .names import file_name
from .page_machine import machine
from .page_text import capacity, findings, not_observed, versions
from .read import moment, one_line, plural, shown
from .report import RANKS
from .style import SIGNS, sheet
from .table import counted

# No request leaves the page, whatever text it holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
WORDS = {
    "error": "Jobs will fail until the errors are mended",
    "warning": "It works; the warnings say what may break it",
    "not_observed": "Not everything was seen",
    "advice": "It works; there is advice",
    "ok": "All well",
}


def page(report: Mapping[str, Any]) -> str:
    """Return the page of one host."""
    host = shown(report["host"])
    seen = not report["error"]
    return document(
        f"{host}: {counted(report['counts'])}",
        _head(report),
        machine(report) if seen else None,
        findings(report) if seen or report["findings"] else None,
        capacity(report["capacity"]),
        versions(report["versions"]),
        not_observed(report),
        footer(report),
    )


def document(title: str, *parts: Part) -> str:
    """Return a whole page around its parts."""
    head = tag(
        "head",
        None,
        tag("meta", {"charset": "utf-8"}),
        tag("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        tag("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        tag("meta", {"name": "color-scheme", "content": "light dark"}),
        tag("meta", {"name": "referrer", "content": "no-referrer"}),
        tag("link", {"rel": "icon", "href": "data:,"}),
        tag("title", None, title),
        tag("style", None, Html(sheet())),
    )
    body = tag("body", None, Html(SIGNS), block("div", "page", *parts))
    return "<!DOCTYPE html>\n" + tag("html", {"lang": "en"}, head, body) + "\n"


def _head(report: Mapping[str, Any]) -> Html:
    counts = report["counts"]
    words = (("error", "error", "errors"), ("warning", "warning", "warnings"), ("advice", "advice", "advice"))
    badges: list[Any] = [badge(name, plural(counts[name], one, many)) for name, one, many in words if counts[name]]
    badges += [badge("not_observed", f"{counts['not_observed']} not observed")] if counts["not_observed"] else []
    return tag(
        "header",
        None,
        block("p", "eyebrow", "GPU machine, as the doctor saw it"),
        tag("h1", None, report["host"]),
        block("p", "soft", f"{moment(report['observed_at'])}. {WORDS[report['status']]}."),
        block("div", "badges", badges or [badge("ok", "no finding")]),
        _notice(report),
    )


def _notice(report: Mapping[str, Any]) -> Html | None:
    if not report["error"]:
        return None
    what = "The machine answered, but could not be observed" if report["reachable"] else "The machine was not reached"
    words = tag("strong", None, icon("error"), f" {what}. ")
    return tag("div", {"class": "notice", "role": "note"}, words, one_line(report["error"]))


def footer(report: Mapping[str, Any]) -> Html:
    """Return who looked, and when."""
    return tag(
        "footer",
        None,
        f"{report['collection']} {report['collection_version']}, report schema {report['schema_version']}, ",
        f"observed {moment(report['observed_at'])}. The doctor only reads: it changed nothing on this machine.",
    )


def index(reports: list[Mapping[str, Any]]) -> str:
    """Return the overview of several hosts."""
    cards = [_card(report) for report in sorted(reports, key=_worst_first)]
    total = {key: sum(report["counts"][key] for report in reports) for key in reports[0]["counts"]}
    head = tag(
        "header",
        None,
        block("p", "eyebrow", "GPU machines, as the doctor saw them"),
        tag("h1", None, f"{len(reports)} machines"),
        block("p", "soft", counted(total)),
    )
    section = tag("section", {"aria-label": "Machines"}, tag("ul", {"class": "layers"}, cards))
    return document(f"{len(reports)} machines: {counted(total)}", head, section, footer(reports[0]))


def _worst_first(report: Mapping[str, Any]) -> tuple[bool, int, str]:
    return not report["error"], RANKS.index(report["status"]), str(report["host"])


def _card(report: Mapping[str, Any]) -> Html:
    status = "error" if report["error"] else report["status"]
    word = ("not observed" if report["reachable"] else "not reached") if report["error"] else report["status"]
    facts = "; ".join(part["summary"] for part in report["components"][:2] if part["summary"])
    lines = one_line(report["error"]) if report["error"] else facts
    link = tag("a", {"href": f"{file_name(report['host'])}.html"}, report["host"])
    return block(
        "li",
        f"layer {status}",
        tag("h2", {"class": "mono"}, link),
        badge(status, word.replace("_", " ")),
        block("p", "what", join(counted(report["counts"]), ". ", lines)),
    )
