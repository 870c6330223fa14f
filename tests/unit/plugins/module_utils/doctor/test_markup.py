# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is not markup of ours is text."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor import markup


def test_text_is_escaped_in_content_and_attributes():
    made = markup.tag("p", {"title": '"><b>', "id": None}, "<script>", None, ["a", ["&"]])
    assert made == '<p title="&quot;&gt;&lt;b&gt;">&lt;script&gt;a&amp;</p>'


def test_markup_is_kept_once():
    assert markup.tag("p", None, markup.tag("b", None, "<")) == "<p><b>&lt;</b></p>"


def test_shapes_are_closed_at_once():
    assert markup.icon("ok").endswith('<use href="#i-ok"/></svg>')


@pytest.mark.parametrize(
    ("part", "whole", "width"),
    [
        pytest.param(5, 10, 'width="50.0%"', id="half"),
        pytest.param(20, 10, 'width="100.0%"', id="too-much"),
        pytest.param(-1, 10, 'width="0.0%"', id="less-than-nothing"),
    ],
)
def test_bar(part, whole, width):
    made = markup.meter("label", part, whole)
    assert width in made
    assert 'aria-label="label"' in made


@pytest.mark.parametrize(("part", "whole"), [(None, 10), (5, None), (5, 0)])
def test_no_bar_of_what_is_not_known(part, whole):
    assert markup.meter("label", part, whole) is None


@pytest.mark.parametrize(
    ("link", "made"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(
            "https://e.org/?a&b",
            '<a href="https://e.org/?a&amp;b" rel="noreferrer">https://e.org/?a&amp;b</a>',
            id="web",
        ),
        pytest.param("javascript:alert(1)", "javascript:alert(1)", id="script"),
        pytest.param("file:///etc/passwd", "file:///etc/passwd", id="file"),
        pytest.param(" https://e.org", " https://e.org", id="blank-before"),
    ],
)
def test_only_addresses_of_the_web_become_links(link, made):
    assert markup.external(link) == made


def test_table_names_its_rows_and_columns():
    made = markup.table("What", ["Name", "Size"], [["a", "1"]])
    assert '<th scope="col">Name</th>' in made
    assert '<th scope="row" data-label="Name">a</th><td data-label="Size">1</td>' in made
    assert "<caption>What</caption>" in made
