# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the queues that the server has with those that the inputs want."""

from __future__ import annotations

from .judge import Judge
from .model import REFUSE, TELL
from .observed.agent import AgentFacts, QueueSeen, ServerSeen
from .wanted.agent import AgentWanted, QueueWanted


def compare_queues(judge: Judge, agent: AgentFacts, wanted: AgentWanted, gpus: int) -> None:
    """Judge what the server says to the key and of the queues.

    Args:
        judge: takes the findings.
        agent: what was seen.
        wanted: the inputs.
        gpus: GPUs of the machine, 0 when not known.
    """
    server = judge.need("agent.server", agent.server)
    if server is None:
        return
    if server.rejects:
        fix = "set launch_agent_api_key to a key that is valid on launch_agent_base_url"
        judge.refuse("AGT011", "launch_agent_api_key", server.rejects, "a key that the server takes", fix)
        return
    for queue in {queue.name: queue for queue in wanted.queues}.values():
        there = server.queues.get(queue.name)
        if there is None:
            _absent(judge, queue, server)
        else:
            _there(judge, queue, there)
        _highest(judge, queue, there, gpus)


def _absent(judge: Judge, queue: QueueWanted, server: ServerSeen) -> None:
    if queue.has_config:
        judge.find("AGT016", f"queue {queue.name}", "the server has no such queue", "the queue of the inputs")
        return
    found = f"the server has no queue '{queue.name}' (it has: {', '.join(server.names) or 'none'})"
    fix = "give it a config, so that the role makes it, or name a queue that exists"
    judge.find("AGT002", f"queue {queue.name}", found, "a queue that is there", fix)


def _there(judge: Judge, queue: QueueWanted, there: QueueSeen) -> None:
    subject = f"queue {queue.name}"
    if there.resource != "kubernetes":
        fix = "delete it, or take another name: the kind of a queue can't be changed"
        judge.find("AGT016", subject, f"a {there.resource} queue", "a kubernetes queue", fix, act=REFUSE)
    elif queue.digest and queue.digest != there.digest:
        judge.find("AGT016", subject, "another config or other template variables", "those of the inputs")
    if not queue.has_config:
        for flaw in there.flaws:  # the queue is somebody else's, so its flaws are told
            judge.find(flaw.id, subject, flaw.found, "a config that does no harm", flaw.fix, act=TELL)


def _highest(judge: Judge, queue: QueueWanted, there: QueueSeen | None, gpus: int) -> None:
    highest = queue.gpus if queue.has_config or there is None else there.gpus
    if gpus and highest > gpus:
        found = f"template variable gpus allows up to {highest}, the machine has {gpus} GPUs: such a run waits for ever"
        fix = f"set template_variables.gpus.maximum of queue {queue.name} to {gpus}"
        judge.find("AGT008", f"queue {queue.name}", found, f"a maximum of {gpus} GPUs", fix, act=TELL)
