# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what role docker itself sets: packages, daemon.json, drop-in, unit, group, and what the engine took over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..docker.flags import conflicts
from ..docker.options import unknown
from .daemon_config import Differences, differences, lost_keys
from .docker_due import act_on
from .docker_floors import compare_floors
from .docker_inputs import compare_inputs
from .files import compare_files
from .judge import Judge
from .model import CONVERGE, REFUSE, TELL
from .observed.docker import DaemonConfig, DockerFacts
from .wanted.docker import DockerWanted

LOG_KEYS = ("log-driver", "log-opts")
OWNER = "docker"


def compare_own(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    """Judge everything that the role can change."""
    compare_inputs(judge, docker, wanted)
    compare_floors(judge, docker)
    missing = _packages(judge, docker, wanted)
    if docker.config is not None and docker.config.valid:
        _settings(judge, docker, docker.config, wanted)
    compare_files(judge, "DOC012", "docker.files", docker.files, wanted.files)
    _members(judge, docker, wanted)
    if not missing:
        _unit(judge, docker, wanted)
        _due(judge, docker, wanted)


def _packages(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> tuple[str, ...]:
    """DOC010; return what is missing. An engine of another origin is adopted: the distribution's would remove it."""
    host, there = judge.seen.host, docker.packages or {}
    adopted = "docker-ce" in there or ("docker.io" not in there and docker.socket == "answers")
    if wanted.source == "existing" or adopted or host is None:
        return ()
    table = wanted.packages.get(host.os_id or "", {}).get(host.version_id or "", ())
    missing = tuple(name for name in table if name not in there)
    for name in missing:
        judge.find("DOC010", "packages", f"{name} is not installed", f"the distribution's {name}", package=name)
    return missing


def _settings(judge: Judge, docker: DockerFacts, config: DaemonConfig, wanted: DockerWanted) -> None:
    differing = differences(config, OWNER, chosen_settings(judge, config, wanted))
    _differing(judge, differing, wanted.config_path)
    for top, keys in lost_keys(config, "nvidia_ctk").items():
        judge.find(
            "DOC003",
            f"{wanted.config_path}: {top}",
            f"{', '.join(keys)} not as role nvidia_ctk set them",
            "the keys that role nvidia_ctk set",
            "run role nvidia_ctk again",
            act=TELL,
            keys=list(keys),
            **_named(top, keys),
        )
    changed = {*differing.lost, *differing.due}
    flags = docker.unit.flags if docker.unit is not None else ()
    # A key that is wanted on top of a flag would keep the engine from starting, so it is refused before it is written.
    for text in conflicts(("", *flags), {*config.keys, *changed}):
        judge.find(
            "DOC002",
            wanted.config_path,
            f"{text} is set on the command line of {wanted.unit} as well",
            "the option in one place",
            f"drop it from the unit's command line, or from {wanted.config_path}",
            flags=list(flags),
        )
    strange = unknown(config.keys) if docker.socket != "answers" or config.newer else ()
    if strange:
        judge.find(
            "DOC002",
            wanted.config_path,
            f"no dockerd up to release 29 takes {', '.join(strange)}",
            "options that the engine knows",
            "take the key out, or correct its name",
            act=TELL,
            keys=list(strange),
        )


def chosen_settings(judge: Judge, config: DaemonConfig, wanted: DockerWanted) -> Mapping[str, Any]:
    """Return what the role sets in this file; somebody else's log driver and options stay, and DOC017 tells so.

    Half of the role's keys under another driver would keep the engine from starting.
    """
    rotates = wanted.settings != wanted.plain_settings
    foreign = [key for key in LOG_KEYS if key in config.keys and key not in (*config.owned, *wanted.plain_settings)]
    if not rotates or not foreign:
        return wanted.settings
    found = f"{' and '.join(foreign)} of somebody else"
    judge.find("DOC017", wanted.config_path, found, "rotation by docker_log_max_size", keys=foreign)
    return wanted.plain_settings


def _differing(judge: Judge, differing: Differences, path: str) -> None:
    if differing.error:
        fix = f"correct docker_settings, or the value in {path}"
        judge.find("DOC002", path, differing.error, "a value of that type", fix, path=path)
    for top, keys in differing.lost.items():
        found = f"{', '.join(keys)} changed or removed by another program"
        wants = "the keys that role docker set"
        judge.find("DOC003", f"{path}: {top}", found, wants, act=CONVERGE, keys=list(keys))
    for top, keys in differing.due.items():
        found = f"{', '.join(keys)} not as wanted"
        judge.find("DOC011", f"{path}: {top}", found, "the keys that the inputs make", keys=list(keys))


def _named(top: str, keys: tuple[str, ...]) -> dict[str, str]:
    """Return what the commands of DOC003 need, where they can mend it: the entry of the nvidia runtime."""
    return {"runtime": "nvidia"} if top == "runtimes" and all(key.startswith("runtimes.nvidia") for key in keys) else {}


def _members(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    judge.need_read("docker.cluster_accounts", "docker.users")
    members = judge.need("docker.group_members", docker.group_members)
    if members is None:
        return
    for name in sorted(set(members) - set(wanted.users) - set(docker.cluster_accounts)):
        judge.find("DOC008", "group docker", name, "only the listed users: the group equals root", user=name)
    accounts = docker.users or {}
    for name in sorted(set(wanted.users) - set(members)):
        if accounts.get(name, True):
            judge.find("DOC016", "group docker", f"{name} is no member", f"{name} is a member", user=name)


def _unit(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    unit = judge.need("docker.unit", docker.unit)
    if unit is None:
        return
    if unit.load != "loaded":
        fix = "'systemctl unmask docker'" if unit.load == "masked" else f"run the engine by the unit {wanted.unit}"
        found, wants = f"the unit is {unit.load}", "a unit that starts the engine"
        judge.find("DOC015", wanted.unit, found, wants, fix, act=REFUSE, load=unit.load, enabled=unit.enabled)
    elif unit.enabled != "enabled":
        judge.find("DOC015", wanted.unit, f"it is {unit.enabled or 'not enabled'}", "it is enabled", unit=wanted.unit)


def _due(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    due = judge.need("docker.due", docker.due)
    if due is None or due.kind in ("none", "start"):
        return
    act, kept = act_on(judge, due, wanted.restart)
    found = f"a {due.kind} is due: {'; '.join(due.reasons)}"
    fix = f"{kept}; stop them and run again, or set docker_restart: always" if kept else ""
    judge.find(
        "DOC013", "docker engine", found, "an engine that runs with what is on the disk", fix, act=act, kind=due.kind
    )
