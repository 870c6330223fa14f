# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the inputs of role nvidia_ctk with what can work: CTK008 for the version, CTK012."""

from __future__ import annotations

import re

from . import floor_verdict
from .docker_floors import version_facts
from .judge import Judge
from .model import REFUSE
from .wanted.nvidia_ctk import CtkWanted

_FINGERPRINT = re.compile(r"[0-9A-F]{40}")
_FLOOR = "nvidia-container-toolkit"


def compare_inputs(judge: Judge, wanted: CtkWanted) -> None:
    """Refuse inputs that can't work; one that holds a password is named and not repeated."""
    _version(judge, wanted.version)
    if not _FINGERPRINT.fullmatch(wanted.fingerprint):
        judge.find(
            "CTK012",
            "nvidia_ctk_repository_key_fingerprint",
            f"'{wanted.fingerprint}'",
            "all 40 hexadecimal digits of the primary key: a key id is no proof",
            "set the whole fingerprint, as the vendor announces it",
            value=wanted.fingerprint,
        )
    for name in wanted.secret_inputs:
        found = (
            "it holds a user or password, which a file that all may read, the command line of tasks or -vvv would show"
        )
        fix = "use a proxy or mirror that needs none"
        judge.find("CTK012", name, found, "an address without", fix, input=name)


def _version(judge: Judge, version: str) -> None:
    verdict = floor_verdict.judge(_FLOOR, version)
    if verdict.state == floor_verdict.UNVERIFIABLE:
        fix = "set nvidia_ctk_version, for example 1.20.1"
        judge.find("CTK012", "nvidia_ctk_version", f"'{version}' is no version", "a version", fix, value=version)
    elif verdict.state == floor_verdict.BELOW:
        fix = f"set nvidia_ctk_version to {verdict.floor} or later"
        facts = version_facts(verdict)
        wants = f"{verdict.floor} or later"
        judge.find("CTK008", "nvidia_ctk_version", version, wants, fix, verdict.text, REFUSE, **facts)
