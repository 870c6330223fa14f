# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML from parts: all text is escaped here, so that nothing that a machine says can become markup."""

from __future__ import annotations

import html
from typing import Any, Union

from .read import shown

_EMPTY = ("link", "meta", "rect", "use")


class Html(str):
    """Text that is markup already."""


Part = Union[str, None, list[Any]]


def escaped(value: Any) -> Html:
    """Return a value as text of a page: control characters shown, markup escaped."""
    return Html(html.escape(shown(value), quote=True))


def join(*parts: Part) -> Html:
    """Return parts one after the other: markup as it is, lists flattened, None left out, anything else escaped."""
    out = []
    for part in parts:
        if isinstance(part, list):
            out.append(join(*part))
        elif part is not None:
            out.append(part if isinstance(part, Html) else escaped(part))
    return Html("".join(out))


def tag(name: str, attributes: dict[str, Any] | None = None, *parts: Part) -> Html:
    """Return an element; attributes that are None are left out."""
    shown_attributes = "".join(
        f' {key}="{escaped(value)}"' for key, value in (attributes or {}).items() if value is not None
    )
    if name in _EMPTY:  # closed at once: inside of a drawing the parser would nest what follows
        return Html(f"<{name}{shown_attributes}/>")
    return Html(f"<{name}{shown_attributes}>{join(*parts)}</{name}>")


def block(name: str, css: str | None, *parts: Part) -> Html:
    """Return an element with a class."""
    return tag(name, {"class": css}, *parts)


def icon(name: str) -> Html:
    """Return a sign of the page's own set; a word always stands beside it."""
    use = tag("use", {"href": f"#i-{name}"})
    return tag("svg", {"class": f"icon {name}", "viewBox": "0 0 16 16", "aria-hidden": "true"}, use)


def badge(name: str, word: str) -> Html:
    """Return a sign and its word."""
    return block("span", f"badge {name}", icon(name), block("span", None, word))


def meter(label: str, part: float | None, whole: float | None, css: str = "") -> Html | None:
    """Return a bar that shows a part of a whole; nothing where one of them is not known."""
    if part is None or not whole:
        return None
    share = min(max(100 * part / whole, 0), 100)
    full = tag("rect", {"class": "track", "width": "100%", "height": "100%", "rx": "3"})
    used = tag("rect", {"class": "fill", "width": f"{share:.1f}%", "height": "100%", "rx": "3"})
    return tag("svg", {"class": f"bar {css}".strip(), "role": "img", "aria-label": label}, full, used)


def external(link: str | None, word: str | None = None) -> Html | None:
    """Return a link where the text is an address of the web, else the text alone."""
    if not link:
        return None
    if link.startswith(("https://", "http://")):
        return tag("a", {"href": link, "rel": "noreferrer"}, word or link)
    return escaped(link)


def table(caption: str, heads: list[str], rows: list[list[Part]]) -> Html:
    """Return a table whose first column names the row."""
    head = tag("tr", None, [tag("th", {"scope": "col"}, text) for text in heads])
    body = [
        tag(
            "tr",
            None,
            tag("th", {"scope": "row", "data-label": heads[0]}, row[0]),
            [tag("td", {"data-label": text}, cell) for text, cell in zip(heads[1:], row[1:])],
        )
        for row in rows
    ]
    return tag("table", None, tag("caption", None, caption), tag("thead", None, head), tag("tbody", None, body))
