# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a program that a role downloaded: checksums and version, without reading all of it each time.

Beside each program lies a note, <program>.sha256, with the words that the role verified: checksums as sha256:... and
the version. It counts as long as it is newer than the program's last change (the time that nobody can set back), else
the program is hashed: where the hash is one of the note's words, the rest of the note is true as well.
"""

from __future__ import annotations

import hashlib
import os

from .child import within
from .root import Root, Unreadable

_PIECE = 1 << 20


def note_of(path: str) -> str:
    """Return where the note of a program lies."""
    return f"{path}.sha256"


def known(root: Root, path: str, deadline: float) -> tuple[str, ...] | None:
    """Return the words that are true of a program, None when there is none.

    Raises:
        Unreadable: it can't be read, or not in time.
    """
    try:
        changed = os.lstat(root.path(path)).st_ctime_ns
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    words = (root.read(note_of(path)) or "").split()
    if words and os.lstat(root.path(note_of(path))).st_mtime_ns >= changed:
        return tuple(words)
    digest = f"sha256:{within(deadline, lambda: _hash(root.path(path)), path)}"
    return tuple(words) if digest in words else (digest,)


def _hash(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for piece in iter(lambda: stream.read(_PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()
