# SPDX-License-Identifier: GPL-3.0-or-later
"""The lean decorator makes what the standard library's makes."""

from __future__ import annotations

import dataclasses
import random

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils import lean_dataclass


def double(self) -> int:
    return self.size * 2


def described(decorator):
    """Return a class with one field of each kind."""
    body = {
        "__annotations__": {"name": str, "size": int, "tags": list, "key": str},
        "size": 3,
        "tags": FIELD(default_factory=list),
        "key": FIELD(default="", repr=False),
        "double": double,
    }
    return decorator(frozen=True)(type("Example", (), body))


FIELD = dataclasses.field
Lean, Original = described(lean_dataclass.dataclass), described(dataclasses.dataclass)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (("a",), {}),
        ((), {"name": "a"}),
        (("a", 4), {"tags": ["x"], "key": "secret"}),
        (("a", 4, ["x"], "secret"), {}),
        ((), {}),
        (("a",), {"name": "b"}),
        (("a",), {"colour": "red"}),
        (("a", 1, [], "k", "more"), {}),
    ],
)
def test_as_the_original(args, kwargs):
    made = []
    for kind in (Lean, Original):
        try:
            one = kind(*args, **kwargs)
            made.append((dataclasses.asdict(one), repr(one), one.double(), one == kind(*args, **kwargs)))
        except TypeError:
            made.append("TypeError")
    assert made[0] == made[1]
    assert "secret" not in str(made[0][1:])


def test_replace_fields_and_is_dataclass():
    one = dataclasses.replace(Lean("a"), size=9)
    assert (one, [f.name for f in dataclasses.fields(Lean)]) == (Lean("a", 9), ["name", "size", "tags", "key"])
    assert dataclasses.is_dataclass(Lean)


def test_each_has_its_own_default():
    one, other = Lean("a"), Lean("a")
    one.tags.append("x")
    assert other.tags == []


def test_nothing_can_be_changed():
    one = Lean("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="size"):
        one.size = 4
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        del one.name
    assert one == Lean("a")


def test_equal_ones_have_equal_hashes_and_other_kinds_are_not_equal():
    @lean_dataclass.dataclass(frozen=True)
    class Point:
        x: int = 0

    @lean_dataclass.dataclass(frozen=True)
    class Other:
        x: int = 0

    value = random.Random(1).randint(0, 9)
    assert len({Point(value), Point(value), Point(value + 1)}) == 2
    assert Point(1) != Other(1)


def test_frozen_only():
    with pytest.raises(TypeError, match="frozen"):
        lean_dataclass.dataclass(frozen=False)
