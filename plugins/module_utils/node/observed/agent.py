# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The Launch agent as it was seen; None means that a fact was not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .shared import Unit


@dataclass(frozen=True)
class AgentFacts:
    """The Launch agent's user, unit and files."""

    user: Optional[str] = None
    user_exists: Optional[bool] = None
    home: Optional[str] = None
    config: Optional[bool] = None
    kubeconfig: Optional[bool] = None
    unit: Optional[Unit] = None
