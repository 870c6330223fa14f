# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the Launch agent's inputs: entity, key, queues, base URL."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from ..gpu import states
from .judge import Judge
from .wanted.agent import AgentWanted

KEY_LENGTH = 40


def compare_agent(judge: Judge, wanted: AgentWanted) -> None:
    """Judge the inputs without asking the server; of the key only the length is known here."""
    if not wanted.entity.strip():
        judge.refuse(
            "AGT017",
            "launch_agent_entity",
            "nothing",
            "the team or user that owns the queues",
            "set launch_agent_entity",
        )
    _key(judge, wanted)
    _url(judge, wanted)
    _queues(judge, wanted)
    judge.need("agent", judge.seen.agent)
    gpu = judge.seen.gpu
    if gpu is not None and gpu.nvml is not None and gpu.nvml.state == states.OK:
        total, jobs = len(gpu.nvml.gpus), wanted.max_jobs
        if jobs > total:
            judge.tell(
                "AGT009",
                "launch_agent_max_jobs",
                f"{total} GPUs",
                f"{jobs} jobs at once",
                f"set launch_agent_max_jobs to {total} or less",
            )


def _key(judge: Judge, wanted: AgentWanted) -> None:
    fix = "set launch_agent_api_key from vault, or WANDB_API_KEY in the environment of ansible-playbook"
    if wanted.api_key_length == 0:
        judge.refuse("AGT011", "launch_agent_api_key", "no API key", f"a key of at least {KEY_LENGTH} characters", fix)
    elif wanted.api_key_length < KEY_LENGTH:
        judge.refuse(
            "AGT011", "launch_agent_api_key", "a key that is too short", f"at least {KEY_LENGTH} characters", fix
        )


def _url(judge: Judge, wanted: AgentWanted) -> None:
    wrong = url_problem(wanted.base_url)
    if wrong is not None:
        fix = "set launch_agent_base_url to an address that pods reach, for example https://api.wandb.ai"
        judge.refuse("AGT004", "launch_agent_base_url", wrong, "an http(s) URL reachable from pods", fix)


def url_problem(url: str) -> str | None:
    """Return why pods can't use a base URL, or None."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port  # a port that is no number raises
    except ValueError:
        return f"'{url}' is no URL"
    if split.scheme not in ("http", "https") or not host or port == 0:
        return f"'{url}' is no http(s) URL" if url else "nothing"
    if host == "localhost" or host.endswith(".localhost"):
        return f"{url} is loopback: a pod would talk to itself"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return f"{url} is loopback: a pod would talk to itself" if address.is_loopback or address.is_unspecified else None


def _queues(judge: Judge, wanted: AgentWanted) -> None:
    names = [queue.name for queue in wanted.queues]
    if not names:
        judge.refuse(
            "AGT002",
            "launch_agent_queues",
            "no queue",
            "at least one queue",
            "list a queue with its name (and config) in launch_agent_queues",
        )
    for name in sorted({name for name in names if names.count(name) > 1}):
        judge.refuse(
            "AGT002",
            f"queue {name}",
            f"named {names.count(name)} times",
            "once",
            "keep one entry per queue in launch_agent_queues",
        )
