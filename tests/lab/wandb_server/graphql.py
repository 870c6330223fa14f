# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of the GraphQL language as W&B's clients send: arguments, variables, aliases, fragments and selections."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r"(?P<skip>[\s,\ufeff]+|\#[^\n]*)"
    r'|(?P<text>"""(?:.|\n)*?"""|"(?:\\.|[^"\\])*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[_A-Za-z]\w*)"
    r"|(?P<mark>\.\.\.|[!$()\[\]{}:=@|&])"
)


class GraphQLError(Exception):
    """A request that the server refuses; the text becomes errors[0].message."""


@dataclass(frozen=True)
class Variable:
    """A `$name` in the place of a value."""

    name: str


@dataclass(frozen=True)
class Spread:
    """`...name` or an inline fragment."""

    target: str | list[Field | Spread]


@dataclass(frozen=True)
class Field:
    """One selected field; `selection` is None for a leaf."""

    alias: str
    name: str
    arguments: Mapping[str, Any]
    selection: list[Field | Spread] | None


Selection = list[Field | Spread]


@dataclass
class Document:
    """One parsed document. Only its first operation counts, as clients send one per request."""

    text: str
    fragments: dict[str, Selection] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    root: Selection = field(default_factory=list)

    def __post_init__(self) -> None:
        """Parses the text."""
        self._tokens = [(str(m.lastgroup), m.group()) for m in TOKEN.finditer(self.text) if m.lastgroup != "skip"]
        self._at = 0
        try:
            while self._at < len(self._tokens):
                self._definition()
        except IndexError as error:
            raise GraphQLError("Syntax Error: the document ends too early") from error

    def bind(self, value: Any, variables: Mapping[str, Any]) -> Any:
        """Puts variables into an argument; a variable that was not sent leaves its key out."""
        if isinstance(value, Variable):
            return variables.get(value.name, self.defaults.get(value.name))
        if isinstance(value, list):
            return [self.bind(item, variables) for item in value]
        if isinstance(value, Mapping):
            return {key: self.bind(item, variables) for key, item in value.items() if not self._unsent(item, variables)}
        return value

    def _unsent(self, value: Any, variables: Mapping[str, Any]) -> bool:
        return isinstance(value, Variable) and value.name not in variables and value.name not in self.defaults

    def flat(self, selection: Selection) -> Iterator[Field]:
        """The fields of a selection, with fragments opened."""
        for item in selection:
            if isinstance(item, Field):
                yield item
            elif isinstance(item.target, str):
                yield from self.flat(self.fragments.get(item.target, []))
            else:
                yield from self.flat(item.target)

    def shape(self, value: Any, selection: Selection | None, variables: Mapping[str, Any]) -> Any:
        """Cuts a resolver's value to the selection. Callables are fields with arguments; unknown fields are null."""
        if selection is None or value is None:
            return value
        if isinstance(value, list):
            return [self.shape(item, selection, variables) for item in value]
        out = {}
        for wanted in self.flat(selection):
            item = value.get(wanted.name) if isinstance(value, dict) else None
            if callable(item):
                item = item(self.bind(wanted.arguments, variables))
            out[wanted.alias] = self.shape(item, wanted.selection, variables)
        return out

    # -- the parser ---------------------------------------------------------------------------------------------------
    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str | None = None) -> str:
        value = self._peek()
        if not value or (wanted is not None and value != wanted):
            raise GraphQLError(f"Syntax Error: expected {wanted or 'more input'}, found {value or 'the end'}")
        self._at += 1
        return value

    def _definition(self) -> None:
        if self._peek() == "{":
            selection = self._selection()
            self.root = self.root or selection
            return
        if self._next() == "fragment":
            name = self._next()
            self._next("on")
            self._next()
            self.fragments[name] = self._selection()
            return
        if self._peek() not in ("{", "("):
            self._next()  # the operation's name
        if self._peek() == "(":
            self._variable_definitions()
        self._directives()
        selection = self._selection()
        self.root = self.root or selection

    def _variable_definitions(self) -> None:
        self._next("(")
        while self._peek() != ")":
            self._next("$")
            name = self._next()
            self._next(":")
            while self._peek() in ("[", "]", "!") or self._tokens[self._at][0] == "name":
                self._next()
            if self._peek() == "=":
                self._next()
                self.defaults[name] = self._value()
        self._next(")")

    def _directives(self) -> None:
        while self._peek() == "@":
            self._next()
            self._next()
            if self._peek() == "(":
                self._arguments()

    def _selection(self) -> Selection:
        out: Selection = []
        self._next("{")
        while self._peek() != "}":
            out.append(self._spread() if self._peek() == "..." else self._field())
        self._next("}")
        return out

    def _spread(self) -> Spread:
        self._next("...")
        if self._peek() not in ("on", "{", "@"):
            name = self._next()
            self._directives()
            return Spread(name)
        if self._peek() == "on":
            self._next()
            self._next()
        self._directives()
        return Spread(self._selection())

    def _field(self) -> Field:
        alias = name = self._next()
        if self._peek() == ":":
            self._next()
            name = self._next()
        arguments = self._arguments() if self._peek() == "(" else {}
        self._directives()
        return Field(alias, name, arguments, self._selection() if self._peek() == "{" else None)

    def _arguments(self) -> dict[str, Any]:
        out = {}
        self._next("(")
        while self._peek() != ")":
            name = self._next()
            self._next(":")
            out[name] = self._value()
        self._next(")")
        return out

    def _value(self) -> Any:
        kind, text = self._tokens[self._at]
        self._at += 1
        if text == "$":
            return Variable(self._next())
        if text == "[":
            return self._list()
        if text == "{":
            return self._object()
        if kind == "text":
            return text[3:-3] if text.startswith('"""') else json.loads(text)
        if kind == "number":
            return json.loads(text)
        return {"true": True, "false": False, "null": None}.get(text, text)

    def _list(self) -> list[Any]:
        items = []
        while self._peek() != "]":
            items.append(self._value())
        self._next("]")
        return items

    def _object(self) -> dict[str, Any]:
        out = {}
        while self._peek() != "}":
            name = self._next()
            self._next(":")
            out[name] = self._value()
        self._next("}")
        return out
