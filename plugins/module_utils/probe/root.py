# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files below a root directory: / on a real machine, a folder in tests."""

from __future__ import annotations

import errno
import os
import stat

from ..lean_dataclass import dataclass

LIMIT = 16 << 20
_PIECE = 1 << 15


class Unreadable(Exception):
    """Something that should be readable is not; the text says why."""


def _content(descriptor: int, limit: int) -> bytes:
    """Read in small pieces: files below /proc/sys refuse a large buffer."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:
        part = os.read(descriptor, min(left, _PIECE))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


@dataclass(frozen=True)
class Root:
    """The file system that a probe reads."""

    base: str = "/"

    @property
    def real(self) -> bool:
        """True on a real machine, where system calls mean this machine too."""
        return self.base == "/"

    def path(self, name: str) -> str:
        """Return where a path of the machine lies."""
        return name if self.real else os.path.join(self.base, name.lstrip("/"))

    def exists(self, name: str) -> bool:
        """Return whether anything is there, a dangling link included."""
        return os.path.lexists(self.path(name))

    def is_dir(self, name: str) -> bool:
        """Return whether a directory is there."""
        return os.path.isdir(self.path(name))

    def read_bytes(self, name: str, limit: int = LIMIT) -> bytes | None:
        """Return the content of a regular file, None when there is none.

        Raises:
            Unreadable: it is there, but is no regular file, is too large, or may not be read.
        """
        try:
            descriptor = os.open(self.path(name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return None
            raise Unreadable(f"{name}: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable(f"{name}: not a regular file")
            data = _content(descriptor, limit)
        except OSError as error:
            raise Unreadable(f"{name}: {error.strerror}") from error
        finally:
            os.close(descriptor)
        if len(data) > limit:
            raise Unreadable(f"{name}: larger than {limit} bytes")
        return data

    def read(self, name: str, limit: int = LIMIT) -> str | None:
        """Return the text of a file, None when there is none; bytes that are no UTF-8 are replaced."""
        data = self.read_bytes(name, limit)
        return None if data is None else data.decode("utf-8", "replace")

    def line(self, name: str) -> str | None:
        """Return the first line of a small file, stripped."""
        text = self.read(name)
        return None if text is None else text.split("\n", 1)[0].strip()

    def names(self, name: str) -> list[str] | None:
        """Return the sorted names in a directory, None when there is none."""
        try:
            return sorted(os.listdir(self.path(name)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(f"{name}: {error.strerror}") from error

    def link(self, name: str) -> str | None:
        """Return where a symbolic link points, None when it is none."""
        try:
            return os.readlink(self.path(name))
        except OSError:
            return None
