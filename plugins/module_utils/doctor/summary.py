# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for each component: what is there, as far as it was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Callable

from .read import at, gib, items, mapping, number, quantity, shown

LONGEST = 200


def summary(component: str, observed: Mapping[str, Any]) -> str:
    """Return the line for a component; nothing where no fact of it was read."""
    facts = mapping(observed.get(component))
    return shown(", ".join(part for part in _LINES[component](facts) if part), LONGEST)


def _label(before: str, value: Any, after: str = "") -> str:
    text = shown(value)
    return f"{before}{text}{after}" if text else ""


def _host(facts: Mapping[str, Any]) -> list[str]:
    memory = number(facts.get("memory_mib"))
    return [
        " ".join(filter(None, (shown(facts.get("os_id")).capitalize(), shown(facts.get("version_id"))))),
        shown(facts.get("arch")),
        _label("kernel ", facts.get("kernel")),
        _label("", facts.get("cpus"), " CPUs"),
        "" if memory is None else f"{gib(memory * 2**20)} GiB memory",
    ]


def _gpu(facts: Mapping[str, Any]) -> list[str]:
    nvml = mapping(facts.get("nvml"))
    names = [shown(at(gpu, "name")) for gpu in items(nvml.get("gpus"))]
    models = Counter(name for name in names if name)
    return [
        *(f"{count} x {name}" for name, count in sorted(models.items())),
        f"{names.count('')} without a name" if "" in names else "",
        _label("driver ", nvml.get("driver") or facts.get("module_version")),
        _label("CUDA ", nvml.get("cuda")),
        "" if nvml.get("state") in (None, "ok") else f"NVML: {shown(nvml.get('state'))}",
    ]


def _docker(facts: Mapping[str, Any]) -> list[str]:
    runtimes = [shown(name) for name in items(at(facts, "engine", "runtimes"))]
    return [
        _label("engine ", at(facts, "engine", "version")),
        _label("socket ", facts.get("socket")),
        f"runtimes {' '.join(runtimes)}" if runtimes else "",
        _unit(facts),
    ]


def _nvidia_ctk(facts: Mapping[str, Any]) -> list[str]:
    packages = mapping(facts.get("packages"))
    versions = sorted({shown(version) for version in packages.values()})
    absent = "no package of it" if facts.get("packages") == {} else ""
    return [f"version {' and '.join(versions)}" if versions else absent]


def _cluster(facts: Mapping[str, Any]) -> list[str]:
    free = number(at(facts, "node", "allocatable_gpus"))
    return [
        _label("profile ", facts.get("profile_name")),
        "absent" if facts.get("exists") is False else shown(at(facts, "container", "status")),
        _label("Kubernetes ", at(facts, "profile", "kubernetes_version")),
        "" if free is None else f"allocatable GPUs {quantity(free)}",
    ]


def _nfs(facts: Mapping[str, Any]) -> list[str]:
    exports = [f"{shown(at(e, 'path'))} to {shown(at(e, 'client'))}" for e in items(facts.get("exports"))]
    return [_label("kernel server ", facts.get("kernel_server")), *exports]


def _agent(facts: Mapping[str, Any]) -> list[str]:
    return ["no user" if at(facts, "account", "exists") is False else "", _unit(facts)]


def _unit(facts: Mapping[str, Any]) -> str:
    if at(facts, "unit", "load") == "not-found":
        return "no unit"
    return _label("unit ", at(facts, "unit", "active"))


_LINES: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "host": _host,
    "gpu": _gpu,
    "docker": _docker,
    "nvidia_ctk": _nvidia_ctk,
    "cluster": _cluster,
    "nfs": _nfs,
    "agent": _agent,
}
