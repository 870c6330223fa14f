# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML, read from parser events: bounded, no aliases, no tags, no duplicate keys, only what JSON can hold.

Plain scalars get a type only where YAML 1.1 and 1.2 agree on it: 4, 1.5, true, null. The others (yes, 017, 1_000, 1:30,
dates) stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .errors import ReaderMissing, TextError, position
from .limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES

try:
    import yaml
except ImportError:  # pragma: no cover - the module reports it as a missing library
    yaml = None  # type: ignore[assignment]

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?|\.[0-9]+)")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CONTROL = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS.update(dict.fromkeys(("true", "True", "TRUE"), True))  # type: ignore[arg-type]
_WORDS.update(dict.fromkeys(("false", "False", "FALSE"), False))  # type: ignore[arg-type]


def read_yaml(text: str) -> Any:
    """Return the document.

    Raises:
        TextError: with line and column where the text or one of its values is not allowed.
        ReaderMissing: PyYAML can't be imported.
    """
    if yaml is None:
        raise ReaderMissing("PyYAML")
    control = _CONTROL.search(text)
    if control:
        raise TextError(f"the control character {control.group()!r} is not allowed", *position(text, control.start()))
    try:
        return _Builder().build(_events(text))
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(text, error) from error


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def _syntax_error(text: str, error: Any) -> TextError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return TextError(f"not YAML: {error.problem or error.context}")
    lines = text.splitlines()
    for number in range(min(mark.line, len(lines) - 1), max(mark.line - 2, -1), -1):
        indent = re.match(r"[ \t]*", lines[number])
        column = indent.group().find("\t") if indent else -1
        if column >= 0:
            return TextError("a tab is used as indentation; YAML allows only blanks there", number + 1, column + 1)
    return TextError(f"not YAML: {error.problem or error.context}", mark.line + 1, mark.column + 1)


def _fail(event: Any, problem: str) -> TextError:
    return TextError(problem, event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """Builds the document without recursion; each open collection is on the stack."""

    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.nodes = 0
        self.root: Any = None
        self.documents = 0

    def build(self, events: Iterator[Any]) -> Any:
        for event in events:
            self._take(event)
        return self.root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _fail(event, "a second document starts here; only one is allowed")
        elif isinstance(event, yaml.AliasEvent):
            raise _fail(event, f"the alias *{event.anchor} is not allowed; write the value out")
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._add(self.stack.pop().value, event)

    def _node(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _fail(event, f"more than {MAX_NODES} values")
        if event.anchor:
            raise _fail(event, f"the anchor &{event.anchor} is not allowed; write the value out where it is used")
        if event.tag not in (None, "", "!"):
            raise _fail(event, f"the tag {event.tag} is not allowed; leave it out")
        if isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event), event)
            return
        if len(self.stack) >= MAX_DEPTH:
            raise _fail(event, f"nested deeper than {MAX_DEPTH} levels")
        if self.stack and self.stack[-1].wants_key:
            raise _fail(event, "a key must be text, not a list or mapping")
        self.stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else []))

    def _add(self, value: Any, event: Any) -> None:
        if self.stack:
            self.stack[-1].add(value, event)
        else:
            self.root = value


class _Open:
    """A collection that is being read; of a mapping also the key that waits for its value, and where each key was."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key: str | None = None
        self.lines: dict[str, int] = {}

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None

    def add(self, value: Any, event: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            self.key = self._checked(value, event)
        else:
            self.value[self.key] = value
            self.key = None

    def _checked(self, key: Any, event: Any) -> str:
        if not isinstance(key, str):
            raise _fail(event, f"a key must be text; quote it ({event.value!r} is read as {type(key).__name__})")
        if key == "<<" and event.implicit[0]:
            raise _fail(event, "the merge key << is not allowed; write the entries out")
        if key in self.lines:
            raise _fail(event, f"key {key!r} is there twice; the first one is in line {self.lines[key]}")
        self.lines[key] = event.start_mark.line + 1
        return key


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-")) > MAX_DIGITS:
            raise _fail(event, f"a number of more than {MAX_DIGITS} digits")
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise _fail(event, f"{text[:40]} is too large a number")
        return number
    if _NOT_FINITE.fullmatch(text):
        raise _fail(event, f"{text} is not a number that JSON knows")
    return text
