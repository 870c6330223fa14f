# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the state of a thing before a role changes it."""

from __future__ import annotations

import base64
import contextlib
import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass
from ..node.convert import to_plain
from ..node.observed.shared import Unit
from ..probe.accounts import account, members
from ..probe.profile import profile_path
from .entries import Entry, LedgerError

LIMIT = 4 << 20
ABSENT: Mapping[str, Any] = {"state": "absent"}


@dataclass(frozen=True)
class Known:
    """What was read once for all entries: packages and units are expensive one by one."""

    packages: Mapping[str, str]
    units: Mapping[str, Unit]


def earlier_state(entry: Mapping[str, Any], known: Known, root: Any) -> dict[str, Any] | None:
    """Return the state to go back to, None for kinds that only the role knows."""
    kind, subject = entry["kind"], entry["subject"]
    if kind in ("file", "repository"):
        return file_state(root.path(subject), secret=bool(entry.get("secret")))
    if kind in ("directory", "venv"):
        return directory_state(root.path(subject))
    if kind == "package":
        version = known.packages.get(subject)
        return dict(ABSENT) if version is None else {"state": "present", "version": version}
    if kind == "user":
        found = account(root, subject)
        return dict(ABSENT) if found is None else {"state": "present", **found.__dict__}
    if kind == "group_member":
        return {"state": "present" if subject in (members(root, entry["group"]) or ()) else "absent"}
    if kind == "unit":
        return unit_state(known.units.get(subject))
    if kind == "profile" and "home" in entry:
        return {"state": "present" if root.exists(profile_path(root, entry["home"], subject)) else "absent"}
    return None


def unit_state(unit: Unit | None) -> dict[str, Any]:
    """Return a unit's state; one that systemd doesn't know is absent."""
    if unit is None:
        return {"state": "unknown"}
    if unit.load == "not-found":
        return dict(ABSENT)
    return {"state": "present", **to_plain(unit)}


def digest(data: bytes) -> str:
    """Return the hash by which contents are compared."""
    return hashlib.sha256(data).hexdigest()


def file_state(path: str, secret: bool) -> dict[str, Any]:
    """Return content, mode and owner of a file; of a secret one the hash instead of the content.

    Raises:
        LedgerError: it is neither a file nor a link, or can't be read.
    """
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return dict(ABSENT)
    state: dict[str, Any] = {"state": "present", **ownership(found)}
    if stat.S_ISLNK(found.st_mode):
        return {**state, "type": "link", "target": os.readlink(path)}
    if not stat.S_ISREG(found.st_mode):
        raise LedgerError(f"{path}: neither a file nor a link; it is not recorded as a file")
    data = read_file(path)
    state.update(type="file", size=len(data), sha256=digest(data))
    if not secret and len(data) <= LIMIT:
        state.update(content_of(data))
    return state


def read_file(path: str) -> bytes:
    """Return the content of a regular file, never of what a link points to."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def content_of(data: bytes) -> dict[str, str]:
    """Return content as text where it is text, else in base64."""
    with contextlib.suppress(UnicodeDecodeError):
        return {"content": data.decode("utf-8"), "encoding": "utf-8"}
    return {"content": base64.b64encode(data).decode("ascii"), "encoding": "base64"}


def data_of(earlier: Mapping[str, Any]) -> bytes | None:
    """Return the recorded content, None when it was not kept."""
    if "content" not in earlier:
        return None
    text = str(earlier["content"])
    return base64.b64decode(text) if earlier.get("encoding") == "base64" else text.encode("utf-8")


def ownership(found: os.stat_result) -> dict[str, Any]:
    """Return mode, owner and group, with names where they have some."""
    owner, group = str(found.st_uid), str(found.st_gid)
    with contextlib.suppress(KeyError):
        owner = pwd.getpwuid(found.st_uid).pw_name
    with contextlib.suppress(KeyError):
        group = grp.getgrgid(found.st_gid).gr_name
    return {
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "owner": owner,
        "group": group,
        "uid": found.st_uid,
        "gid": found.st_gid,
    }


def directory_state(path: str) -> dict[str, Any]:
    """Return mode and owner of a directory."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return dict(ABSENT)
    kind = "directory" if stat.S_ISDIR(found.st_mode) else "link" if stat.S_ISLNK(found.st_mode) else "other"
    return {"state": "present", "type": kind, **ownership(found)}


def left_behind(entry: Entry, path: str) -> str | None:
    """Return the hash of what is in a recorded file now, None when there is none."""
    if entry["kind"] not in ("file", "repository"):
        return None
    try:
        if os.path.islink(path):
            return digest(b"link:" + os.fsencode(os.readlink(path)))
        return digest(read_file(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
