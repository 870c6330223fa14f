# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One export: its folder, who may mount it, and how. Checked before anything is written."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from ..lean_dataclass import dataclass
from .errors import ExportError
from .options import split_options

KEYS = ("path", "network", "options")
EVERYONE = "*"
# A network shorter than this is "everyone" spelled differently (0.0.0.0/0, or its two halves).
SHORTEST_PREFIX = {4: 8, 6: 16}
PATH = re.compile(r"(/[A-Za-z0-9._@:+-]+)+")
# Folders whose content is the machine itself: whoever writes there as root owns the host.
SYSTEM_FOLDERS = frozenset(
    [
        "bin",
        "boot",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "proc",
        "root",
        "run",
        "sbin",
        "sys",
        "usr",
        "var",
        "var/lib",
        "var/lib/docker",
        "var/lib/kubelet",
    ]
)


@dataclass(frozen=True)
class Export:
    """A folder offered to one network."""

    path: str
    network: str
    options: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line of an exports file."""
        return f"{self.path} {self.network}({','.join(self.options)})"


@dataclass(frozen=True)
class Defaults:
    """What an export takes over when it does not say otherwise."""

    network: str
    options: str
    allow_everyone: bool = False


def read_exports(items: Sequence[object], defaults: Defaults) -> tuple[list[Export], list[str]]:
    """Return the exports that are right and one text for each item that is not."""
    exports: list[Export] = []
    refusals: list[str] = []
    for index, item in enumerate(items):
        try:
            export = _read_one(item, defaults)
            _refuse_repetition(export, exports)
        except ExportError as error:
            refusals.append(f"nfs_server_exports[{index}]: {error}")
        else:
            exports.append(export)
    return exports, refusals


def is_everyone(network: str) -> bool:
    """Return whether a client of an export is everybody, or a network so wide that it amounts to it."""
    if network.strip() in (EVERYONE, ""):
        return True
    try:
        parsed = ipaddress.ip_network(network.strip(), strict=False)
    except ValueError:  # a name of a host or a group
        return False
    return parsed.prefixlen < SHORTEST_PREFIX[parsed.version]


def is_beyond(network: str, known: Iterable[str]) -> bool:
    """Return whether a client's addresses are not all in known networks; a name can't be judged, and is not."""
    try:
        parsed = ipaddress.ip_network(network.strip(), strict=False)
        ours = [ipaddress.ip_network(item.strip(), strict=False) for item in known if not is_everyone(item)]
    except ValueError:
        return False
    return not any(parsed.version == item.version and parsed.subnet_of(item) for item in ours)  # type: ignore[arg-type]


def folders(exports: Iterable[Export]) -> list[tuple[str, bool]]:
    """Return the exported folders and those above them, the upper ones first, and whether each is exported."""
    exported = {export.path for export in exports}
    above = {str(parent) for path in exported for parent in PurePosixPath(path).parents} - {"/"}
    return [(path, path in exported) for path in sorted(exported | above)]


def _read_one(item: object, defaults: Defaults) -> Export:
    if not isinstance(item, Mapping):
        raise ExportError(f"is {item!r}; write a mapping with the key 'path'")
    unknown = sorted(str(key) for key in item if key not in KEYS)
    if unknown:
        raise ExportError(f"has the unknown key {unknown[0]!r}; known keys are {', '.join(KEYS)}")
    if not item.get("path"):
        raise ExportError("has no 'path'; name the folder to export")
    return Export(
        path=_checked_path(str(item["path"])),
        network=_checked_network(str(item.get("network") or defaults.network), defaults.allow_everyone),
        options=split_options(str(item.get("options") or defaults.options)),
    )


def _checked_path(path: str) -> str:
    if not path.startswith("/"):
        raise ExportError(f"path {path!r} is relative; write it from the root, such as '/srv/nfs/{path.strip('./')}'")
    if posixpath.normpath(path) != path:
        raise ExportError(f"path {path!r} is not in its shortest form; write {posixpath.normpath(path)!r}")
    if path == "/" or path.strip("/") in SYSTEM_FOLDERS or path.split("/")[1] in ("proc", "sys", "dev", "etc", "root"):
        raise ExportError(f"path {path!r} belongs to the operating system; export a folder of its own below /srv")
    if not PATH.fullmatch(path):
        raise ExportError(
            f"path {path!r} has a character that exports files give a meaning; use letters, digits, . _ @ : + -"
        )
    return path


def _checked_network(network: str, allow_everyone: bool) -> str:
    if network == EVERYONE:
        return _everyone(network, allow_everyone)
    try:
        parsed = ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise ExportError(f"network {network!r} is no address or network; write it as '192.168.49.0/24'") from error
    if "/" not in network:
        return network
    if str(parsed) != network:
        raise ExportError(f"network {network!r} has bits set beyond its mask; write {str(parsed)!r}")
    return _everyone(network, allow_everyone) if is_everyone(network) else network


def _everyone(network: str, allow_everyone: bool) -> str:
    if not allow_everyone:
        raise ExportError(
            f"network {network!r} offers the folder to everyone who reaches this machine; "
            "name the cluster's network, or set nfs_server_allow_everyone: true"
        )
    return network


def _refuse_repetition(export: Export, earlier: Sequence[Export]) -> None:
    if any((other.path, other.network) == (export.path, export.network) for other in earlier):
        raise ExportError(f"path {export.path!r} is exported to {export.network!r} twice; keep one of them")
