# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The NFS server as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from .shared import Unit


@dataclass(frozen=True)
class ExportClient:
    """Who may mount an exported path, and how; the line says where that is written."""

    path: str
    client: str
    options: tuple[str, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class NfsFacts:
    """The NFS server and what it exports."""

    kernel_server: Optional[str] = None
    exports: Optional[tuple[ExportClient, ...]] = None
    files: Optional[tuple[str, ...]] = None
    packages: Optional[Mapping[str, str]] = None
    unit: Optional[Unit] = None
