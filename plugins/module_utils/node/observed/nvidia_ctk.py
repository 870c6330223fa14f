# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The container toolkit as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class AptSource:
    """An enabled entry of apt's sources; the URI is without user and password, and its architecture filled in."""

    file: str
    uri: str


@dataclass(frozen=True)
class CtkFacts:
    """The container toolkit."""

    packages: Optional[Mapping[str, str]] = None
    hook: Optional[bool] = None
    runtime: Optional[bool] = None
    no_cgroups: Optional[bool] = None
    sources: Optional[tuple[AptSource, ...]] = None
