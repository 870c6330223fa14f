# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record on disk: one JSON file per role, written atomically, behind one lock."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import Any

from .entries import Entry, LedgerError

VERSION = 1
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_STEP = 0.05


class Store:
    """The folder of records."""

    def __init__(self, folder: str) -> None:
        """Remember the folder; nothing is created before something is written."""
        self.folder = folder

    def path(self, role: str) -> str:
        """Return the file of a role.

        Raises:
            LedgerError: the name is no role's name.
        """
        if not _ROLE.fullmatch(role):
            raise LedgerError(f"role {role!r}: lower case letters, digits and underscores are needed")
        return os.path.join(self.folder, role + ".json")

    def roles(self) -> list[str]:
        """Return the roles that have a record."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return sorted(name[:-5] for name in names if name.endswith(".json") and _ROLE.fullmatch(name[:-5]))

    def load(self, role: str) -> dict[str, Any]:
        """Return the record of a role, an empty one when there is none.

        Raises:
            LedgerError: the file is there but is no record.
        """
        path = self.path(role)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return {"version": VERSION, "role": role, "entries": []}
        except OSError as error:
            raise LedgerError(f"{path}: {error.strerror}") from error
        with os.fdopen(descriptor, "r", encoding="utf-8") as stream:
            try:
                record = json.load(stream)
            except ValueError as error:
                raise LedgerError(f"{path}: {error}") from error
        if not isinstance(record, dict) or not isinstance(record.get("entries"), list):
            raise LedgerError(f"{path}: not a record")
        if record.get("version") != VERSION:
            raise LedgerError(f"{path}: written by another release (version {record.get('version')!r})")
        return record

    def save(self, role: str, record: dict[str, Any]) -> None:
        """Write a record so that a power cut leaves the old one or the new one."""
        path = self.path(role)
        draft = f"{path}.{os.getpid()}.new"
        data = (json.dumps(record, indent=1, sort_keys=True) + "\n").encode("utf-8")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.rename(draft, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise
        self._sync()

    def remove(self, role: str) -> bool:
        """Forget a role; the folder goes with the last one. Return whether there was a record."""
        try:
            os.unlink(self.path(role))
        except FileNotFoundError:
            return False
        self._sync()
        return True

    def tidy(self) -> None:
        """Remove the folder when it holds no record any more, and the one above when it is empty then."""
        with contextlib.suppress(OSError):
            if not self.roles():
                os.unlink(os.path.join(self.folder, ".lock"))
                os.rmdir(self.folder)
                os.rmdir(os.path.dirname(self.folder))

    def _sync(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def locked(self, seconds: float = 30.0) -> Iterator[None]:
        """Keep other runs out; the lock ends with the process, whatever happens to it.

        Raises:
            LedgerError: another run holds the lock all the time, or the folder isn't safe.
        """
        path = os.path.join(self.folder, ".lock")
        end = time.monotonic() + seconds
        while True:
            self._prepare()
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                _lock(descriptor, path, end)
                if _is_still(descriptor, path):
                    yield
                    self.tidy()
                    return
            finally:
                os.close(descriptor)

    def _prepare(self) -> None:
        os.makedirs(os.path.dirname(self.folder), mode=0o755, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(self.folder, 0o700)
        found = os.lstat(self.folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise LedgerError(f"{self.folder}: not a directory of this user")
        if stat.S_IMODE(found.st_mode) != 0o700:
            os.chmod(self.folder, 0o700)


def _is_still(descriptor: int, path: str) -> bool:
    """Return whether a locked file is still the one at its path: the last run may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _lock(descriptor: int, path: str, end: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            if time.monotonic() > end:
                holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
                raise LedgerError(f"{path}: another run holds it (pid {holder or 'unknown'})") from error
            time.sleep(_STEP)
        else:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
            return


def entries_of(record: dict[str, Any]) -> list[Entry]:
    """Return the entries of a record."""
    return [dict(entry) for entry in record["entries"]]
