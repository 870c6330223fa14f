# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's bridge. It leads nowhere: no route out, no rule, no forwarding; only this machine and its hosts."""

from __future__ import annotations

import ipaddress
import json
import subprocess
from typing import Any

from . import config
from .processes import LabError


def _ip(*arguments: str) -> str:
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise LabError("the program `ip` is missing: install the package iproute2") from error
    except subprocess.CalledProcessError as error:
        raise LabError(f"ip {' '.join(arguments)}: {error.stderr.strip()}") from error
    return done.stdout


def exists() -> bool:
    """Whether the bridge is there."""
    return any(link.get("ifname") == config.BRIDGE for link in json.loads(_ip("-json", "link", "show") or "[]"))


def overlapping(links: list[dict[str, Any]]) -> str:
    """Another interface's address that lies in the lab's subnet, or an empty text. Takes `ip -json address` as data."""
    subnet = ipaddress.ip_network(config.SUBNET)
    for link in links:
        for address in link.get("addr_info", []):
            if link["ifname"] == config.BRIDGE or address.get("family") != "inet":
                continue
            network = ipaddress.ip_network(f"{address['local']}/{address['prefixlen']}", strict=False)
            if network.overlaps(subnet):
                return f"{link['ifname']} has {address['local']}/{address['prefixlen']}"
    return ""


def hardware_address() -> str:
    """The bridge's own, made of the gateway's address.

    Without one a bridge takes that of a port, and another when ports come and go: hosts that know the old one can't
    reach the services for some seconds.
    """
    return "02:47:" + ":".join(f"{byte:02x}" for byte in ipaddress.ip_address(config.GATEWAY).packed)


def up() -> None:
    """Makes the bridge with the gateway's address, if it isn't there."""
    links = json.loads(_ip("-json", "address", "show") or "[]")
    clash = overlapping(links)
    if clash:
        raise LabError(
            f"the lab's network {config.SUBNET} is in use: {clash}; change SUBNET and GATEWAY in tests/lab/config.py"
        )
    mine = [link for link in links if link["ifname"] == config.BRIDGE]
    if not mine:
        _ip("link", "add", config.BRIDGE, "address", hardware_address(), "type", "bridge")
    prefix = config.SUBNET.split("/")[1]
    if not any(a.get("local") == config.GATEWAY for link in mine for a in link.get("addr_info", [])):
        _ip("address", "add", f"{config.GATEWAY}/{prefix}", "dev", config.BRIDGE)
    _ip("link", "set", config.BRIDGE, "up")


def down() -> bool:
    """Removes the bridge; whether there was one."""
    if not exists():
        return False
    _ip("link", "delete", config.BRIDGE)
    return True
