# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts files and directories back into their earlier state."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from .earlier import data_of, directory_state, file_state, left_behind
from .entries import Entry
from .system import mounts_below

# Never removed as a whole, whatever a record says.
SHARED = (
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/srv",
    "/sys",
    "/usr",
    "/var",
)
GONE = "absent"


class Keep(Exception):
    """The thing stays as it is; the text says why."""


def file_due(entry: Entry, path: str) -> bool:
    """Return whether a file has to be put back.

    Raises:
        Keep: somebody else changed it, or its earlier content is not known.
    """
    earlier: Mapping[str, Any] = entry["earlier"]
    if os.path.isdir(path) and not os.path.islink(path):
        raise Keep("a directory is in its place")
    if same(earlier, file_state(path, secret=True)):
        return False
    written: Sequence[str] = entry.get("written", [])
    now = left_behind(entry, path) or GONE
    if written and now not in written:
        raise Keep("it was removed since" if now == GONE else "somebody else changed it since")
    known = earlier["state"] == "absent" or earlier.get("type") == "link" or "content" in earlier
    if not known and earlier.get("sha256") != now:
        raise Keep("it was there before, and its content was not recorded")
    if earlier["state"] == "present" and not os.path.isdir(os.path.dirname(path)):
        raise Keep("its directory is gone")
    return True


def same(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Return whether two states of a path are equal, contents by their hash."""
    names = ("state", "type", "target", "sha256", "mode", "uid", "gid")
    return all(earlier.get(name) == now.get(name) for name in names)


def put_back(entry: Entry, path: str) -> None:
    """Restore a file, or remove one that was absent."""
    earlier: Mapping[str, Any] = entry["earlier"]
    if earlier["state"] == "absent":
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    if earlier.get("type") == "link":
        draft = f"{path}.{os.getpid()}.new"
        os.symlink(earlier["target"], draft)
        os.lchown(draft, earlier["uid"], earlier["gid"])
        os.rename(draft, path)
        return
    data = data_of(earlier)
    if data is not None:
        _write(path, data, earlier)
    os.chown(path, earlier["uid"], earlier["gid"])
    os.chmod(path, int(earlier["mode"], 8))


def _write(path: str, data: bytes, earlier: Mapping[str, Any]) -> None:
    draft = f"{path}.{os.getpid()}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchown(stream.fileno(), earlier["uid"], earlier["gid"])
            os.fchmod(stream.fileno(), int(earlier["mode"], 8))
            os.fsync(stream.fileno())
        os.rename(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


def directory_due(entry: Entry, path: str, mountinfo: str, going: set[str]) -> bool:
    """Return whether a directory has to be removed, or its mode and owner put back.

    Args:
        entry: the entry.
        path: where it lies.
        mountinfo: text of /proc/self/mountinfo.
        going: paths that are removed in the same run (they may still be there in check mode).

    Raises:
        Keep: it holds what isn't ours.
    """
    earlier: Mapping[str, Any] = entry["earlier"]
    now = directory_state(path)
    if now["state"] == "absent":
        if earlier["state"] == "present":
            raise Keep("it was removed since")
        return False
    if earlier["state"] == "present":
        return earlier.get("type") == "directory" and now["type"] == "directory" and not same(earlier, now)
    if now["type"] != "directory":
        raise Keep("something else is in its place")
    _removable(path, mountinfo)
    if not whole(entry):
        left = [name for name in sorted(os.listdir(path)) if os.path.join(path, name) not in going]
        if left:
            raise Keep(f"it is not empty: {_some(left)}")
    return True


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _removable(path: str, mountinfo: str) -> None:
    if path in SHARED or os.path.dirname(path) == "/" or path in ("/var/lib", "/usr/local", "/usr/bin", "/var/log"):
        raise Keep("it is shared by the whole system")
    mounted = mounts_below(mountinfo, path)
    if mounted:
        raise Keep(f"file systems are mounted there: {_some(mounted)}")


def whole(entry: Entry) -> bool:
    """Return whether everything below a directory belongs to the collection."""
    return entry["kind"] == "venv" or bool(entry.get("tree"))


def put_directory_back(entry: Entry, path: str) -> None:
    """Remove a directory that was absent, else restore its mode and owner."""
    earlier: Mapping[str, Any] = entry["earlier"]
    if earlier["state"] == "present":
        os.chown(path, earlier["uid"], earlier["gid"])
        os.chmod(path, int(earlier["mode"], 8))
    elif whole(entry):
        shutil.rmtree(path)
    else:
        os.rmdir(path)


def needs_reload(paths: Sequence[str | None]) -> bool:
    """Return whether systemd has to read its units again."""
    return any(path is not None and "/systemd/system/" in path for path in paths)
