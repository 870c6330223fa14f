# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of container images, by the reference grammar of the distribution project."""

from __future__ import annotations

import re
from typing import Any

from .errors import LaunchInputError

MAX_LENGTH = 512
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?"
_REFERENCE = re.compile(
    rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?"
)


def check_image(name: Any, path: str) -> str:
    """Return the image's name when it follows the grammar.

    Raises:
        LaunchInputError: it doesn't; the text is never repeated in full.
    """
    if not isinstance(name, str) or not name:
        raise LaunchInputError(path, "an image name is needed, for example registry.example.org/team/job:1")
    if len(name) > MAX_LENGTH:
        raise LaunchInputError(path, f"an image name has at most {MAX_LENGTH} characters, this one has {len(name)}")
    if not _REFERENCE.fullmatch(name):
        raise LaunchInputError(path, f"{name[:80]!r} is not an image name such as registry.example.org/team/job:1")
    return str.__str__(name)
