# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frozen dataclasses that cost little to define.

For each class the standard library writes and compiles six functions, about a millisecond. A module on a host defines
all its classes anew in every run: a tenth of an observation would go there. Here all classes share the functions;
dataclasses.fields, is_dataclass and replace work as with the original, and type checkers see the original.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Callable

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool) -> Callable[[type], type]:
        """Return the decorator; as in the original, frozen must be said."""
        if not frozen:
            raise TypeError("lean_dataclass makes frozen classes only")
        return _made


def _made(cls: type[Any]) -> type[Any]:
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    made.__init__ = _init
    made.__eq__ = _eq
    made.__hash__ = _hash
    made.__repr__ = _repr
    made.__setattr__ = _refuse
    made.__delattr__ = _refuse
    return made  # type: ignore[no-any-return]


def _init(self: Any, *args: Any, **kwargs: Any) -> None:
    items = self.__dataclass_fields__
    if len(args) > len(items):
        raise TypeError(f"{type(self).__name__} takes {len(items)} values, not {len(args)}")
    given = dict(zip(items, args))
    wrong = [name for name in kwargs if name not in items or name in given]
    if wrong:
        raise TypeError(f"{type(self).__name__} got unknown or repeated {', '.join(wrong)}")
    given.update(kwargs)
    for name, item in items.items():
        if name in given:
            self.__dict__[name] = given[name]
        elif item.default is not dataclasses.MISSING:
            self.__dict__[name] = item.default
        elif item.default_factory is not dataclasses.MISSING:
            self.__dict__[name] = item.default_factory()
        else:
            raise TypeError(f"{type(self).__name__} needs {name}")


def _eq(self: Any, other: object) -> bool:
    return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(tuple(self.__dict__.values()))


def _repr(self: Any) -> str:
    shown = [f"{name}={self.__dict__[name]!r}" for name, item in self.__dataclass_fields__.items() if item.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: Any, name: str, *dummy: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change {name} of {type(self).__name__}")
