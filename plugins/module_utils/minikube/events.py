# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CloudEvents of `minikube start --output=json`: one object per line, among lines that are no JSON at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..lean_dataclass import dataclass


@dataclass(frozen=True)
class Event:
    """One line: the last part of its type, and its data."""

    kind: str
    message: str
    name: str
    data: Mapping[str, Any]

    @property
    def step(self) -> int | None:
        """The number of the step, which minikube writes as text."""
        text = str(self.data.get("currentstep", ""))
        return int(text) if self.kind == "step" and text.isdigit() else None

    @property
    def exit_code(self) -> int | None:
        """The exit code of a fatal error; harmless lines of type error have none."""
        text = str(self.data.get("exitcode", ""))
        return int(text) if self.kind == "error" and text.isdigit() else None


_PREFIX = "io.k8s.sigs.minikube."


def parse_events(text: str) -> list[Event]:
    """All events in the order of their lines; other lines are left out."""
    return list(_events(text))


def _events(text: str) -> Iterator[Event]:
    for line in text.splitlines():
        if not line.startswith("{"):
            continue
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if not isinstance(value, dict) or not str(value.get("type", "")).startswith(_PREFIX):
            continue
        data = value.get("data")
        data = data if isinstance(data, dict) else {}
        kind = str(value["type"])[len(_PREFIX) :]
        yield Event(kind, str(data.get("message", "")), str(data.get("name", "")), data)


def fatal(events: list[Event]) -> Event | None:
    """The error that ended the program: the last one with an exit code. Type error alone says nothing."""
    found = [event for event in events if event.exit_code is not None]
    return found[-1] if found else None


def last_step(events: list[Event]) -> str:
    """How far a start came, for messages."""
    steps = [event for event in events if event.step is not None]
    return f"{steps[-1].step}/{steps[-1].data.get('totalsteps', '?')} {steps[-1].name}" if steps else "nothing"


def summary(events: list[Event]) -> list[str]:
    """The steps in words, for the result of the module."""
    return [f"{event.step} {event.message}" for event in events if event.step is not None]
