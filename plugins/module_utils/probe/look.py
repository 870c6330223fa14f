# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one pass looks at a machine: where, for what, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from ..node.observed.shared import Unit
from .command import Runner, run
from .root import Root
from .seen import Seen


@dataclass(frozen=True)
class Look:
    """What every probe of a pass is given.

    Attributes:
        root: the machine.
        seen: takes what could not be read.
        wanted: the wanted state of each component; it says where to look.
        units: state of the units that the components name, by name; empty where systemd did not answer.
        deadline: seconds for each probe that may hang.
        nvml_library: library to load instead of the system's.
        nvml_deadline: seconds for NVML.
        api_key: the key of the W&B server; never part of an observation.
    """

    root: Root
    seen: Seen
    wanted: Mapping[str, Any]
    units: Mapping[str, Unit] = field(default_factory=dict)
    runner: Runner = run
    deadline: float = 5.0
    nvml_library: str | None = None
    nvml_deadline: float = 8.0
    api_key: str = field(default="", repr=False)
