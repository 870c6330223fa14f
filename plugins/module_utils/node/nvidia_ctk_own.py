# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what role nvidia_ctk itself sets: repository, key, packages, the runtime in the engine."""

from __future__ import annotations

from typing import Any

from . import floor_verdict
from .convert import to_plain
from .daemon_config import differences
from .docker_due import act_on
from .docker_floors import version_facts
from .files import compare_files
from .judge import Judge
from .model import CONVERGE, REFUSE
from .nvidia_ctk_inputs import compare_inputs
from .observed.docker import DockerFacts
from .observed.nvidia_ctk import CtkFacts
from .versions import below, parts
from .wanted.nvidia_ctk import PACKAGES, CtkWanted

OWNER = "nvidia_ctk"


def compare_own(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    """Judge everything that the role can change."""
    compare_inputs(judge, wanted)
    _packages(judge, toolkit, wanted)
    _key(judge, toolkit, wanted)
    _repository(judge, toolkit, wanted)
    docker = judge.seen.docker
    if docker is None:
        judge.need("docker", docker)
        return
    _runtime(judge, docker, wanted)
    _engine(judge, toolkit, docker, wanted)


def _packages(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    there = toolkit.packages
    if there is None:  # noted as unknown by the caller
        return
    version = f"{wanted.version}-1"
    if not there:
        judge.find("CTK001", "toolkit packages", "none of them is installed", version, version=version)
        return
    newer = sorted({found for found in there.values() if _newer(found, wanted.version)})
    if newer and not wanted.allow_downgrade:
        fix = "set nvidia_ctk_version to what is there, or nvidia_ctk_allow_downgrade: true"
        found = f"version {' and '.join(newer)}, which is newer"
        judge.find("CTK011", "toolkit packages", found, version, fix, act=REFUSE, packages=dict(there))
        return
    if there == dict.fromkeys(PACKAGES, version):
        return
    listed = ", ".join(f"{name} {there.get(name, 'absent')}" for name in PACKAGES)
    check = "CTK003" if len(set(there.values())) > 1 else "CTK011"
    judge.find(check, "toolkit packages", listed, f"{version} of all four", version=version)
    installed = there.get(PACKAGES[0], "")
    verdict = floor_verdict.judge(PACKAGES[0], installed) if installed else None
    if verdict is not None and verdict.state == floor_verdict.BELOW:
        fix, wants = f"this role brings {wanted.version}", f"{verdict.floor} or later"
        facts = version_facts(verdict)
        judge.find("CTK008", "container toolkit", installed, wants, fix, verdict.text, CONVERGE, **facts)


def _newer(found: str, wanted: str) -> bool:
    """Compare by upstream's numbers alone; what is no version has a finding of its own."""
    return parts(found) is not None and parts(wanted) is not None and below(wanted, found) is True


def _key(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    keyring = judge.need("nvidia_ctk.keyring", toolkit.keyring)
    if keyring is None:
        return
    pinned = (wanted.fingerprint,)
    if keyring.error:
        found = f"it can't be read: {keyring.error}"
    elif not keyring.fingerprints:
        found = "no key is there"
    elif keyring.fingerprints != pinned:
        found = f"it holds {', '.join(keyring.fingerprints)}"
    elif keyring.expired:
        found = f"{', '.join(keyring.expired)} has expired"
    else:
        _key_file(judge, toolkit, wanted)
        return
    facts: dict[str, Any] = to_plain(keyring)
    judge.find("CTK007", wanted.keyring, found, f"{wanted.fingerprint} and nothing else", **facts)


def _key_file(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    """Mode and owner of the right key: apt reads it as a user of its own."""
    want = {path: item for path, item in wanted.files.items() if path == wanted.keyring}
    compare_files(judge, "CTK007", "nvidia_ctk.files", toolkit.files, want)


def _repository(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    files = {path: item for path, item in wanted.files.items() if path != wanted.keyring}
    compare_files(judge, "CTK009", "nvidia_ctk.files", toolkit.files, files)
    sources = judge.need("nvidia_ctk.sources", toolkit.sources)
    uri = wanted.repository_url.replace("$(ARCH)", "amd64").rstrip("/")
    others = sorted({item.file for item in sources or () if item.uri == uri and item.file != wanted.repository})
    if others:
        judge.find(
            "CTK014",
            " and ".join(others),
            f"it already has {wanted.repository_url}",
            f"that repository in {wanted.repository} only",
            files=others,
        )


def _runtime(judge: Judge, docker: DockerFacts, wanted: CtkWanted) -> None:
    config = judge.need("docker.config", docker.config)
    if config is None or not config.valid:
        return
    path = wanted.config_path
    differing = differences(config, OWNER, wanted.settings)
    if differing.error:
        fix = f"correct it in {path}"
        judge.find("CTK010", path, differing.error, "a value of that type", fix, act=REFUSE, path=path)
    for top, keys in {**differing.lost, **differing.due}.items():
        cause = "another tool has rewritten the file since this role set them" if top in differing.lost else ""
        found, wants = f"{', '.join(keys)} not as wanted", "the keys of this role"
        judge.find("CTK010", f"{path}: {top}", found, wants, cause=cause, keys=list(keys))


def _engine(judge: Judge, toolkit: CtkFacts, docker: DockerFacts, wanted: CtkWanted) -> None:
    due = judge.need("docker.due", docker.due)
    if due is not None and due.kind in ("reload", "restart"):
        act, kept = act_on(judge, due, wanted.restart)
        found = f"a {due.kind} is due: {'; '.join(due.reasons)}"
        fix = f"{kept}; stop them and run again, or set nvidia_ctk_restart: always" if kept else ""
        judge.find(
            "CTK002", "docker engine", found, "an engine that runs with the toolkit", fix, act=act, kind=due.kind
        )
    if not judge.need("nvidia_ctk.hook", toolkit.hook) and wanted.restart != "always":
        running = _containers(docker)
        if running != "0" or wanted.restart == "never":
            found = f"nvidia_ctk_restart is {wanted.restart}, and {running} containers run"
            wants = "docker may restart once after the toolkit is installed"
            judge.find("CTK013", "docker engine", found, wants, restart=wanted.restart, running=running)


def _containers(docker: DockerFacts) -> str:
    """Return how many containers run; an engine that doesn't say may run some."""
    if docker.socket in ("absent", "refused", "stopped"):
        return "0"
    count = docker.engine.containers_running if docker.engine is not None else None
    return "an unknown number of" if count is None else str(count)
