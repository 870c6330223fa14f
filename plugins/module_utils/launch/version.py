# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent does, by its version. Marks in the comments: M measured, R read in the released code."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import LaunchInputError

DEFAULT_AGENT_VERSION = "0.31.0"
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:[.a-z+-][0-9a-z.+-]{0,30})?")


class AgentRules(NamedTuple):
    """Differences between releases that show in the manifests."""

    writes_namespace: bool  # 0.21.1 and newer put the namespace into the Job's metadata (R)
    hardened: bool  # 0.28.1 and newer: refuse-list and forced securityContext (M)
    checks_builder: bool  # 0.27.0 and newer: the builder's base image must be text (M)


def rules_for(version: str, path: str = "agent_version") -> AgentRules:
    """Return the rules of a release of the wandb package.

    Raises:
        LaunchInputError: the text is no version number.
    """
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        raise LaunchInputError(path, f"{version!r} is not a version such as {DEFAULT_AGENT_VERSION}")
    number = (int(match[1]), int(match[2]), int(match[3] or 0))
    return AgentRules(
        writes_namespace=number >= (0, 21, 1),
        hardened=number >= (0, 28, 1),
        checks_builder=number >= (0, 27, 0),
    )
