# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads container engines: packages, socket, daemon.json, unit."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..node.observed.cluster import NodeContainer, Port
from ..node.observed.docker import DockerFacts, Engine
from ..node.observed.shared import Unit
from . import dpkg, unix_http
from .accounts import account, members
from .disk import disk_of
from .docker_config import observe_config
from .docker_due import observe_due, started
from .files import look_at
from .look import Look
from .root import Root, Unreadable
from .seen import Seen

PACKAGES = (
    "docker.io",
    "docker-ce",
    "docker-ce-cli",
    "docker-cli",
    "containerd.io",
    "containerd",
    "runc",
    "podman-docker",
    "podman",
)
ANSWERS = "answers"
CLUSTER_COMMENT = "minikube of mlinfra.gpu_launch"  # what role minikube_gpu writes into its account
STOPPED = "stopped"
MINIKUBE_LABEL = "created_by.minikube.sigs.k8s.io"


def observe_docker(look: Look) -> DockerFacts:
    """Return the facts of the engine; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["docker"]
    unit = look.units.get(wanted.unit)
    state, engine = STOPPED, None
    if not starts_when_asked(unit, look.units.get("docker.socket")):
        state, engine = _engine(root, seen, wanted.socket, look.deadline)
        engine = engine and with_disk(look, engine)
    return DockerFacts(
        packages=seen.fact("docker.packages", lambda: dpkg.installed(root, PACKAGES)),
        snap=root.exists("/snap/bin/docker") or root.exists("/var/snap/docker"),
        desktop_context=seen.fact("docker.desktop_context", lambda: desktop_context(root)),
        socket=state,
        engine=engine,
        config=seen.fact("docker.config", lambda: observe_config(look, started(root, unit))),
        unit=unit,
        group_members=seen.fact("docker.group_members", lambda: members(root, "docker") or ()),
        cluster_accounts=seen.fact("docker.cluster_accounts", lambda: cluster_accounts(root)) or (),
        users=seen.fact("docker.users", lambda: {name: account(root, name) is not None for name in wanted.users}),
        files=look_at(root, seen, "docker.files", wanted.files),
        due=seen.fact("docker.due", lambda: observe_due(look, unit, engine)),
    )


def with_disk(look: Look, engine: Engine) -> Engine:
    """Return the engine with the room of a data root that the look at the machine does not cover."""
    host, path = look.wanted.get("host"), engine.root_dir
    if host is None or not host.data_root or path in (None, host.data_root):
        return engine
    disk = look.seen.fact("docker.engine.disk", lambda: disk_of(look.root, str(path), look.deadline))
    return replace(engine, disk=disk)


def cluster_accounts(root: Root) -> tuple[str, ...]:
    """Return the members of group docker that role minikube_gpu made: its cluster needs the engine."""
    made = {name: account(root, name) for name in members(root, "docker") or ()}
    return tuple(name for name, found in made.items() if found is not None and found.comment == CLUSTER_COMMENT)


def starts_when_asked(unit: Unit | None, listener: Unit | None) -> bool:
    """Return whether systemd listens for a stopped engine: the first question would start it."""
    return unit is not None and unit.stopped and listener is not None and listener.active == "active"


def _engine(root: Root, seen: Seen, socket: str, deadline: float) -> Any:
    path = root.path(socket)
    try:
        status, _body = unix_http.get(path, "/_ping", deadline)
    except unix_http.SocketError as error:
        if error.state in (unix_http.SILENT, unix_http.DENIED, unix_http.BROKEN):
            seen.unknown("docker.engine", str(error))
        return error.state, None
    if status != 200:
        seen.unknown("docker.engine", f"{path}: GET /_ping answered {status}")
        return unix_http.BROKEN, None
    return ANSWERS, seen.fact("docker.engine", lambda: describe(path, deadline))


def describe(path: str, deadline: float) -> Engine:
    """Return what the engine says of itself.

    Raises:
        Unreadable: it does not say so in time.
    """
    try:
        dummy, info = unix_http.get_json(path, "/info", deadline)
        dummy, version = unix_http.get_json(path, "/version", deadline)
    except unix_http.SocketError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(info, dict) or not isinstance(version, dict):
        raise Unreadable(f"{path}: /info or /version is no object")
    return engine_of(info, version)


def engine_of(info: Mapping[str, Any], version: Mapping[str, Any]) -> Engine:
    """Pick the facts out of /info and /version."""
    components = [part for part in version.get("Components") or [] if isinstance(part, dict)]
    return Engine(
        version=_text(info.get("ServerVersion")),
        operating_system=_text(info.get("OperatingSystem")),
        components=tuple(str(part.get("Name", "")) for part in components),
        runtimes=tuple(sorted(info.get("Runtimes") or {})),
        default_runtime=_text(info.get("DefaultRuntime")),
        security_options=tuple(str(option) for option in info.get("SecurityOptions") or []),
        root_dir=_text(info.get("DockerRootDir")),
        cgroup_driver=_text(info.get("CgroupDriver")),
        storage_driver=_text(info.get("Driver")),
        containers_running=info.get("ContainersRunning"),
        proxy=bool(info.get("HttpProxy") or info.get("HttpsProxy")),
        no_proxy=tuple(part.strip() for part in (_text(info.get("NoProxy")) or "").split(",") if part.strip()),
        versions={str(part.get("Name", "")): str(part.get("Version", "")) for part in components},
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def desktop_context(root: Root) -> bool | None:
    """Return whether root's docker command talks to Docker Desktop."""
    text = root.read("/root/.docker/config.json")
    if text is None:
        return False
    settings: Any = json.loads(text)
    context = settings.get("currentContext") if isinstance(settings, dict) else None
    return isinstance(context, str) and context.startswith("desktop-")


def container(root: Root, socket: str, name: str, deadline: float = 5.0) -> NodeContainer:
    """Return the state of one container.

    Raises:
        Unreadable: the engine is there but gives no usable answer.
    """
    try:
        status, data = unix_http.get_json(root.path(socket), f"/containers/{name}/json", deadline)
    except unix_http.SocketError as error:
        if error.state in (unix_http.ABSENT, unix_http.REFUSED):
            return NodeContainer()
        raise Unreadable(str(error)) from error
    if status == 404:
        return NodeContainer()
    if status != 200 or not isinstance(data, dict):
        raise Unreadable(f"{socket}: container {name}: answer {status}")
    return container_of(data)


def container_of(data: Mapping[str, Any]) -> NodeContainer:
    """Pick the facts out of a container's description."""
    host: dict[str, Any] = data.get("HostConfig") or {}
    requests: list[Any] = host.get("DeviceRequests") or []
    return NodeContainer(
        exists=True,
        status=_text((data.get("State") or {}).get("Status")),
        gpus=len(requests) > 0,
        memory_mib=int(host.get("Memory") or 0) >> 20,
        restart_policy=_text((host.get("RestartPolicy") or {}).get("Name")),
        id=_text(data.get("Id")) or "",
        started_at=_text((data.get("State") or {}).get("StartedAt")) or "",
        minikube=((data.get("Config") or {}).get("Labels") or {}).get(MINIKUBE_LABEL) == "true",
        ports=ports_of((data.get("NetworkSettings") or {}).get("Ports") or {}),
    )


def ports_of(published: Mapping[str, Any]) -> tuple[Port, ...]:
    """Return where the host listens for a container."""
    pairs = [(name, entry) for name, entries in sorted(published.items()) for entry in entries or []]
    return tuple(Port(name, str(entry.get("HostIp", "")), str(entry.get("HostPort", ""))) for name, entry in pairs)


def on_path(root: Root, name: str) -> bool:
    """Return whether a program is in one of the directories of the daemon's PATH."""
    folders = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
    return any(root.exists(os.path.join(folder, name)) for folder in folders)
