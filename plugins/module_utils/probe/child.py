# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a function that may hang or crash in a forked child, with a deadline."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from typing import Any, Callable, NoReturn

from ..lean_dataclass import dataclass
from .root import Unreadable

Emit = Callable[[Any], None]
_FIRST_STEP = 0.0005  # seconds: who has said all there is to say is gone almost at once
_GRACE = 0.5
# The ends of pipes that this process answers through. A child of its own must not keep them open: where it can't be
# killed, nobody would ever see the end of this process's answer.
_answers: list[int] = []


class Late(Unreadable):
    """The child did not answer in time."""


class Died(Unreadable):
    """The child ended without an answer."""


@dataclass(frozen=True)
class Stream:
    """What a child said before it ended, and why it ended early if it did."""

    items: list[Any]
    problem: Unreadable | None = None


@dataclass(frozen=True)
class Child:
    """A child at work, and the end of the pipe that it answers through."""

    pid: int
    reader: int


def within(seconds: float, work: Callable[[], Any], what: str) -> Any:
    """Return what work returns (plain data), computed in a child that is killed when late.

    Raises:
        Late: no answer in time.
        Died: the child crashed.
        Unreadable: work raised it, or an OSError or ValueError.
    """
    answer = stream(seconds, lambda emit: emit(work()), what)
    if answer.problem is not None:
        raise answer.problem
    return answer.items[0]


def stream(seconds: float, work: Callable[[Emit], None], what: str) -> Stream:
    """Return everything that work emitted (plain data), even when it then crashed or was late."""
    return finish(start(work), seconds, what)


def start(work: Callable[[Emit], None]) -> Child:
    """Start work in a child and go on."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        for inherited in _answers:
            os.close(inherited)
        _answers[:] = [writer]
        _child(writer, work)
    os.close(writer)
    return Child(pid, reader)


def finish(child: Child, seconds: float, what: str) -> Stream:
    """Return everything that a child says until it ends.

    A child in uninterruptible sleep survives the kill; it is left alone, and the parent goes on.

    Args:
        child: what start returned.
        seconds: how long to wait before it is killed.
        what: name of the work, for messages.
    """
    try:
        data, late = _collect(child.reader, time.monotonic() + seconds)
    finally:
        os.close(child.reader)
    if late:
        os.kill(child.pid, signal.SIGKILL)
    status = _wait(child.pid)
    lines = [json.loads(line.decode("utf-8")) for line in data.split(b"\n")[:-1]]
    items = [line["value"] for line in lines if "value" in line]
    if late:
        return Stream(items, Late(f"{what}: no answer within {seconds:g} s"))
    ending = lines[-1] if lines else {}
    if "error" in ending:
        return Stream(items, Unreadable(ending["error"]))
    return Stream(items, None if "end" in ending else Died(f"{what}: {_how(status)}"))


def _child(writer: int, work: Callable[[Emit], None]) -> NoReturn:
    def say(line: Any) -> None:
        view = memoryview(json.dumps(line).encode("utf-8") + b"\n")
        while view:
            view = view[os.write(writer, view) :]

    try:
        try:
            work(lambda value: say({"value": value}))
            say({"end": True})
        except (Unreadable, OSError, ValueError) as error:
            say({"error": str(error)})
        except Exception as error:  # a mistake of ours: where, but no values, for one of them may be a secret
            say({"error": f"{type(error).__name__} {_place(error)}"})
    finally:
        os._exit(0)  # neither atexit functions nor buffers of the parent's module may run twice


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"in {os.path.basename(last.filename)}, line {last.lineno}"


def _collect(reader: int, end: float) -> Any:
    """Return everything the child wrote, and whether the time ran out."""
    parts: list[bytes] = []
    while True:
        if not select.select([reader], [], [], max(0.0, end - time.monotonic()))[0]:
            return b"".join(parts), True
        part = os.read(reader, 1 << 16)
        if not part:
            return b"".join(parts), False
        parts.append(part)


def _wait(pid: int) -> int | None:
    """Reap the child without ever blocking on it."""
    end, step = time.monotonic() + _GRACE, _FIRST_STEP
    while True:
        try:
            done, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return None
        if done:
            return status
        if time.monotonic() > end:
            return None
        time.sleep(step)
        step = min(step * 2, 0.05)


def _how(status: int | None) -> str:
    if status is not None and os.WIFSIGNALED(status):
        return f"the child died of signal {os.WTERMSIG(status)}"
    return "the child ended without an answer"
