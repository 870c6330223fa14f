# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The XML of nvidia-smi -q -x: the last resort where neither pynvml nor the library can be loaded."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from .model import Gpu, GpuHealth, GpuProcess, GpuReport, MigDevice
from .states import FABRIC_STATES, NO_DEVICES, OK, device_state, error_text

_MIB = re.compile(r"([0-9]+) MiB")
_WATT = re.compile(r"([0-9]+(?:\.[0-9]+)?) W")
_NUMBER = re.compile(r"[0-9]+")
# For a GPU that it can't open at all, the program says so beside the XML, in one of several shapes by its branch:
# "GPU 0000:0B:00.0: Unknown Error", "GPU2: Unknown Error", "GPU0: 0000:01:00.0: GPU is lost. Reboot the system ...".
_UNOPENED = re.compile(
    r"device handle for GPU ?(?:(?P<index>[0-9]+)(?=:))?:? ?"
    r"(?P<address>[0-9A-Fa-f]{3,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f])?: (?P<reason>[^\n<.]+)"
)
_UNKNOWN = 999
# What it prints in place of a value: NVML's words for an error, in brackets in some of its tables.
_ERRORS = {"gpu is lost": 15, "gpu requires reset": 16, "unknown error": _UNKNOWN, "err!": _UNKNOWN}
_PROCESSES = ("processes", "accounted_processes")  # names of programs may be anything
# The same fact under the names of several driver branches, newest first (570 to 595, 530 to 565, 525 and older).
_POWER_DRAW = (
    "gpu_power_readings/average_power_draw",
    "gpu_power_readings/power_draw",
    "power_readings/power_draw",
)
_POWER_LIMIT = (
    "gpu_power_readings/current_power_limit",
    "power_readings/enforced_power_limit",
    "power_readings/power_limit",
)
# Counters that add up: parity and secded since 545, one for all on-chip memory before, one in all before Turing.
_UNCORRECTED = (
    "sram_uncorrectable_parity",
    "sram_uncorrectable_secded",
    "sram_uncorrectable",
    "dram_uncorrectable",
    "double_bit/total",
)


class SmiError(ValueError):
    """The text is not what nvidia-smi -q -x prints."""


def parse_smi(text: str) -> GpuReport:
    """Return the report that the XML holds.

    Raises:
        SmiError: it is no XML of nvidia-smi.
    """
    unopened = list(_UNOPENED.finditer(text))
    log = _document(text, bare=bool(unopened))
    gpus = _with_unopened([_gpu(index, item) for index, item in enumerate(log.findall("gpu"))], unopened)
    return GpuReport(
        state=OK if gpus else NO_DEVICES,
        gpus=gpus,
        driver=_text(log, "driver_version"),
        cuda=_text(log, "cuda_version"),
        source="nvidia-smi",
    )


def _document(text: str, bare: bool) -> ElementTree.Element:
    """Return the XML without what the program says around it; bare: it may have said no more than that."""
    if "<!ENTITY" in text:
        raise SmiError("nvidia-smi -q -x: entities are not expected")
    start, end = text.find("<"), text.rfind(">")
    if start < 0 and bare:
        return ElementTree.Element("nvidia_smi_log")
    try:
        log = ElementTree.fromstring(text[max(start, 0) : end + 1])
    except ElementTree.ParseError as error:
        raise SmiError(f"nvidia-smi -q -x: {error}") from error
    if log.tag != "nvidia_smi_log":
        raise SmiError(f"nvidia-smi -q -x: unexpected element {log.tag}")
    return log


def _with_unopened(gpus: list[Gpu], unopened: list[re.Match[str]]) -> tuple[Gpu, ...]:
    """Put GPUs that could not be opened among the others, numbered by NVML's order, which is that of the bus."""
    found = list(gpus)
    for match in unopened:
        health = _health(_ERRORS.get(_bare(match["reason"]), _UNKNOWN))
        address = match["address"]
        if address is None:
            found.insert(int(match["index"] or len(found)), Gpu(index=0, health=health))
            continue
        known = [gpu for gpu in found if _place(gpu.pci_bus_id) == _place(address)]
        found = [gpu for gpu in found if gpu not in known]
        found.append(replace(known[0] if known else Gpu(index=0, pci_bus_id=address), health=health))
        found.sort(key=lambda gpu: _place(gpu.pci_bus_id))
    return tuple(replace(gpu, index=index) for index, gpu in enumerate(found))


def _place(address: str | None) -> tuple[int, str]:
    domain, dummy, rest = (address or "0:").partition(":")
    return int(domain, 16), rest.lower()


def _gpu(index: int, item: ElementTree.Element) -> Gpu:
    return Gpu(
        index=index,
        uuid=_text(item, "uuid"),
        name=_text(item, "product_name"),
        serial=_text(item, "serial"),
        minor=_number(_text(item, "minor_number")),
        pci_bus_id=_text(item, "pci/pci_bus_id") or item.get("id"),
        memory_total=_bytes(_text(item, "fb_memory_usage/total")),
        memory_used=_bytes(_text(item, "fb_memory_usage/used")),
        mig_mode=_lower(_text(item, "mig_mode/current_mig")),
        mig_devices=tuple(_slice(place, part) for place, part in enumerate(item.findall("mig_devices/mig_device"))),
        ecc=_flag(_text(item, "ecc_mode/current_ecc")),
        ecc_uncorrected=_sum(item.find("ecc_errors/volatile"), _UNCORRECTED),
        persistence=_flag(_text(item, "persistence_mode")),
        display_active=_flag(_text(item, "display_active")),
        temperature=_number(_text(item, "temperature/gpu_temp")),
        power_draw_mw=_milliwatts(_first(item, _POWER_DRAW)),
        power_limit_mw=_milliwatts(_first(item, _POWER_LIMIT)),
        utilization=_number(_text(item, "utilization/gpu_util")),
        fabric=_fabric(_text(item, "fabric/state")),
        processes=tuple(_process(process) for process in item.findall("processes/process_info")),
        health=_health(_code(item)),
    )


def _code(item: ElementTree.Element) -> int:
    """Return NVML's number behind the words in place of values, 0 where none of them is fatal.

    Healthy boards print 'Unknown Error' for single values too; it counts where not even the GPU's name is there.
    """
    leaves = (leaf for part in item if part.tag not in _PROCESSES for leaf in part.iter())
    codes = [code for code in (_ERRORS.get(_bare(leaf.text or "")) for leaf in leaves) if code is not None]
    fatal = [code for code in codes if code != _UNKNOWN]
    nameless = _text(item, "uuid") is None and _text(item, "product_name") is None
    return next(iter(fatal or (codes if nameless else [])), 0)


def _health(code: int) -> GpuHealth:
    return GpuHealth(device_state(code), code, f"nvidia-smi: {error_text(code)}") if code else GpuHealth()


def _slice(place: int, item: ElementTree.Element) -> MigDevice:
    """Return a slice of a GPU; the XML has neither its UUID nor its name."""
    return MigDevice(index=place, memory_total=_bytes(_text(item, "fb_memory_usage/total")))


def _fabric(text: str | None) -> str | None:
    word = (text or "").lower().replace(" ", "_")
    return word if word in FABRIC_STATES.values() else None


def _process(item: ElementTree.Element) -> GpuProcess:
    kind = "graphics" if (_text(item, "type") or "C").startswith("G") else "compute"
    return GpuProcess(_number(_text(item, "pid")) or 0, kind, _bytes(_text(item, "used_memory")))


def _text(item: ElementTree.Element, path: str) -> str | None:
    text = (item.findtext(path) or "").strip()
    return None if _bare(text) in ("", "n/a", *_ERRORS) else text


def _bare(text: str) -> str:
    return text.strip().strip("[]").lower()


def _first(item: ElementTree.Element, paths: tuple[str, ...]) -> str | None:
    return next((text for text in (_text(item, path) for path in paths) if text is not None), None)


def _sum(item: ElementTree.Element | None, paths: tuple[str, ...]) -> int | None:
    found = [] if item is None else [_number(_text(item, path)) for path in paths]
    numbers = [number for number in found if number is not None]
    return sum(numbers) if numbers else None


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _flag(text: str | None) -> bool | None:
    return None if text is None else text in ("Enabled", "Yes")


def _number(text: str | None) -> int | None:
    match = _NUMBER.match(text or "")
    return int(match.group()) if match else None


def _bytes(text: str | None) -> int | None:
    match = _MIB.match(text or "")
    return int(match.group(1)) << 20 if match else None


def _milliwatts(text: str | None) -> int | None:
    match = _WATT.match(text or "")
    return round(float(match.group(1)) * 1000) if match else None
