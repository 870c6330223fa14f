# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict JSON reader for daemon.json that says where a text goes wrong and knows the place of every key."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from .errors import DaemonConfigError
from .values import Path

MAX_CHARS = 1 << 20
MAX_DEPTH = 64

_BLANKS = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![0-9A-Za-z.])")
_WORD = re.compile(r"(?:true|false|null)(?![0-9A-Za-z_])")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Reader:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        """Start at the first character."""
        self.text = text
        self.at = 0
        self.places: dict[Path, int] = {}

    def fail(self, reason: str, at: int) -> NoReturn:
        """Refuse the text at one place."""
        line, column = position(self.text, at)
        raise DaemonConfigError(reason, line, column)

    def peek(self) -> str:
        """Skip blanks and return the next character, '' at the end; a comment is refused here."""
        match = _BLANKS.match(self.text, self.at)
        self.at = match.end() if match else self.at
        char = self.text[self.at : self.at + 1]
        if char == "#" or self.text[self.at : self.at + 2] in ("//", "/*"):
            self.fail("a comment is not allowed in JSON", self.at)
        return char

    def value(self, path: Path) -> Any:
        """Read any value."""
        char = self.peek()
        self.places[path] = self.at
        if len(path) > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", self.at)
        if char == "{":
            return self.members(path)
        if char == "[":
            return self.items(path)
        if char == '"':
            return self.string()
        match = _NUMBER.match(self.text, self.at) or _WORD.match(self.text, self.at)
        if match is None:
            self.fail("a value is expected here" if char else "the text ends where a value is expected", self.at)
        self.at = match.end()
        value = json.loads(match.group())
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            self.fail("the number is too large", match.start())
        return value

    def string(self) -> str:
        """Read a text."""
        match = _STRING.match(self.text, self.at)
        if match is None:
            self.fail("the text in quotes has no end on this line, or a bad escape", self.at)
        value = str(json.loads(match.group()))
        if any("\ud800" <= char <= "\udfff" for char in value):
            self.fail("half a surrogate pair is no character", self.at)
        self.at = match.end()
        return value

    def members(self, path: Path) -> dict[str, Any]:
        """Read an object; a key given twice is refused with both places."""
        found: dict[str, Any] = {}
        first: dict[str, int] = {}
        self.at += 1
        while self.more("}", bool(found)):
            at = self.at
            if self.peek() != '"':
                self.fail("a key in double quotes is expected here", self.at)
            key = self.string()
            if key in found:
                line = position(self.text, first[key])[0]
                self.fail(f"the key {key!r} is there twice, the first one in line {line}", at)
            first[key] = at
            if self.peek() != ":":
                self.fail(f"a colon is expected after the key {key!r}", self.at)
            self.at += 1
            found[key] = self.value((*path, key))
        return found

    def items(self, path: Path) -> list[Any]:
        """Read a list."""
        found: list[Any] = []
        self.at += 1
        while self.more("]", bool(found)):
            found.append(self.value((*path, str(len(found)))))
        return found

    def more(self, end: str, started: bool) -> bool:
        """Step over the comma or the end of an object or list; True when another entry follows."""
        char = self.peek()
        if char == end:
            self.at += 1
            return False
        if not started:
            return True
        if char != ",":
            self.fail(f"a comma or '{end}' is expected here", self.at)
        comma = self.at
        self.at += 1
        if self.peek() == end:
            self.fail(f"a comma before '{end}' is not allowed in JSON", comma)
        return True


def position(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a character, both counted from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def decoded(raw: bytes) -> str:
    """Return the text of a file; byte order marks and anything that isn't UTF-8 are refused."""
    if raw.startswith(_BYTE_ORDER_MARKS):
        raise DaemonConfigError("the file starts with a byte order mark; save it as UTF-8 without one", 1, 1)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = position(before, len(before))
        raise DaemonConfigError("not UTF-8", line, column) from error


def read(raw: bytes) -> tuple[dict[str, Any], dict[Path, int]]:
    """Return the object in a daemon.json and the offset of each value; an empty or blank file counts as {}."""
    text = decoded(raw)
    if len(text) > MAX_CHARS:
        raise DaemonConfigError(f"the file is longer than {MAX_CHARS} characters")
    reader = Reader(text)
    if reader.peek() == "":
        return {}, {}
    value = reader.value(())
    if reader.peek() != "":
        reader.fail("text follows after the end of the object", reader.at)
    if not isinstance(value, dict):
        line, column = position(text, reader.places[()])
        found = "null" if value is None else "a list" if isinstance(value, list) else "a plain value"
        raise DaemonConfigError(f"the file must hold one object in braces, it holds {found}", line, column)
    return value, reader.places
