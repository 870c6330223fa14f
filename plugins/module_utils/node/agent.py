# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the Launch agent: its inputs here, the machine in agent_host, the server's queues in agent_queues."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..gpu import states
from ..launch.base_url import is_loopback
from .agent_host import compare_host_side
from .agent_queues import compare_queues
from .judge import Judge
from .model import TELL
from .wanted.agent import AgentWanted, ProblemWanted

KEY_LENGTH = 40
_USER_INFO = re.compile("//[^/]*@")


def compare_agent(judge: Judge, wanted: AgentWanted) -> None:
    """Judge the inputs, then what is on the machine and on the server; of the key only the length is known here."""
    answerable = all([_entity(judge, wanted), _key(judge, wanted), _url(judge, wanted), _queues(judge, wanted)])
    _addresses(judge, wanted)
    _release(judge, wanted)
    for problem in wanted.problems:
        _problem(judge, problem)
    agent = judge.need("agent", judge.seen.agent)
    if agent is None:
        return
    gpus = _gpus(judge, wanted)
    compare_host_side(judge, agent, wanted)
    if answerable:
        compare_queues(judge, agent, wanted, gpus)


def _problem(judge: Judge, problem: ProblemWanted) -> None:
    wanted = "a queue without this risk" if problem.act == TELL else "an input that works"
    judge.find(problem.id, problem.subject, problem.found, wanted, problem.fix, act=problem.act)


def _entity(judge: Judge, wanted: AgentWanted) -> bool:
    given = bool(wanted.entity.strip())
    if not given:
        judge.find("AGT017", "launch_agent_entity", "nothing", "the team or user that owns the queues")
    return given


def _key(judge: Judge, wanted: AgentWanted) -> bool:
    fix = "set launch_agent_api_key from vault, or WANDB_API_KEY in the environment of ansible-playbook"
    found = "a key that is too short" if wanted.api_key_length else "no API key"
    if wanted.api_key_length < KEY_LENGTH:
        judge.refuse("AGT011", "launch_agent_api_key", found, f"a key of at least {KEY_LENGTH} characters", fix)
    return wanted.api_key_length >= KEY_LENGTH


def _url(judge: Judge, wanted: AgentWanted) -> bool:
    wrong = url_problem(wanted.base_url)
    if wrong is not None:
        judge.find("AGT004", "launch_agent_base_url", wrong, "an http(s) URL reachable from pods")
    return wrong is None


def url_problem(url: str) -> str | None:
    """Return why pods can't use a base URL, or None."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port  # a port that is no number raises
    except ValueError:
        return f"'{url}' is no URL"
    if split.scheme not in ("http", "https") or not host or port == 0:
        return f"'{url}' is no http(s) URL" if url else "nothing"
    return f"{url} is loopback: a pod would talk to itself" if is_loopback(url) else None


def _queues(judge: Judge, wanted: AgentWanted) -> bool:
    names = [queue.name for queue in wanted.queues]
    if not names and not wanted.problems:
        judge.find("AGT002", "launch_agent_queues", "no queue", "at least one queue")
    for name in sorted({name for name in names if names.count(name) > 1}):
        fix = "keep one entry per queue in launch_agent_queues"
        judge.find("AGT002", f"queue {name}", f"named {names.count(name)} times", "once", fix)
    return bool(names)


def _addresses(judge: Judge, wanted: AgentWanted) -> None:
    """Nothing that other users of the machine can read may hold a password."""
    if any(_USER_INFO.search(wanted.proxy.get(name, "")) for name in ("http", "https")):
        fix = "use a proxy that needs no password; the unit shows it to everybody on the machine"
        judge.find("AGT024", "launch_agent_proxy", "it holds a user or password", "an address alone", fix)
    if _USER_INFO.search(wanted.index_url):
        fix = (
            "use an index that needs none, or set it up in pip's own configuration on the machine and leave "
            "launch_agent_index_url empty; the list of processes shows it to everybody"
        )
        judge.find("AGT024", "launch_agent_index_url", "it holds a user or password", "an address alone", fix)


def _release(judge: Judge, wanted: AgentWanted) -> None:
    if wanted.pins and wanted.version != wanted.pins:
        fix = f"give launch_agent_requirements for {wanted.version}, or set launch_agent_wandb_version to {wanted.pins}"
        found = f"{wanted.version}, and the role's own requirements pin {wanted.pins}"
        judge.find("AGT024", "launch_agent_wandb_version", found, "the release that is pinned", fix)


def _gpus(judge: Judge, wanted: AgentWanted) -> int:
    """Return how many GPUs the machine has, 0 where that is not known; judge the number of jobs by it."""
    gpu = judge.seen.gpu
    if gpu is None or gpu.nvml is None or gpu.nvml.state != states.OK:
        return 0
    total, jobs = len(gpu.nvml.gpus), wanted.max_jobs
    if jobs < 0 or jobs > total:
        fix = f"set launch_agent_max_jobs (or max_jobs of the queues) to {total} or less"
        many = "jobs at once without limit" if jobs < 0 else f"{jobs} jobs at once"
        judge.find("AGT009", "launch_agent_max_jobs", many, f"no more than the {total} GPUs", fix)
    return total
