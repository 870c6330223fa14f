# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one job takes of the node: read from the pods of a queue's config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ..lean_dataclass import dataclass
from .quantity import cpu_millis, cpu_text, memory_mib, memory_text, whole

GPU = "nvidia.com/gpu"
# How many pods of one kind a Job, a replica group of a custom resource or a Volcano task has.
_TIMES = ("replicas", "parallelism")


@dataclass(frozen=True)
class Job:
    """What one job asks for; gpus_max is what a person who submits may ask for, 0 as much as usual."""

    cpu_m: int = 0
    memory_mib: int = 0
    gpus: int = 1
    gpus_max: int = 0

    @property
    def most_gpus(self) -> int:
        """GPUs of the largest job that may be submitted."""
        return max(self.gpus, self.gpus_max)

    def text(self) -> str:
        """Return the job in words."""
        parts = [f"{self.gpus} GPU{'' if self.gpus == 1 else 's'}"] if self.gpus else []
        parts += [f"{cpu_text(self.cpu_m)} CPU"] if self.cpu_m else []
        parts += [memory_text(self.memory_mib)] if self.memory_mib else []
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "nothing"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible, quantities as Kubernetes writes them beside the numbers."""
        return {
            "cpu": cpu_text(self.cpu_m),
            "memory": memory_text(self.memory_mib),
            "cpu_m": self.cpu_m,
            "memory_mib": self.memory_mib,
            "gpus": self.gpus,
            "gpus_max": self.most_gpus,
        }


def largest(jobs: Sequence[Job]) -> Job:
    """Return a job that is as large as each of several in every respect: any mix of them fits where it fits."""
    return Job(
        max((job.cpu_m for job in jobs), default=0),
        max((job.memory_mib for job in jobs), default=0),
        max((job.gpus for job in jobs), default=0),
        max((job.most_gpus for job in jobs), default=0),
    )


def read_job(config: Any, path: str = "") -> Job:
    """Return what all pods of a config ask for together; a limit without a request is a request.

    Raises:
        CapacityError: a quantity that can't be read, with its path.
    """
    return _node(config, path, 1)


def _node(node: Any, path: str, times: int) -> Job:
    if isinstance(node, Mapping):
        times *= _times(node)
        found = [_pod(node, path, times)]
        found += [_node(value, _child(path, str(key)), times) for key, value in node.items()]
        return _sum(found)
    if isinstance(node, Sequence) and not isinstance(node, (str, bytes)):
        return _sum([_node(value, f"{path}[{place}]", times) for place, value in enumerate(node)])
    return Job(gpus=0)


def _times(node: Mapping[str, Any]) -> int:
    numbers = [node[key] for key in _TIMES if isinstance(node.get(key), int) and not isinstance(node[key], bool)]
    return max(numbers[0], 0) if numbers else 1


def _pod(node: Mapping[str, Any], path: str, times: int) -> Job:
    """Return what a pod's spec asks for: all containers at once, or the largest of those that run before them."""
    at_once = _sum(_containers(node, path, "containers"))
    before = largest(_containers(node, path, "initContainers"))
    need = largest([at_once, before])
    return Job(need.cpu_m * times, need.memory_mib * times, need.gpus * times)


def _containers(node: Mapping[str, Any], path: str, key: str) -> list[Job]:
    entries = node.get(key)
    if not isinstance(entries, Sequence) or isinstance(entries, (str, bytes)):
        return []
    where = _child(path, key)
    return [_container(entry, f"{where}[{place}]") for place, entry in enumerate(entries) if isinstance(entry, Mapping)]


def _container(entry: Mapping[str, Any], path: str) -> Job:
    resources = entry.get("resources")
    where = _child(path, "resources")

    def ask(name: str, read: Callable[[Any, str], int]) -> int:
        for kind in ("requests", "limits"):
            given = resources.get(kind) if isinstance(resources, Mapping) else None
            if isinstance(given, Mapping) and given.get(name) is not None:
                return read(given[name], f"{where}.{kind}.{name}")
        return 0

    return Job(ask("cpu", cpu_millis), ask("memory", memory_mib), ask(GPU, whole))


def _sum(jobs: Sequence[Job]) -> Job:
    return Job(sum(j.cpu_m for j in jobs), sum(j.memory_mib for j in jobs), sum(j.gpus for j in jobs))


def _child(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
