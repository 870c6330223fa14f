# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States of the driver and of single GPUs, and the NVML numbers behind them."""

from __future__ import annotations

import re

_SUFFIX = re.compile(r"_v[0-9]+$")

OK = "ok"
NO_DEVICES = "no_devices"
DRIVER_NOT_LOADED = "driver_not_loaded"
LIBRARY_NOT_FOUND = "library_not_found"
VERSION_MISMATCH = "version_mismatch"
NO_PERMISSION = "no_permission"
TIMEOUT = "timeout"
CRASHED = "crashed"
FAILED = "error"
LOST = "lost"
RESET_REQUIRED = "reset_required"

# Where the fabric manager stands with a GPU behind NVSwitches, by NVML's numbers; 0: there is no fabric.
FABRIC_STATES: dict[int, str] = {1: "not_started", 2: "in_progress", 3: "completed"}

NOT_SUPPORTED = 3
INSUFFICIENT_SIZE = 7

DRIVER_STATES: dict[int, str] = {
    4: NO_PERMISSION,
    9: DRIVER_NOT_LOADED,
    12: LIBRARY_NOT_FOUND,
    18: VERSION_MISMATCH,
}
DEVICE_STATES: dict[int, str] = {4: NO_PERMISSION, 15: LOST, 16: RESET_REQUIRED}

TEXTS: dict[int, str] = {
    1: "not initialised",
    2: "invalid argument",
    3: "not supported",
    4: "no permission to talk to the driver",
    6: "not found",
    7: "buffer too small",
    9: "the driver is not loaded",
    10: "NVML timed out",
    12: "libnvidia-ml.so.1 was not found",
    13: "the library lacks this function",
    15: "the GPU is lost (it fell off the bus)",
    16: "the GPU requires a reset",
    17: "the operating system blocks the GPU",
    18: "driver and library versions differ",
    999: "unknown NVML error",
}


class NvmlError(Exception):
    """An NVML call that answered with something else than success."""

    def __init__(self, code: int, call: str = "") -> None:
        """Keep the NVML number and the name of the call, without the version by which bindings differ."""
        self.code = code
        self.call = _SUFFIX.sub("", call)
        super().__init__(f"{self.call}: {error_text(code)}" if call else error_text(code))


def error_text(code: int) -> str:
    """Return words for an NVML number."""
    return f"{TEXTS.get(code, 'unknown NVML error')} (NVML {code})"


def driver_state(code: int) -> str:
    """Return the state of the whole driver for the number that the initialisation answered."""
    return DRIVER_STATES.get(code, FAILED)


def device_state(code: int) -> str:
    """Return the state of one GPU for the number that a call on it answered."""
    return DEVICE_STATES.get(code, FAILED)
