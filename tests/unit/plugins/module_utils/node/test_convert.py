# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data in, dataclasses out."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import from_mapping, nearest, to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError


@dataclass(frozen=True)
class Part:
    size: int


@dataclass(frozen=True)
class Whole:
    name: str = ""
    flag: bool = False
    count: int = 0
    ratio: float = 0.0
    maybe: Optional[int] = None
    parts: tuple[Part, ...] = ()
    table: Mapping[str, Part] = field(default_factory=dict)
    anything: Any = None


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("name", "x", "x"),
        ("name", 12, "12"),
        ("flag", True, True),
        ("flag", "yes", True),
        ("flag", "False", False),
        ("count", 3, 3),
        ("count", "3", 3),
        ("count", "-1", -1),
        ("ratio", 2, 2.0),
        ("maybe", None, None),
        ("maybe", "7", 7),
        ("anything", [1], [1]),
        ("parts", [{"size": 1}], (Part(1),)),
        ("table", {"a": {"size": "2"}}, {"a": Part(2)}),
    ],
)
def test_values(key, value, expected):
    assert getattr(from_mapping(Whole, {key: value}, "w"), key) == expected


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("name", None, "w.name: text is needed, found nothing"),
        ("name", {}, "w.name: text is needed, found a mapping"),
        ("name", True, "w.name: text is needed, found a boolean"),
        ("flag", 1, "w.flag: true or false is needed, found a number"),
        ("flag", "maybe", "w.flag: true or false is needed, found text"),
        ("count", True, "w.count: a whole number is needed, found a boolean"),
        ("count", 1.5, "w.count: a whole number is needed, found a number"),
        ("count", "२", "w.count: a whole number is needed, found text"),
        ("count", " 2", "w.count: a whole number is needed, found text"),
        ("count", "9" * 5000, "w.count: a whole number is needed, found text"),
        ("ratio", "1", "w.ratio: a number is needed, found text"),
        ("parts", "abc", "w.parts: a list is needed, found text"),
        ("parts", [{"size": []}], "w.parts[0].size: a whole number is needed, found a list"),
        ("table", [], "w.table: a mapping is needed, found a list"),
        ("table", {"a": {}}, "w.table.a: missing size"),
    ],
)
def test_wrong_types_name_the_path(key, value, words):
    with pytest.raises(ModelError) as error:
        from_mapping(Whole, {key: value}, "w")
    assert str(error.value) == words


def test_unknown_keys():
    with pytest.raises(ModelError, match=r"unknown key 'zzz'$"):
        from_mapping(Whole, {"zzz": 1}, "w")
    assert from_mapping(Whole, {"zzz": 1}, "w", ignore_unknown=True) == Whole()


def test_what_comes_in_goes_out_again():
    data = {"name": "x", "flag": True, "parts": [{"size": 1}], "table": {"a": {"size": 2}}, "anything": None}
    plain = to_plain(from_mapping(Whole, OrderedDict(data), "w"))
    assert {key: plain[key] for key in data} == data


def test_nearest_name():
    assert nearest("memroy", ["memory", "cpus"]) == "memory"
    assert nearest("memroy", []) == ""
