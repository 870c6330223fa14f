# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's page in a real browser: what it shows, by day and by night, on a telephone and on a wall."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.page import index, page
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.report import build

from .browser import Browser, browser, program

ROOT = Path(__file__).resolve().parents[3]
PICTURES = ROOT / "docs/build/doctor"
WIDTHS = (360, 1400)
SCHEMES = ("light", "dark")
pytestmark = pytest.mark.skipif(
    program() is None, reason="no chromium: the page was not shown; runs where the package is installed"
)

# Text whose colour is too close to the nearest ground that is painted below it (WCAG AA: 4.5, large text 3).
FAINT = """(() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1] };
  const lum = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1] };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest('svg,style')) continue;
    const style = getComputedStyle(e), pair = [lum(parse(style.color)), lum(ground(e))].sort((a, b) => a - b);
    const ratio = (pair[1] + .05) / (pair[0] + .05), large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) faint.push(e.textContent.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return faint;
})()"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the pages of several machines."""
    folder = tmp_path_factory.mktemp("pages")
    observed = json.loads((ROOT / "tests/fixtures/observations/reference.json").read_text(encoding="utf-8"))
    seen = {
        "lively": json.loads((ROOT / "tests/fixtures/doctor/lively.json").read_text(encoding="utf-8")),
        "hostile": json.loads((ROOT / "tests/fixtures/doctor/hostile.json").read_text(encoding="utf-8")),
        "healthy": {"observed": observed},
        "unreached": {"reachable": False, "error": "ssh: connect to host 192.0.2.10 port 22: Connection timed out"},
    }
    reports = {name: build(name, parts, "2026-11-26T09:42:00Z", "1.0.0") for name, parts in seen.items()}
    texts = {name: page(report) for name, report in reports.items()} | {"index": index(list(reports.values()))}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with browser() as page:
        yield page


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["lively", "hostile", "healthy", "unreached", "index"])
def test_readable(chromium: Browser, pages: dict[str, Path], name: str, width: int, scheme: str) -> None:
    chromium.show(pages[name], width, scheme)
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium.picture(PICTURES / f"{name}-{width}-{scheme}.png")
    assert chromium.run("document.documentElement.scrollWidth") <= width
    outside = (
        "[...document.querySelectorAll('body *')].filter(e => !e.closest('svg,thead') && e.getClientRects().length"
    )
    assert (
        chromium.run(f"{outside} && e.getBoundingClientRect().right > {width} + 1).map(e => e.outerHTML.slice(0, 80))")
        == []
    )
    assert chromium.run(FAINT) == []
    assert chromium.problems == []


def test_night_is_dark_and_day_is_light(chromium: Browser, pages: dict[str, Path]) -> None:
    grounds = []
    for scheme in SCHEMES:
        chromium.show(pages["lively"], 1400, scheme)
        grounds.append(chromium.run("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(243, 245, 248)", "rgb(12, 17, 23)"]


def test_nothing_is_asked_of_the_network(chromium: Browser, pages: dict[str, Path]) -> None:
    for file in pages.values():
        chromium.show(file, 1400)
    assert {url for url in chromium.requests if not url.startswith(("file://", "data:"))} == set()


def test_what_a_machine_calls_itself_is_text(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.show(pages["hostile"], 1400)
    assert chromium.run("document.querySelectorAll('img,script,iframe,object').length") == 0
    assert chromium.run("[...document.links].filter(a => !/^(https:|file:)/.test(a.href)).length") == 0
    assert "<script>alert(2)</script>" in chromium.run("document.body.innerText")


def test_the_picture_of_the_machine(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.show(pages["lively"], 1400)
    words = chromium.run("[...document.querySelectorAll('.gpu')].map(e => e.querySelector('.badge').innerText.trim())")
    assert words == ["healthy", "healthy", "lost", "healthy"]
    share = "(e => e.querySelector('.fill').getBoundingClientRect().width / e.getBoundingClientRect().width)"
    shares = chromium.run(f"[...document.querySelectorAll('.gpu .bar')].map({share}).map(s => Math.round(100 * s))")
    assert shares == [64, 97, 86, 88, 8, 12]
    labels = chromium.run("[...document.querySelectorAll('.gpu .bar')].map(e => e.getAttribute('aria-label'))")
    assert labels[:2] == ["GPU 0 memory 9.5 of 15.0 GiB", "GPU 0 utilisation 97 %"]
    layers = chromium.run("[...document.querySelectorAll('.layer h3')].map(e => e.innerText)")
    assert layers[0] == "Launch agent"
    assert layers[-1] == "Machine"


def test_a_click_on_a_layer_leads_to_its_finding(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.show(pages["lively"], 1400)
    chromium.run("[...document.links].find(a => a.innerText === 'K8S007').click()")
    assert chromium.run("document.querySelector(':target').innerText").startswith("Error")
    assert chromium.run("getComputedStyle(document.querySelector('.commands pre')).userSelect") == "all"


def test_tables_keep_their_headings_on_a_telephone(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.show(pages["lively"], 360)
    cells = "[...document.querySelectorAll('td')].filter(e => e.innerText)"
    assert "none" not in chromium.run(f"{cells}.map(e => getComputedStyle(e, '::before').content)")


def test_on_paper(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.show(pages["lively"], 1000, scheme="dark", media="print")
    # Paper is white whatever the reader's screen is, and what is folded on the screen is printed.
    assert chromium.run("getComputedStyle(document.documentElement).getPropertyValue('--paper')") == "#ffffff"
    assert chromium.run("document.querySelector('details pre').getBoundingClientRect().height") > 20
    chromium.paper(PICTURES / "lively.pdf")
    assert (PICTURES / "lively.pdf").read_bytes().startswith(b"%PDF")
