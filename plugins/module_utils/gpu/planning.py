# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the capacity plan, with its refusals and with proposals that fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass
from .capacity import (
    GPUS,
    Limits,
    Machine,
    Sum,
    beyond_the_host,
    host_note,
    jobs_that_fit,
    node_of,
    sums_of,
)
from .demand import Job
from .proposals import Proposal, proposals_for
from .quantity import CapacityError


@dataclass(frozen=True)
class CapacityPlan:
    """The answer; jobs is what fits at once, max_jobs what the agent is to be told."""

    node: Machine
    job: Job
    jobs: int
    max_jobs: int
    asked: int
    limited_by: str
    sums: tuple[Sum, ...] = ()
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether nothing is refused."""
        return not self.refusals

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible."""
        return {
            "node": dict(vars(self.node)),
            "job": self.job.to_dict(),
            "jobs": self.jobs,
            "max_jobs": self.max_jobs,
            "asked": self.asked,
            "limited_by": self.limited_by,
            "fits": self.fits,
            "sums": [entry.to_dict() for entry in self.sums],
            "refusals": list(self.refusals),
            "notes": list(self.notes),
            "proposals": [proposal.to_dict() for proposal in self.proposals],
        }


def make_plan(machine: Machine, job: Job, limits: Limits | None = None) -> CapacityPlan:
    """Return the plan; what does not fit is in its refusals, each with the sum.

    Raises:
        CapacityError: the size of the machine is not known and not given by hand, or a number is negative.
    """
    limits = limits or Limits()
    _no_negatives(job, limits)
    node = node_of(machine, limits)
    possible, limited_by = jobs_that_fit(sums_of(node, job, 0, limits.addons))
    by_gpus = node.gpus // job.gpus if job.gpus else 0
    asked = limits.jobs or by_gpus or (1 if possible is None else max(possible, 1))
    fit = asked if possible is None else possible
    sums = sums_of(node, job, asked, limits.addons)
    refusals = [*beyond_the_host(machine, node), *_too_many_gpus(node, job), *_short(job, limits, fit, sums)]
    return CapacityPlan(
        node=node,
        job=job,
        jobs=fit,
        max_jobs=min(limits.jobs or fit, fit),
        asked=asked,
        limited_by=limited_by,
        sums=tuple(sums.values()),
        refusals=tuple(refusals),
        notes=tuple(host_note(machine, node) + _idle(node, job, fit, sums)),
        proposals=tuple(proposals_for(machine, job, limits, asked)) if fit < asked or refusals else (),
    )


def _no_negatives(job: Job, limits: Limits) -> None:
    numbers = {
        "jobs": limits.jobs,
        "cpus": limits.cpus,
        "memory_mib": limits.memory_mib,
        "job.cpu": job.cpu_m,
        "job.memory": job.memory_mib,
        "job.gpus": job.gpus,
    }
    for name, number in numbers.items():
        if number < 0:
            raise CapacityError(name, f"{number} is negative")


def _too_many_gpus(node: Machine, job: Job) -> list[str]:
    if job.most_gpus <= node.gpus:
        return []
    return [f"a job may ask for {job.most_gpus} GPUs, the node has {node.gpus}: it would wait for ever"]


def _short(job: Job, limits: Limits, fit: int, sums: Mapping[str, Sum]) -> list[str]:
    """Return a text for each sum that is too large; without a number by hand only when not even one job fits."""
    if fit >= max(limits.jobs, 1):
        return []
    over = [entry.text() for entry in sums.values() if not entry.fits]
    jobs = next(iter(sums.values())).jobs
    return [f"{jobs} job{'s' if jobs > 1 else ''} of {job.text()} at once do not fit: {text}" for text in over]


def _idle(node: Machine, job: Job, fit: int, sums: Mapping[str, Sum]) -> list[str]:
    """Return a note where other resources run out before the GPUs do."""
    used = fit * job.gpus
    if not job.gpus or used + job.gpus > node.gpus:
        return []
    short = "; ".join(entry.text() for entry in sums.values() if entry.what != GPUS and not entry.fits)
    reason = f": {short}" if short else ""
    return [f"{node.gpus - used} of {node.gpus} GPUs stay idle{reason}"]
