# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab per machine: bridge, addresses and run folder exist once, so one cache at a time owns them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from . import config, leftovers
from .processes import LabError


def lock_path() -> Path:
    """Beside the run folder, which goes while the lock is held."""
    return config.RUN_DIR.with_name(f"{config.RUN_DIR.name}.lock")


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """One change of the lab at a time, whichever checkout or cache it comes from; others wait."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root: it makes a bridge and runs its own docker daemon")
    path = lock_path()
    while True:
        with path.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not _is(path, handle.fileno()):  # the one before us took the file away with the rest of the lab
                continue
            try:
                yield
            finally:
                if not config.RUN_DIR.exists():
                    path.unlink()
            return


def _is(path: Path, descriptor: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def record_path() -> Path:
    """The file that names the owner."""
    return config.RUN_DIR / "owner"


def check() -> None:
    """Refuses to touch a running lab of another cache. A lab without the record is from before there was one."""
    try:
        owner = record_path().read_text(encoding="utf-8").strip()
    except OSError:
        return
    if owner != str(config.cache_dir()) and any(leftovers.lab_processes()):
        raise LabError(
            f"a lab with the cache {owner} is running, and this one would use {config.cache_dir()}: set "
            f"GPU_LAUNCH_LAB_CACHE={owner}, or end that lab first with "
            f"`GPU_LAUNCH_LAB_CACHE={owner} python3 -m tests.lab down --all`"
        )


def take() -> None:
    """Checks, and writes this cache down where no lab runs."""
    check()
    if not any(leftovers.lab_processes()):
        config.RUN_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
        record_path().write_text(f"{config.cache_dir()}\n", encoding="utf-8")
