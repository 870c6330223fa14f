# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the proxies of all layers with each other, and what goes around them with the cluster's networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from .judge import Judge
from .observed.host import HostFacts, ProxySeen
from .observed.shared import Unit
from .wanted.host import HostWanted

_VARIABLES = {"http_proxy", "https_proxy", "all_proxy"}


def compare_proxies(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    """SYS006: all layers or none, and the cluster's addresses never through a proxy."""
    proxy = judge.need("host.proxy", host.proxy)
    if proxy is None:
        return
    layers = _layers(judge, proxy)
    having = [name for name, has in layers.items() if has]
    lacking = [name for name, has in layers.items() if not has and name != "sessions"]
    if having and lacking:
        found = f"a proxy for {', '.join(having)}, none for {', '.join(lacking)}"
        judge.tell("SYS006", "proxy", found, "the same for all of them", having=having, lacking=lacking)
    around = {"/etc/environment": proxy.no_proxy} if proxy.sessions else {}
    docker = judge.seen.docker
    if docker is not None and docker.engine is not None and docker.engine.proxy:
        around["docker"] = docker.engine.no_proxy
    for place, entries in around.items():
        missing = [item for item in wanted.no_proxy if not covered(item, entries)]
        if missing:
            found = f"{', '.join(missing)} would go through the proxy"
            wants = "the cluster's networks and names around it"
            judge.tell("SYS006", f"NO_PROXY of {place}", found, wants, missing=missing, no_proxy=list(entries))


def _layers(judge: Judge, proxy: ProxySeen) -> dict[str, bool]:
    """Return which of the layers that are there have a proxy."""
    layers = {"apt": proxy.apt, "sessions": proxy.sessions}
    seen = judge.seen
    if seen.docker is not None and seen.docker.engine is not None and seen.docker.engine.proxy is not None:
        layers["docker"] = seen.docker.engine.proxy
    units = {"cluster": seen.cluster and seen.cluster.unit, "agent": seen.agent and seen.agent.unit}
    for name, unit in units.items():
        if isinstance(unit, Unit) and unit.load == "loaded":
            layers[name] = any(variable.lower() in _VARIABLES for variable in unit.environment)
    return layers


def covered(item: str, entries: Sequence[str]) -> bool:
    """Return whether an address range or a domain is among the exceptions, by itself or inside a larger one."""
    if "*" in entries or item in entries:
        return True
    network = _network(item)
    if network is None:
        return item.lstrip(".") in [entry.lstrip(".") for entry in entries]
    larger = [found for found in map(_network, entries) if found is not None]
    return any(found.version == network.version and network.subnet_of(found) for found in larger)  # type: ignore[arg-type]


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
