# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's picture: the box with its GPUs, what runs on them, and the layers above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .machine import GpuView, Run, gpus, pods
from .markup import Html, Part, badge, block, join, meter, tag
from .read import at, gib, mapping, number, plural, quantity, shown

_FULL = 0.9  # from this share on, a disk's bar has the colour of an error
_MANY = 4  # more GPUs than these take the whole width, and the layers stand below
# From the agent down to the iron, as a job falls through them.
_LAYERS = ("agent", "nfs", "cluster", "nvidia_ctk", "docker", "gpu", "host")
_STATUS_WORDS = {"ok": "ok", "not_observed": "not observed"}


def machine(report: Mapping[str, Any]) -> Html:
    """Return the section."""
    observed = report["observed"]
    views = gpus(observed)
    css = "chassis many" if len(views) > _MANY else "chassis both"
    return tag(
        "section",
        {"aria-labelledby": "machine"},
        tag("h2", {"id": "machine"}, "The machine"),
        block("div", css, _rail(observed), _slots(observed, views), _layers(report)),
    )


def _rail(observed: Mapping[str, Any]) -> Html:
    host = mapping(observed.get("host"))
    memory = number(host.get("memory_mib"))
    gauges: list[Part] = [
        _gauge("CPUs", _known(quantity(number(host.get("cpus"))))),
        _gauge("Memory", _known("?" if memory is None else f"{gib(memory * 2**20)} GiB")),
    ]
    for path, disk in mapping(host.get("disks")).items():
        total, free = number(at(disk, "total_mib")), number(at(disk, "free_mib"))
        used = None if total is None or free is None else total - free
        label = f"{quantity_gib(used)} of {quantity_gib(total)} GiB used"
        full = used is not None and bool(total) and used >= _FULL * (total or 0)
        gauges.append(_gauge(f"Disk {shown(path)}", label, meter(label, used, total, "full" if full else "")))
    return tag("dl", {"class": "rail"}, gauges)


def quantity_gib(mib: float | None) -> str:
    """Return MiB as whole GiB."""
    return "?" if mib is None else f"{mib / 1024:.0f}"


def _known(text: str) -> str:
    return "not observed" if text == "?" else text


def _gauge(label: str, value: str, drawn: Html | None = None) -> Html:
    return block("div", "gauge", tag("dt", None, label), tag("dd", None, value, drawn))


def _slots(observed: Mapping[str, Any], views: list[GpuView]) -> Html:
    parts: list[Part] = [block("p", "under", _gpu_line(observed, views))]
    if views:
        parts.append(block("ul", "slots", [_gpu(view) for view in views]))
    asking = pods(observed)
    if asking:
        parts.append(tag("h3", None, "Pods that hold or wait for GPUs"))
        parts.append(tag("ul", None, [tag("li", None, f"{pod.name} ({pod.detail})") for pod in asking]))
    return tag("div", None, parts)


def _gpu_line(observed: Mapping[str, Any], views: list[GpuView]) -> str:
    nvml = at(observed, "gpu", "nvml")
    state, error = shown(at(nvml, "state")), shown(at(nvml, "error"))
    if nvml is None:
        return "GPUs: NVML was not observed" + (f"; {len(views)} on the PCI bus" if views else "")
    if state != "ok":
        return f"GPUs: NVML says {state.replace('_', ' ') or 'nothing'}" + (f": {error}" if error else "")
    healthy = sum(view.answers for view in views)
    known = [view for view in views if view.memory_total is not None]
    used = sum(view.memory_used or 0 for view in known)
    total = sum(view.memory_total or 0 for view in known)
    runs = {run.pid: run for view in views for run in view.runs}
    loose = sum(run.contained is False for run in runs.values())
    who = plural(len(runs), "process", "processes") + (f", {loose} in no pod or container" if loose else "")
    gpu = plural(len(views), "GPU", "GPUs")
    return f"{gpu}, {healthy} healthy; {gib(used)} of {gib(total)} GiB in use: {who}"


def _gpu(view: GpuView) -> Html:
    facts = [_memory(view), _utilization(view), _heat(view)] if view.answers else []
    return block(
        "li",
        f"gpu {view.state}",
        block("div", "top", block("span", "mono", view.label), badge(view.state, view.word)),
        tag("h3", {"class": "name"}, view.name),
        block("p", "bus mono", view.bus),
        tag("p", None, view.message) if view.message else None,
        tag("dl", None, facts) if facts else None,
        block("p", "bus", "MIG: " + ", ".join(view.slices)) if view.slices else None,
        _runs(view),
    )


def _memory(view: GpuView) -> Html:
    text = f"{gib(view.memory_used)} of {gib(view.memory_total)} GiB"
    return _fact("Memory", text, meter(f"{view.label} memory {text}", view.memory_used, view.memory_total))


def _utilization(view: GpuView) -> Html:
    text = "not read" if view.utilization is None else f"{quantity(view.utilization)} %"
    return _fact("Utilisation", text, meter(f"{view.label} utilisation {text}", view.utilization, 100))


def _heat(view: GpuView) -> Html:
    heat = "not read" if view.temperature is None else f"{quantity(view.temperature)} °C"
    limit = "" if view.power_limit is None else f" of {view.power_limit / 1000:.0f}"
    power = "" if view.power is None else f", {view.power / 1000:.0f}{limit} W"
    return _fact("Temperature", f"{heat}{power}", None)


def _fact(label: str, value: str, drawn: Html | None) -> Html:
    return tag("div", None, block("div", "pair", tag("dt", None, label), tag("dd", None, value)), drawn)


def _runs(view: GpuView) -> Html | None:
    if not view.runs:
        return block("div", "runs", block("p", "none", "idle: no process")) if view.answers else None
    return block("div", "runs", tag("h4", None, "Runs here"), tag("ul", None, [_run(run) for run in view.runs]))


def _run(run: Run) -> Html:
    return tag("li", None, tag("b", None, run.name), tag("span", None, run.detail))


def _layers(report: Mapping[str, Any]) -> Html:
    parts = {part["component"]: part for part in report["components"]}
    return tag(
        "div",
        None,
        block("p", "under", "The layers of a job, from queue to iron"),
        tag("ol", {"class": "layers"}, [_layer(parts[name]) for name in _LAYERS]),
    )


def _layer(part: Mapping[str, Any]) -> Html:
    state = part["severity"] or part["status"]
    checks = [[", " if n else None, _to(check)] for n, check in enumerate(dict.fromkeys(part["findings"]))]
    unseen = len(part["unknown"])
    what = ". ".join(filter(None, (part["summary"], f"{unseen} not observed" if unseen else "")))
    return block(
        "li",
        f"layer {state}",
        tag("h3", None, part["title"]),
        badge(state, _STATUS_WORDS.get(part["status"]) or join(checks)),
        block("p", "what", what) if what else None,
    )


def _to(check: str) -> Html:
    return tag("a", {"href": f"#{check}"}, check)
