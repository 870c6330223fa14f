# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the container toolkit: packages, programs, its config."""

from __future__ import annotations

import re

from ..node.observation import CtkFacts
from . import dpkg
from .docker import on_path
from .root import Root
from .seen import Seen

PACKAGES = (
    "nvidia-container-toolkit",
    "nvidia-container-toolkit-base",
    "libnvidia-container1",
    "libnvidia-container-tools",
)
CONFIG = "/etc/nvidia-container-runtime/config.toml"
_NO_CGROUPS = re.compile(r"^\s*no-cgroups\s*=\s*(true|false)", re.MULTILINE)


def observe_nvidia_ctk(root: Root, seen: Seen) -> CtkFacts:
    """Return the facts of the toolkit; what can't be read is noted in seen."""
    return CtkFacts(
        packages=seen.fact("nvidia_ctk.packages", lambda: dpkg.installed(root, PACKAGES)),
        hook=on_path(root, "nvidia-container-runtime-hook"),
        runtime=on_path(root, "nvidia-container-runtime"),
        no_cgroups=seen.fact("nvidia_ctk.no_cgroups", lambda: no_cgroups(root)),
    )


def no_cgroups(root: Root) -> bool | None:
    """Return the option of the toolkit's config, None when it isn't set."""
    match = _NO_CGROUPS.search(root.read(CONFIG) or "")
    return None if match is None else match.group(1) == "true"
