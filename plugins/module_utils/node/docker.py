# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the container engine: which one it is, and whether it answers; the rest of role docker is in docker_own."""

from __future__ import annotations

from typing import Any

from .docker_foreign import compare_foreign, compare_no_cgroups
from .docker_own import compare_own
from .judge import Judge
from .observed.docker import DockerFacts
from .observed.shared import Unit
from .wanted.docker import DockerWanted

_SOCKET = {
    "absent": "the socket does not exist",
    "refused": "the socket refuses connections: the daemon is not running",
    "stopped": "the engine is stopped; systemd would start it for the first caller",
    "silent": "the socket accepts but does not answer within the deadline: the daemon hangs",
    "denied": "the socket may not be opened by this user",
    "broken": "the socket answers, but not as an engine does",
}
# Nothing that a role does mends these, unless the unit is stopped and its start does: the way out of each.
_STUCK = {
    "silent": "read 'journalctl -u docker' and restart docker yourself; that stops its containers",
    "denied": "let Ansible become root on this machine",
    "broken": "see which program listens on docker's socket ('ss -xlp') and stop it",
}
ANSWER = "an engine that answers"
RUNS = ("active", "activating", "reloading")


def compare_docker(judge: Judge, wanted: DockerWanted) -> None:
    """Judge whether the engine is one that the collection can work with; for its own role, everything it sets."""
    docker = judge.need("docker", judge.seen.docker)
    if docker is None:
        return
    compare_foreign(judge, docker)
    compare_no_cgroups(judge, docker)
    _config(judge, docker, wanted)
    _answer(judge, docker, wanted)
    if judge.asked == "docker":
        compare_own(judge, docker, wanted)


def _answer(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    state = judge.need("docker.socket", docker.socket)
    if state is None:
        return
    if state == "answers":
        judge.need("docker.engine", docker.engine)
    elif state in ("absent", "refused") and docker.unit is not None and docker.unit.active in RUNS:
        fix = "wait until it has started; if it stays so, read 'journalctl -u docker' and restart it yourself"
        found = f"its unit runs, but {_SOCKET[state]}"
        judge.refuse("DOC001", "docker engine", found, ANSWER, fix, **_facts(docker))
    elif state in _STUCK and not stopped(docker.unit):
        judge.refuse("DOC001", "docker engine", _SOCKET[state], f"{ANSWER}, or none", _STUCK[state], **_facts(docker))
    elif wanted.source == "existing" and judge.asked == "docker" and not stopped(docker.unit):
        fix = "install an engine and start it, or set docker_source: distribution"
        wants = "an engine that is there (docker_source: existing)"
        judge.refuse("DOC010", "docker engine", _SOCKET[state], wants, fix, **_facts(docker))
    elif stopped(docker.unit) or wanted.running:
        names = {"unit": wanted.unit} if stopped(docker.unit) else {}
        judge.find("DOC001", "docker engine", _SOCKET[state], ANSWER, _start(docker.unit), **names, **_facts(docker))


def _facts(docker: DockerFacts) -> dict[str, Any]:
    """Return what socket and unit say."""
    unit = docker.unit or Unit(load="", active="")
    return {"socket": docker.socket, "load": unit.load, "active": unit.active, "result": unit.result}


def stopped(unit: Unit | None) -> bool:
    """Return whether a unit is there and does not run."""
    return unit is not None and unit.stopped


def _start(unit: Unit | None) -> str:
    if unit is not None and unit.result == "start-limit-hit":
        return "systemd has given up on it: read 'journalctl -u docker', mend the cause, then reset-failed and start it"
    if unit is not None and unit.active == "failed":
        return "read 'journalctl -u docker', mend the cause, then 'systemctl reset-failed docker' and start it"
    if unit is not None and unit.load == "not-found":
        return "install an engine: role docker"
    return "start it: 'systemctl start docker'"


def _config(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    config = judge.need("docker.config", docker.config)
    if config is None or config.valid:
        return
    place = f"{wanted.config_path} line {config.line} column {config.column}" if config.line else wanted.config_path
    judge.refuse(
        "DOC002",
        place,
        config.error or "not valid",
        "a JSON object",
        path=wanted.config_path,
        line=config.line,
        column=config.column,
        backup=config.backup,
    )
