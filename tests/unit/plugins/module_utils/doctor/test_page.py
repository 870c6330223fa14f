# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: complete, by itself, and proof against what a machine calls itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.page import index, page

from .reports import finding, healthy, report, seen

VOID = {"meta", "link", "br"}
NAMES = re.findall(
    r"\S+",
    """html head meta link title style body svg defs symbol path circle rect use div header footer section article p
    h1 h2 h3 h4 span strong b a ul ol li dl dt dd pre code table caption thead tbody tr th td details summary""",
)
ATTRIBUTES = re.findall(
    r"\S+",
    """lang charset http-equiv content name rel href class id aria-hidden aria-label aria-labelledby role viewbox fill
    stroke stroke-width stroke-dasharray d cx cy r width height rx scope data-label tabindex""",
)


class Reader(HTMLParser):
    """Collects what the page is made of, and checks that every element ends where it should."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.links, self.ids, self.texts = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in ("href", "src", "action")]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


PAGES = [
    pytest.param(page(report()), id="lively"),
    pytest.param(page(report(seen("hostile"), host='gpu"><script>alert(0)</script>\x1b[2J')), id="hostile"),
    pytest.param(page(report(healthy())), id="healthy"),
    pytest.param(page(report({})), id="nothing-seen"),
    pytest.param(page(report({"error": "<b>no</b> route", "reachable": False})), id="unreached"),
    pytest.param(page(report({"error": "no python"})), id="mute"),
    pytest.param(
        index([report(), report(seen("hostile"), host="<i>"), report({"error": "<u>"}, host="c")]), id="index"
    ),
]


@pytest.mark.parametrize("text", PAGES)
def test_only_markup_of_ours(text):
    reader = read(text)
    assert {tag for tag, attributes in reader.tags} - set(NAMES) == set()
    assert {name for tag, attributes in reader.tags for name in attributes} - set(ATTRIBUTES) == set()


@pytest.mark.parametrize("text", PAGES)
def test_nothing_is_loaded(text):
    reader = read(text)
    outside = [link for link in reader.links if not link.startswith(("#", "https://")) and not link.endswith(".html")]
    assert outside == ["data:,"]
    assert "@import" not in text
    assert "url(" not in text
    policy = [attributes["content"] for tag, attributes in reader.tags if "http-equiv" in attributes]
    assert policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")


@pytest.mark.parametrize("text", PAGES)
def test_no_control_character(text):
    assert [c for c in text if c != "\n" and not c.isprintable()] == []


@pytest.mark.parametrize("text", PAGES)
def test_headings_go_down_step_by_step(text):
    levels = [int(tag[1]) for tag, attributes in read(text).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))


@pytest.mark.parametrize("text", PAGES)
def test_names_stand_once_and_links_lead_to_them(text):
    reader = read(text)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    labels = {attributes["aria-labelledby"] for tag, attributes in reader.tags if "aria-labelledby" in attributes}
    assert labels <= set(reader.ids)


def test_hostile_names_are_text():
    texts = " ".join(read(page(report(seen("hostile")))).texts)
    assert "<script>alert(2)</script>{{ 7 * 7 }}" in texts
    assert "\\x1b[2J\\u202e" in texts
    assert 'echo "><img src=x onerror=alert(1)>' in texts


def test_a_long_text_is_bounded():
    text = page(report({**healthy(), "findings": [finding(found="x" * 100000)]}))
    assert len(text) < 60000


def test_all_of_a_finding_is_there():
    texts = read(page(report())).texts
    for wanted in ("GPU003", "sudo journalctl -k -g Xid", "Evidence", "a run stops at it, before it changes anything"):
        assert wanted in texts
    assert any('"nvml_code": 15' in text for text in texts)


def test_two_findings_of_one_check():
    text = page(report({**healthy(), "findings": [finding(subject="a"), finding(subject="b")]}))
    assert text.count('id="GPU001"') == 1
    assert text.count('href="#GPU001"') == 1


def test_a_finding_without_a_way_out_shows_none():
    text = page(report({**healthy(), "findings": [finding()]}))
    assert '<dd class="fix">' not in text
    assert "<pre" not in text
    assert "<details" not in text


def test_capacity_shows_its_sums():
    texts = " ".join(read(page(report())).texts)
    assert "3 jobs at once limited by cpus" in re.sub(" +", " ", texts)
    assert "A job takes 4 CPUs, 12288 MiB of memory and 1 GPU; the node has 14 CPUs" in texts
    assert "16.85 CPU" in texts
    assert "too much" in texts


def test_capacity_of_one_job_and_of_an_unknown_node():
    texts = " ".join(read(page(report(capacity={"jobs_at_once": 1, "sums": [{"what": "x", "needed": 1}]}))).texts)
    assert re.search(r"1 +job at once", texts)
    assert "the node has ? CPUs, ? MiB of memory and ? GPUs" in texts


@pytest.mark.parametrize("verdict", ["at or above", "below", "not judged", "absent"])
def test_versions_have_words(verdict):
    assert verdict in read(page(report())).texts


@pytest.mark.parametrize(
    ("nvml", "line"),
    [
        pytest.param(None, "GPUs: NVML was not observed; 4 on the PCI bus", id="not-observed"),
        pytest.param({"state": "version_mismatch"}, "GPUs: NVML says version mismatch", id="state"),
        pytest.param({"state": "timeout", "error": "10 s"}, "GPUs: NVML says timeout: 10 s", id="error"),
        pytest.param({}, "GPUs: NVML says nothing", id="empty"),
    ],
)
def test_without_nvml(nvml, line):
    parts = healthy()
    parts["observed"]["gpu"]["nvml"] = nvml
    assert line in read(page(report(parts))).texts


def test_gpu_facts_that_were_not_read():
    parts = healthy()
    parts["observed"]["gpu"]["nvml"]["gpus"] = [{"index": 0, "health": {"state": "ok"}, "power_draw_mw": 9000}]
    parts["observed"]["gpu"]["pci"] = None
    parts["observed"]["host"] = {"disks": {"/": {"free_mib": 3}}, "cpus": 2}
    texts = read(page(report(parts))).texts
    for wanted in ("? of ? GiB", "not read", "not read, 9 W", "not observed", "? of ? GiB used", "idle: no process"):
        assert wanted in texts


def test_who_uses_the_gpus():
    parts = seen()
    line = "4 GPUs, 3 healthy; 23.6 of 45.0 GiB in use: 3 processes"
    assert line in read(page(report(parts))).texts
    parts["observed"]["gpu"]["holders"][0]["contained"] = False
    assert f"{line}, 1 in no pod or container" in read(page(report(parts))).texts


def test_a_process_on_two_gpus_is_one():
    parts = seen()
    first, second, *dummy = parts["observed"]["gpu"]["nvml"]["gpus"]
    second["processes"] = first["processes"]
    assert "4 GPUs, 3 healthy; 23.6 of 45.0 GiB in use: 2 processes" in read(page(report(parts))).texts


def test_many_gpus_take_the_whole_width():
    parts = healthy()
    parts["observed"]["gpu"]["nvml"]["gpus"] *= 2
    assert 'class="chassis many"' in page(report(parts))
    assert 'class="chassis both"' in page(report(healthy()))


def test_a_machine_without_gpus():
    parts = healthy()
    parts["observed"]["gpu"] = {"nvml": None, "pci": []}
    text = page(report(parts))
    assert "GPUs: NVML was not observed" in read(text).texts
    assert 'class="slots' not in text


def test_pods_and_slices():
    parts = healthy()
    parts["observed"]["cluster"]["gpu_pods"] = [{"name": "job", "gpus": 2, "phase": "Running"}]
    parts["observed"]["gpu"]["nvml"]["gpus"][0]["mig_devices"] = [{"name": "MIG 1g"}]
    texts = read(page(report(parts))).texts
    assert "job (running, 2 GPUs)" in texts
    assert "MIG: MIG 1g" in texts


def test_an_unreached_host_says_so_and_shows_no_machine():
    text = page(report({"error": "no\nroute", "reachable": False}))
    assert "The machine was not reached" in text
    assert "no route" in read(text).texts
    assert 'id="machine"' not in text
    assert "could not be observed" in page(report({"error": "no python"}))


def test_the_overview_puts_the_worst_first():
    hosts = [
        report(healthy(), host="well"),
        report(host="ill"),
        report({"error": "x", "reachable": False}, host="away"),
        report({"error": "x"}, host="../mute"),
    ]
    links = [link for link in read(index(hosts)).links if link.endswith(".html")]
    assert links == ["=2E.=2Fmute.html", "away.html", "ill.html", "well.html"]
    assert "not reached" in index(hosts)
