# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the container toolkit: presence, versions, floor."""

from __future__ import annotations

from .judge import Judge
from .versions import CTK_FLOOR, CTK_FLOOR_REASON, below
from .wanted.nvidia_ctk import CtkWanted


def compare_nvidia_ctk(judge: Judge, wanted: CtkWanted) -> None:
    """Judge whether the toolkit is there, of one version, and above its security floor."""
    _floor(judge, wanted)
    toolkit = judge.need("nvidia_ctk", judge.seen.nvidia_ctk)
    if toolkit is None:
        return
    if wanted.version:  # who installs it adds a repository, and must know those that are there
        judge.need("nvidia_ctk.sources", toolkit.sources)
    packages = judge.need("nvidia_ctk.packages", toolkit.packages)
    if packages is None:
        return
    if wanted.installed and "nvidia-container-toolkit" not in packages and not toolkit.hook:
        found = "neither the package nor nvidia-container-runtime-hook"
        judge.find("CTK001", "container toolkit", found, "the toolkit is installed", "run role nvidia_ctk")
    if len(set(packages.values())) > 1:
        found = ", ".join(f"{name} {version}" for name, version in sorted(packages.items()))
        judge.tell(
            "CTK003",
            "toolkit packages",
            found,
            "one version for all of them",
            "role nvidia_ctk pins them to one version",
        )
    installed = packages.get("nvidia-container-toolkit")
    if installed is not None and not wanted.version and below(installed, CTK_FLOOR):
        judge.tell(
            "CTK008",
            "container toolkit",
            installed,
            f"{CTK_FLOOR} or later ({CTK_FLOOR_REASON})",
            "upgrade it with role nvidia_ctk",
        )


def _floor(judge: Judge, wanted: CtkWanted) -> None:
    if not wanted.version:
        return
    verdict = below(wanted.version, CTK_FLOOR)
    need = f"{CTK_FLOOR} or later ({CTK_FLOOR_REASON})"
    if verdict is None:
        judge.refuse(
            "CTK008",
            "nvidia_ctk_version",
            f"'{wanted.version}' is no version",
            need,
            "set nvidia_ctk_version, for example 1.20.1",
        )
    elif verdict:
        judge.refuse("CTK008", "nvidia_ctk_version", wanted.version, need, f"set nvidia_ctk_version to {need}")
