# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways out of a plan that does not fit: fewer jobs, smaller jobs, a larger node. Each of them fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..lean_dataclass import dataclass
from .capacity import CPU, MEMORY, Limits, Machine, jobs_that_fit, node_of, sums_of
from .demand import Job
from .quantity import CapacityError, memory_text
from .reserved import node_memory_mib


@dataclass(frozen=True)
class Proposal:
    """One way that fits."""

    jobs: int
    job: Job
    cpus: int
    memory_mib: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible."""
        node = {"cpus": self.cpus, "memory_mib": self.memory_mib}
        return {"jobs": self.jobs, "job": self.job.to_dict(), "node": node, "text": self.text}


def proposals_for(machine: Machine, job: Job, limits: Limits, asked: int) -> Iterator[Proposal]:
    """Yield what helps, the smallest change of the inputs first."""
    try:
        node = node_of(machine, _within_the_host(machine, limits))
    except CapacityError:
        return
    if job.gpus and not node.gpus:
        return
    job = replace(job, gpus=min(job.gpus, node.gpus), gpus_max=min(job.gpus_max, node.gpus))
    fit = _fit(node, job, limits, asked)
    wished = min(asked, node.gpus // job.gpus) if job.gpus else asked
    if fit:
        yield _proposal(fit, job, node, f"{fit} of these jobs at once")
    if fit < wished:
        smaller = _smaller(node, job, limits, wished)
        if smaller:
            yield _proposal(wished, smaller, node, f"{wished} jobs of {smaller.text()} at once")
        larger = _larger(machine, node)
        more = _fit(larger, job, limits, wished)
        if more > fit:
            size = f"{larger.cpus} CPUs and {memory_text(larger.memory_mib)}"
            yield _proposal(more, job, larger, f"a node of {size}, which the machine has, for {more} of these jobs")


def _proposal(jobs: int, job: Job, node: Machine, text: str) -> Proposal:
    return Proposal(jobs, job, node.cpus, node.memory_mib, text)


def _within_the_host(machine: Machine, limits: Limits) -> Limits:
    """Return the limits; a size by hand that is beyond the machine is left to the plan."""
    cpus = 0 if 0 < machine.cpus < limits.cpus else limits.cpus
    memory = 0 if 0 < machine.memory_mib < limits.memory_mib else limits.memory_mib
    return replace(limits, cpus=cpus, memory_mib=memory)


def _larger(machine: Machine, node: Machine) -> Machine:
    return Machine(node.gpus, max(node.cpus, machine.cpus), max(node.memory_mib, node_memory_mib(machine.memory_mib)))


def _fit(node: Machine, job: Job, limits: Limits, asked: int) -> int:
    possible, dummy = jobs_that_fit(sums_of(node, job, 0, limits.addons))
    return asked if possible is None else min(possible, asked)


def _smaller(node: Machine, job: Job, limits: Limits, jobs: int) -> Job | None:
    """Return a job of which the wished number fits: what is too much is cut down to a round figure."""
    sums = sums_of(node, job, jobs, limits.addons)
    cpu, memory = (
        entry.per_job if entry.fits else max(entry.available - entry.system, 0) // jobs
        for entry in (sums[CPU], sums[MEMORY])
    )
    found = replace(
        job,
        cpu_m=cpu if sums[CPU].fits else _rounded(cpu, 1000, 500, 50),
        memory_mib=memory if sums[MEMORY].fits else _rounded(memory, 1024, 256, 32),
    )
    cut_to_nothing = (job.cpu_m and not found.cpu_m) or (job.memory_mib and not found.memory_mib)
    return None if cut_to_nothing else found


def _rounded(number: int, large: int, step: int, small_step: int) -> int:
    used = step if number >= large else small_step
    return number // used * used
