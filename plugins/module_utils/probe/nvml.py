# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place that asks NVML: in a forked child with a deadline, nvidia-smi's XML as the last resort."""

from __future__ import annotations

import importlib
from typing import Any, Callable

from ..gpu import states
from ..gpu.api import NvmlApi
from ..gpu.model import Gpu, GpuReport
from ..gpu.reading import complete, read_gpu, read_system
from ..gpu.smi import SmiError, parse_smi
from ..gpu.states import NvmlError
from ..node.convert import from_mapping, to_plain
from .child import Died, Emit, Late, Stream, stream
from .command import Runner, run_anyway
from .nvml_library import CtypesNvml
from .nvml_pynvml import PyNvml
from .root import Unreadable

Binding = Callable[[], tuple[NvmlApi, str]]


def bind(library: str | None = None) -> tuple[NvmlApi, str]:
    """Return NVML by pynvml where it can be imported and no library is named, else by ctypes.

    Raises:
        NvmlError: there is no library.
    """
    if library is None:
        try:
            return PyNvml(importlib.import_module("pynvml")), "pynvml"
        except ImportError:
            pass
    return CtypesNvml(library), "ctypes"


def read_gpus(library: str | None = None, deadline: float = 8.0, runner: Runner = run_anyway) -> GpuReport:
    """Return everything NVML says of this machine; never raises, never takes longer than the deadline."""
    report = ask_nvml(lambda: bind(library), deadline)
    if report.state != states.LIBRARY_NOT_FOUND or library is not None:
        return report
    try:
        return parse_smi(runner(["nvidia-smi", "-q", "-x"], deadline))
    except (Unreadable, SmiError):
        return report


def ask_nvml(binding: Binding, deadline: float) -> GpuReport:
    """Read NVML in a child; what it said before it hung or crashed is kept."""
    return report_of(stream(deadline, lambda emit: tell(binding, emit), "NVML"))


def tell(binding: Binding, emit: Emit) -> None:
    """Say the driver's facts, then one GPU after the other."""
    try:
        api, source = binding()
    except NvmlError as error:
        emit(to_plain(GpuReport(state=states.driver_state(error.code), error=str(error))))
        return
    report = read_system(api, source)
    emit(to_plain(report))
    if report.state == states.OK:
        try:
            count = api.count()
        except NvmlError as error:
            raise Unreadable(str(error)) from error
        for index in range(count):
            emit(to_plain(read_gpu(api, index)))
        api.shutdown()


def report_of(answer: Stream) -> GpuReport:
    """Return the report that a child's items make up."""
    items: list[Any] = answer.items
    first = GpuReport(state=states.OK) if not items else from_mapping(GpuReport, items[0], "nvml")
    gpus = tuple(from_mapping(Gpu, item, "nvml.gpus") for item in items[1:])
    if answer.problem is None:
        return complete(first, gpus)
    kinds = {Late: states.TIMEOUT, Died: states.CRASHED}
    return complete(first, gpus, str(answer.problem), kinds.get(type(answer.problem), states.FAILED))
