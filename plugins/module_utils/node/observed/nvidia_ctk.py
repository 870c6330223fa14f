# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The container toolkit as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Optional

from ...lean_dataclass import dataclass
from .shared import FileSeen


@dataclass(frozen=True)
class AptSource:
    """An enabled entry of apt's sources; the URI is without user and password, and its architecture filled in."""

    file: str
    uri: str


@dataclass(frozen=True)
class Keyring:
    """The repository's key file: the primary keys in it, or why they can't be read; expired: of those, which are."""

    fingerprints: tuple[str, ...] = ()
    error: Optional[str] = None
    expired: tuple[str, ...] = ()


@dataclass(frozen=True)
class CdiSpec:
    """A CDI specification of NVIDIA's.

    Attributes:
        devices: names that a container may ask for.
        nodes: device files that it hands over; missing: those that the machine hasn't.
        versions: versions of the driver's libraries that it mounts.
    """

    file: str
    kind: str = ""
    devices: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class CtkFacts:
    """The container toolkit.

    Attributes:
        envvar: whether unprivileged containers get GPUs by a variable of their image; None is the default, yes.
        unlinked: device files of the driver without a link in /dev/char.
    """

    packages: Optional[Mapping[str, str]] = None
    hook: Optional[bool] = None
    runtime: Optional[bool] = None
    no_cgroups: Optional[bool] = None
    sources: Optional[tuple[AptSource, ...]] = None
    envvar: Optional[bool] = None
    keyring: Optional[Keyring] = None
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    cdi: Optional[tuple[CdiSpec, ...]] = None
    unlinked: Optional[tuple[str, ...]] = None
