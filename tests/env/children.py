# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that the stages run: each in a session of its own, so that a request to end reaches all of it, and once.

Who is asked to end asks its programs, waits for them, and then takes its lab hosts away: nobody else would. Who is
killed can't ask: the kernel then asks in its place, or a run that nobody watches would go on using the hosts.
Standard library only, since setup is a stage too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Ended(BaseException):
    """Somebody wants this program to end; the argument is the signal."""


class Children:
    """The programs that run now."""

    def __init__(self, patience: float) -> None:
        self.patience = patience  # seconds for a program that was asked to end
        self.ending = False
        self._running: set[subprocess.Popen[bytes]] = set()
        self._guard = threading.Lock()

    def run(
        self,
        command: list[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        output: IO[bytes] | None = None,
        anyway: bool = False,
    ) -> bool:
        """Run a program; whether it ended well. After a request to end only those that must run `anyway` still do."""
        with self._guard:
            if self.ending and not anyway:
                return False
            child = subprocess.Popen(
                command if anyway else orphan_ends(command),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            if not anyway:
                self._running.add(child)
        ended = child.wait() == 0  # a request to end may come here: the program then stays among those to be ended
        with self._guard:
            self._running.discard(child)
        return ended

    def end(self) -> None:
        """Ask all of them to end, as a terminal does, and kill what does not; nothing new starts."""
        with self._guard:
            self.ending = True
            running = list(self._running)
        for child in running:
            _signal(child, signal.SIGINT)
        for child in running:
            try:
                child.wait(self.patience)
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)


def orphan_ends(command: list[str]) -> list[str]:
    """Return a command that ends, with all that it started, when who runs it has gone without a word."""
    setpriv = shutil.which("setpriv")  # util-linux, which every Debian has
    leader = [sys.executable, str(Path(__file__).with_name("leader.py")), *command]
    return [setpriv, "--pdeathsig", "TERM", *leader] if setpriv else command


def _signal(child: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    """Send it to the program and to what it has started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, sign)


def listen() -> None:
    """Turn the first request to end into an exception in the main thread, and ignore those that follow."""
    for sign in SIGNALS:
        signal.signal(sign, _end)


def ignore() -> None:
    """Heed no further request: what is being taken away must not be left half way."""
    for sign in SIGNALS:
        signal.signal(sign, signal.SIG_IGN)


def _end(number: int, dummy: FrameType | None) -> NoReturn:
    ignore()  # make asks, then the terminal
    raise Ended(number)
