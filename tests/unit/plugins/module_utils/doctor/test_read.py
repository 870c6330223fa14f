# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers that take anything, and say nothing that was not there."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor import read


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        pytest.param(3, 3, id="int"),
        pytest.param(0.5, 0.5, id="float"),
        pytest.param(True, None, id="bool"),
        pytest.param("3", None, id="text"),
        pytest.param(float("inf"), None, id="infinite"),
        pytest.param(None, None, id="null"),
    ],
)
def test_number(value, wanted):
    assert read.number(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        pytest.param(None, "", id="null"),
        pytest.param(True, "yes", id="true"),
        pytest.param(False, "no", id="false"),
        pytest.param("a\x1b[2J\nb", "a\\x1b[2J\\nb", id="control"),
        pytest.param("\u202eabc", "\\u202eabc", id="direction"),
        pytest.param("\udc80", "\\udc80", id="surrogate"),
        pytest.param(12, "12", id="number"),
    ],
)
def test_shown(value, wanted):
    assert read.shown(value) == wanted


def test_shown_is_bounded():
    assert len(read.shown("x" * 9000)) == read.LONGEST


@pytest.mark.parametrize(
    ("value", "wanted"), [(None, "?"), (3, "3"), (2.50, "2.5"), (16.85, "16.85"), (100, "100"), (1 / 3, "0.33")]
)
def test_quantity(value, wanted):
    assert read.quantity(value) == wanted


def test_amounts():
    assert (read.gib(None), read.gib(3 * 2**29)) == ("?", "1.5")
    assert (read.plural(1, "pod", "pods"), read.plural(0, "pod", "pods")) == ("1 pod", "0 pods")


def test_path():
    assert read.at({"a": {"b": 1}}, "a", "b") == 1
    assert read.at({"a": 3}, "a", "b", "c") is None


def test_lists_and_mappings():
    assert (read.items("ab"), read.items((1, 2)), read.items(None)) == ([], [1, 2], [])
    assert (read.mapping([1]), read.mapping({1: 2})) == ({}, {1: 2})


def test_plain():
    data = {1: ({"a": None}, b"x", float("nan"), True, 2)}
    assert read.plain(data) == {"1": [{"a": None}, "b'x'", None, True, 2]}


def test_one_line():
    assert read.one_line("a\n  b\tc") == "a b c"
