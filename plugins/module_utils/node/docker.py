# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the container engine: which one it is, whether it answers, its daemon.json."""

from __future__ import annotations

from .judge import Judge
from .observed.docker import DockerFacts
from .wanted.docker import DockerWanted

_SOCKET = {
    "absent": "the socket does not exist",
    "refused": "the socket refuses connections: the daemon is not running",
    "silent": "the socket accepts but does not answer within 5 s: the daemon hangs",
    "denied": "the socket may not be opened by this user",
    "broken": "the socket answers, but not as an engine does",
}

# Nothing that a role does mends these, unless the unit is stopped and its start does: the way out of each.
_STUCK = {
    "silent": "read 'journalctl -u docker' and restart docker yourself; that stops its containers",
    "denied": "let Ansible become root on this machine",
    "broken": "see which program listens on docker's socket ('ss -xlp') and stop it",
}


def compare_docker(judge: Judge, wanted: DockerWanted) -> None:
    """Judge whether the engine is one that the collection can work with."""
    docker = judge.need("docker", judge.seen.docker)
    if docker is None:
        return
    _foreign(judge, docker)
    _config(judge, docker, wanted)
    _members(judge, docker, wanted)
    state = judge.need("docker.socket", docker.socket)
    if state is None or state == "answers":
        return
    if state in _STUCK and not _stopped(docker):
        judge.refuse("DOC001", "docker engine", _SOCKET[state], "an engine that answers, or none", _STUCK[state])
    elif wanted.running:
        judge.find("DOC001", "docker engine", _SOCKET[state], "an engine that answers", _start(docker))
    elif wanted.source == "existing":
        fix = "start the engine, or set docker_source: distribution"
        judge.refuse(
            "DOC010", "docker engine", _SOCKET[state], "an engine that is already there (docker_source: existing)", fix
        )


def _stopped(docker: DockerFacts) -> bool:
    unit = docker.unit
    return unit is not None and unit.load == "loaded" and unit.active in ("inactive", "failed")


def _start(docker: DockerFacts) -> str:
    unit = docker.unit
    if unit is not None and unit.active == "failed":
        return "read 'journalctl -u docker', mend the cause, then 'systemctl reset-failed docker' and start it"
    if unit is not None and unit.load == "not-found":
        return "install an engine: role docker"
    return "start it: 'systemctl start docker'"


def _foreign(judge: Judge, docker: DockerFacts) -> None:
    engine = docker.engine
    if docker.snap or (engine is not None and (engine.root_dir or "").startswith("/var/snap/docker")):
        fix = "remove it yourself ('snap remove docker') and run again; no engine is ever removed unasked"
        judge.refuse(
            "DOC004", "docker engine", "Docker from snap, which reads another daemon.json", "a native engine", fix
        )
    if docker.desktop_context or (engine is not None and "Docker Desktop" in (engine.operating_system or "")):
        fix = "'docker context use default' with a native engine beside it"
        judge.refuse("DOC005", "docker engine", "Docker Desktop: a virtual machine without GPU", "a native engine", fix)
    if engine is not None and any("rootless" in option for option in engine.security_options):
        fix = "stop the rootless engine and let role docker set up the rootful one"
        judge.refuse("DOC006", "docker engine", "a rootless engine on the system's socket", "a rootful engine", fix)
    wrapper = "podman-docker" in (docker.packages or {})
    if wrapper or (engine is not None and any("podman" in name.lower() for name in engine.components)):
        found = "package podman-docker" if wrapper else "podman answers on docker's socket"
        judge.refuse("DOC007", "docker engine", found, "a docker engine", "remove podman-docker, then run again")


def _config(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    config = judge.need("docker.config", docker.config)
    if config is None or config.valid:
        return
    place = f"{wanted.config_path} line {config.line} column {config.column}" if config.line else wanted.config_path
    fix = "mend the file by hand; nothing is written to it until it parses"
    judge.refuse(
        "DOC002", place, config.error or "not valid", "a JSON object", fix, line=config.line, column=config.column
    )


def _members(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    extra = sorted(set(docker.group_members or ()) - set(wanted.users))
    if extra:
        fix = "remove them from the group, or list them in docker_users"
        judge.tell("DOC008", "group docker", ", ".join(extra), "only the listed users: the group equals root", fix)
