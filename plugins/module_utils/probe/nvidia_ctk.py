# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the container toolkit: packages, programs, its config."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from ..node.observed.nvidia_ctk import AptSource, CtkFacts, Keyring
from ..node.wanted.nvidia_ctk import PACKAGES
from ..openpgp.expiry import expired
from ..openpgp.keyring import KeyringError, primary_fingerprints
from . import dpkg
from .cdi import specs, unlinked
from .docker import on_path
from .files import look_at
from .look import Look
from .root import Root

CONFIG = "/etc/nvidia-container-runtime/config.toml"
SOURCES = "/etc/apt/sources.list"
_NO_CGROUPS = "no-cgroups"
_ENVVAR = "accept-nvidia-visible-devices-envvar-when-unprivileged"
# apt ignores files with other names.
_SOURCE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.(?:list|sources)")
_ONE_LINE = re.compile(r"^[ \t]*deb(?:-src)?[ \t]+(?:\[[^\]]*\][ \t]*)?(\S+)", re.MULTILINE)
_USER_INFO = re.compile(r"//[^/]*@")
_OFF = ("no", "false", "without", "off", "disable", "0")


def observe_nvidia_ctk(look: Look) -> CtkFacts:
    """Return the facts of the toolkit; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["nvidia_ctk"]
    return CtkFacts(
        packages=seen.fact("nvidia_ctk.packages", lambda: dpkg.installed(root, PACKAGES)),
        hook=on_path(root, "nvidia-container-runtime-hook"),
        runtime=on_path(root, "nvidia-container-runtime"),
        no_cgroups=seen.fact("nvidia_ctk.no_cgroups", lambda: option(root, _NO_CGROUPS)),
        sources=seen.fact("nvidia_ctk.sources", lambda: tuple(sources(root))),
        envvar=seen.fact("nvidia_ctk.envvar", lambda: option(root, _ENVVAR)),
        keyring=seen.fact("nvidia_ctk.keyring", lambda: keyring(root, wanted.keyring, time.time())),
        files=look_at(root, seen, "nvidia_ctk.files", wanted.files),
        cdi=seen.fact("nvidia_ctk.cdi", lambda: tuple(specs(root))),
        unlinked=seen.fact("nvidia_ctk.unlinked", lambda: unlinked(root)),
    )


def option(root: Root, name: str) -> bool | None:
    """Return an option of the toolkit's config, None when it isn't set."""
    match = re.search(rf"^\s*{name}\s*=\s*(true|false)", root.read(CONFIG) or "", re.MULTILINE)
    return None if match is None else match.group(1) == "true"


def keyring(root: Root, path: str, now: float) -> Keyring:
    """Return the keys in a key file; one that is absent holds none.

    Args:
        root: the machine.
        path: the key file.
        now: seconds of the epoch, by which keys have expired.
    """
    raw = root.read_bytes(path)
    if raw is None:
        return Keyring()
    try:
        return Keyring(tuple(primary_fingerprints(raw)), expired=tuple(expired(raw, now)))
    except KeyringError as error:
        return Keyring(error=str(error))


def sources(root: Root) -> Iterator[AptSource]:
    """Yield every enabled entry of apt's sources: two entries of one repository with different keys stop all of apt."""
    names = [name for name in root.names(f"{SOURCES}.d") or [] if _SOURCE_NAME.fullmatch(name)]
    for path in (SOURCES, *(f"{SOURCES}.d/{name}" for name in names)):
        text = root.read(path) or ""
        for uri in _deb822(text) if path.endswith(".sources") else _ONE_LINE.findall(text):
            # Without a slash at the end, as apt compares them; the roles support this architecture only.
            yield AptSource(path, _USER_INFO.sub("//", uri).replace("$(ARCH)", "amd64").rstrip("/"))


def _deb822(text: str) -> Iterator[str]:
    """Yield the URIs of each enabled stanza."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if not line[:1].isspace():
                name, dummy, line = line.partition(":")
                name = name.strip().lower()
            fields[name] = f"{fields.get(name, '')} {line}"
        if fields.get("enabled", "yes").strip().lower() not in _OFF:
            yield from fields.get("uris", "").split()
