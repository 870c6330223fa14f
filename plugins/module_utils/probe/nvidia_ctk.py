# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the container toolkit: packages, programs, its config."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..node.observed.nvidia_ctk import AptSource, CtkFacts
from . import dpkg
from .docker import on_path
from .look import Look
from .root import Root

PACKAGES = (
    "nvidia-container-toolkit",
    "nvidia-container-toolkit-base",
    "libnvidia-container1",
    "libnvidia-container-tools",
)
CONFIG = "/etc/nvidia-container-runtime/config.toml"
SOURCES = "/etc/apt/sources.list"
_NO_CGROUPS = re.compile(r"^\s*no-cgroups\s*=\s*(true|false)", re.MULTILINE)
# apt ignores files with other names.
_SOURCE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.(?:list|sources)")
_ONE_LINE = re.compile(r"^[ \t]*deb(?:-src)?[ \t]+(?:\[[^\]]*\][ \t]*)?(\S+)", re.MULTILINE)
_USER_INFO = re.compile(r"//[^/]*@")
_OFF = ("no", "false", "without", "off", "disable", "0")


def observe_nvidia_ctk(look: Look) -> CtkFacts:
    """Return the facts of the toolkit; what can't be read is noted."""
    root, seen = look.root, look.seen
    return CtkFacts(
        packages=seen.fact("nvidia_ctk.packages", lambda: dpkg.installed(root, PACKAGES)),
        hook=on_path(root, "nvidia-container-runtime-hook"),
        runtime=on_path(root, "nvidia-container-runtime"),
        no_cgroups=seen.fact("nvidia_ctk.no_cgroups", lambda: no_cgroups(root)),
        sources=seen.fact("nvidia_ctk.sources", lambda: tuple(sources(root))),
    )


def no_cgroups(root: Root) -> bool | None:
    """Return the option of the toolkit's config, None when it isn't set."""
    match = _NO_CGROUPS.search(root.read(CONFIG) or "")
    return None if match is None else match.group(1) == "true"


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
