# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare engines of other makes, which this collection neither changes nor removes."""

from __future__ import annotations

from typing import Any

from .judge import Judge
from .model import REFUSE, TELL
from .observed.docker import DockerFacts

NATIVE = "a native engine"
_DESKTOP = """{"runtimes": {"nvidia": {"args": [], "path": "nvidia-container-runtime"}}}"""


def compare_foreign(judge: Judge, docker: DockerFacts) -> None:
    """Judge whether the engine is a native, rootful one of Docker's."""
    engine = docker.engine
    packages = judge.need("docker.packages", docker.packages) or {}
    if judge.need("docker.snap", docker.snap) or (
        engine is not None and (engine.root_dir or "").startswith("/var/snap/")
    ):
        facts: dict[str, Any] = {"snap": docker.snap, "root_dir": engine.root_dir if engine is not None else None}
        judge.refuse("DOC004", "docker engine", "Docker from snap, which reads another daemon.json", NATIVE, **facts)
    desktop = judge.need("docker.desktop_context", docker.desktop_context)
    if desktop or (engine is not None and "Docker Desktop" in (engine.operating_system or "")):
        _desktop(judge, docker)
    if engine is not None and any("rootless" in option for option in engine.security_options):
        found, options = "a rootless engine on the system's socket", list(engine.security_options)
        judge.refuse("DOC006", "docker engine", found, "a rootful engine", security_options=options)
    wrapper = "podman-docker" in packages
    if wrapper or (engine is not None and any("podman" in name.lower() for name in engine.components)):
        found = "package podman-docker" if wrapper else "podman answers on docker's socket"
        names: dict[str, Any] = {"package": "podman-docker"} if wrapper else {}
        names["components"] = list(engine.components) if engine is not None else []
        judge.refuse("DOC007", "docker engine", found, "a docker engine", **names)


def _desktop(judge: Judge, docker: DockerFacts) -> None:
    host, engine = judge.seen.host, docker.engine
    system = engine.operating_system if engine is not None else None
    facts: dict[str, Any] = {"desktop_context": docker.desktop_context, "operating_system": system}
    if host is not None and host.wsl:
        fix = f"paste {_DESKTOP} into Docker Desktop's settings, 'Docker Engine'; 'docker run --gpus all' is the proof"
        wants = "its settings name the runtime"
        judge.find("DOC005", "docker engine", "Docker Desktop on WSL2", wants, fix, act=TELL, **facts)
    else:
        found = "Docker Desktop: a virtual machine without GPU"
        judge.find("DOC005", "docker engine", found, NATIVE, act=REFUSE, **facts)


def compare_no_cgroups(judge: Judge, docker: DockerFacts) -> None:
    """DOC006: the toolkit's config is for a rootless engine, but this one is rootful."""
    judge.need_read("nvidia_ctk.no_cgroups")
    toolkit, engine = judge.seen.nvidia_ctk, docker.engine
    if toolkit is None or not toolkit.no_cgroups or engine is None:
        return
    if not any("rootless" in option for option in engine.security_options):
        found = "no-cgroups = true in /etc/nvidia-container-runtime/config.toml, and a rootful engine"
        fix = "set no-cgroups = false in that file"
        judge.refuse(
            "DOC006", "container toolkit", found, "no-cgroups = false", fix, option="nvidia-container-cli.no-cgroups"
        )
