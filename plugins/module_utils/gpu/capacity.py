# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The capacity plan: how large the node is, how many jobs run at once, and what limits them. Over-commit is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass
from .demand import Job
from .quantity import CapacityError, cpu_text
from .reserved import host_reserve_mib, node_memory_mib, system_need

GPUS, CPU, MEMORY = "gpus", "cpu", "memory"
UNITS = {GPUS: "GPUs", CPU: "millicores", MEMORY: "MiB"}


@dataclass(frozen=True)
class Machine:
    """What the host has; 0 CPUs or MiB mean that it is not known."""

    gpus: int = 0
    cpus: int = 0
    memory_mib: int = 0


@dataclass(frozen=True)
class Limits:
    """What people set by hand; 0 leaves it to the plan."""

    jobs: int = 0
    cpus: int = 0
    memory_mib: int = 0
    addons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sum:
    """One resource: what the system takes, what all jobs together need with it, and what the node has."""

    what: str
    system: int
    per_job: int
    jobs: int
    available: int

    @property
    def needed(self) -> int:
        """The whole sum."""
        return self.system + self.jobs * self.per_job

    @property
    def fits(self) -> bool:
        """Whether the node has enough of it."""
        return self.needed <= self.available

    @property
    def possible(self) -> int | None:
        """Jobs that fit by this resource alone; None when they take none of it."""
        return max(self.available - self.system, 0) // self.per_job if self.per_job else None

    def text(self) -> str:
        """Return the sum as people write it down."""
        beside = f" + {self._shown(self.system)} for the system" if self.system else ""
        return (
            f"{self.jobs} x {self._shown(self.per_job)}{beside} = {self._shown(self.needed)} {self._name()}, "
            f"the node has {self._shown(self.available)}"
        )

    def _shown(self, number: int) -> str:
        return cpu_text(number) if self.what == CPU else str(number)

    def _name(self) -> str:
        return {GPUS: "GPUs", CPU: "CPU", MEMORY: "MiB"}[self.what]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible."""
        return {
            "what": self.what,
            "needed": self.needed,
            "available": self.available,
            "unit": UNITS[self.what],
            "system": self.system,
            "per_job": self.per_job,
            "text": self.text(),
        }


def node_of(machine: Machine, limits: Limits) -> Machine:
    """Return the node's size: all CPUs, and the memory that the host can spare; by hand wins.

    Raises:
        CapacityError: neither the machine nor the inputs tell a number.
    """
    cpus = limits.cpus or machine.cpus
    memory = limits.memory_mib or node_memory_mib(machine.memory_mib)
    if cpus <= 0:
        raise CapacityError("cpus", "the machine's number is not known; give the node's by hand")
    if memory <= 0:
        raise CapacityError("memory_mib", "the machine's memory is not known or too small; give the node's by hand")
    return Machine(max(machine.gpus, 0), cpus, memory)


def sums_of(node: Machine, job: Job, jobs: int, addons: tuple[str, ...]) -> Mapping[str, Sum]:
    """Return the sum of each resource for a number of jobs."""
    cpu, memory = system_need(addons)
    return {
        GPUS: Sum(GPUS, 0, job.gpus, jobs, node.gpus),
        CPU: Sum(CPU, cpu, job.cpu_m, jobs, node.cpus * 1000),
        MEMORY: Sum(MEMORY, memory, job.memory_mib, jobs, node.memory_mib),
    }


def jobs_that_fit(sums: Mapping[str, Sum]) -> tuple[int | None, str]:
    """Return how many jobs fit and what limits them; None and nothing when they take nothing."""
    possible = [(entry.possible, what) for what, entry in sums.items() if entry.possible is not None]
    return min(possible, key=lambda pair: pair[0] or 0) if possible else (None, "")


def beyond_the_host(machine: Machine, node: Machine) -> list[str]:
    """Return why a node does not fit the machine."""
    found = []
    if 0 < machine.cpus < node.cpus:
        found.append(f"a node of {node.cpus} CPUs does not fit, the machine has {machine.cpus}")
    if 0 < machine.memory_mib < node.memory_mib:
        found.append(f"a node of {node.memory_mib} MiB does not fit, the machine has {machine.memory_mib}")
    return found


def host_note(machine: Machine, node: Machine) -> list[str]:
    """Return a note where the node takes what the host should keep."""
    left, keep = machine.memory_mib - node.memory_mib, host_reserve_mib(machine.memory_mib)
    if not 0 <= left < keep or machine.memory_mib <= 0:
        return []
    return [f"the node leaves the host {left} of {machine.memory_mib} MiB; engine and agent should have {keep}"]
