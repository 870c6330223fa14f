# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use what several runs share: one at a time, the others wait and say for whom."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 1.0  # seconds between two tries: a blocking lock would not notice a request to end


@contextmanager
def claim(path: Path, what: str, stop: Callable[[], bool] = lambda: False, pause: float = PAUSE) -> Iterator[None]:
    """Hold the lock of this file; raise InterruptedError when `stop` says so while another run holds it.

    The kernel lets go of it when its holder ends, however that ends. Programs that the holder starts don't inherit it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        told = False
        while not _taken(lock.fileno()):
            if stop():
                raise InterruptedError(f"asked to end while another run uses the {what}")
            if not told:
                lock.seek(0)
                print(f"waiting: process {lock.read() or '(unknown)'} uses the {what}", file=sys.stderr, flush=True)
                told = True
            time.sleep(pause)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
