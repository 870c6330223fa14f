# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what runs have left in the cluster: Secrets without a Job, and Jobs that hold a slot and do not start."""

from __future__ import annotations

from .judge import Judge
from .model import CONVERGE, TELL
from .observed.agent import LeftoversSeen, WaitingSeen
from .wanted.agent import AgentWanted

SHOWN = 20
WORTH_TELLING = 3600.0  # seconds; until then a pod may well wait for a GPU that others use


def compare_leftovers(judge: Judge, left: LeftoversSeen, wanted: AgentWanted) -> None:
    """Judge what is left; the role removes what the inputs say."""
    for secret in left.secrets[:SHOWN]:
        judge.find(
            "AGT013",
            f"Secret {secret.namespace}/{secret.name}",
            "it holds an API key, and its run has no Job",
            "no Secret without a Job",
            act=CONVERGE if wanted.cleanup else TELL,
            kubeconfig=wanted.kubeconfig,
            namespace=secret.namespace,
            secret=secret.name,
        )
    for job in left.waiting[:SHOWN]:
        _waiting(judge, job, wanted)


def _waiting(judge: Judge, job: WaitingSeen, wanted: AgentWanted) -> None:
    due = 0 < wanted.stuck_seconds < job.counted
    if not due and job.age < WORTH_TELLING:
        return
    fix = "delete the Job, which frees its slot within two minutes; launch_agent_stuck_seconds lets the role do so"
    judge.find(
        "AGT009",
        f"Job {job.namespace}/{job.name}",
        f"its pod has not started for {job.age / 60:.0f} min: {job.reason}",
        "a pod that starts, or no Job",
        fix,
        act=CONVERGE if due else TELL,
        kubeconfig=wanted.kubeconfig,
        namespace=job.namespace,
        job=job.name,
    )
