# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROLES = ("docker", "nvidia_ctk", "minikube_gpu", "nfs_server", "launch_agent")
PLAYS = "benchmarks/playbooks"
VARIABLES = "@VARIABLES@"  # stands for the file of variables that state.py gives

OURS = "This collection, nothing to do"
ALONE = "One role of it, used alone"
PEERS = "Others, nothing to do"
MODULES = "One module"
HOSTS = "Several names of one lab host"
GROUPS = (MODULES, OURS, ALONE, PEERS, HOSTS)


@dataclass(frozen=True)
class Case:
    """One command line, the state before it, and whether it is meant to end well."""

    key: str
    title: str
    group: str
    arguments: tuple[str, ...] = ()
    program: str = "ansible-playbook"
    rehearsal: tuple[str, ...] = ()  # added to the first run of a peer, so that it can't change the lab host
    names: int = 1
    fresh: bool = False  # without an open connection
    refusal: str = ""  # what a run says that is meant to fail; others are meant to succeed


def _alone(role: str) -> Case:
    arguments = (f"{PLAYS}/role.yml", "-e", f"benchmark_role=mlinfra.gpu_launch.{role}")
    return Case(f"role_{role}", role, ALONE, arguments)


CASES = (
    Case("empty", "empty playbook", MODULES, (f"{PLAYS}/empty.yml",)),
    Case("ping", "ansible.builtin.ping", MODULES, (f"{PLAYS}/ping.yml",)),
    Case("gpu_info", "gpu_info", MODULES, (f"{PLAYS}/gpu_info.yml",)),
    Case("specs_0", "launch_job_spec, no run", MODULES, (f"{PLAYS}/specs.yml", "-e", "benchmark_specs=0")),
    Case("specs_1000", "launch_job_spec, 1,000 runs", MODULES, (f"{PLAYS}/specs.yml",)),
    Case("site", "site.yml", OURS, ("site.yml",)),
    Case("site_fresh", "site.yml, connection not open yet", OURS, ("site.yml",), fresh=True),
    Case("check", "site.yml --check", OURS, ("site.yml", "--check")),
    Case("refused", "site.yml, refused", OURS, ("site.yml", "-e", "minikube_gpu_memory_mib=9000000"),
         refusal="nothing was changed"),
    *(_alone(role) for role in ROLES),
    Case("geerlingguy", "geerlingguy.docker alone", PEERS,
         (f"{PLAYS}/geerlingguy.yml", "-e", "@benchmarks/vars/geerlingguy.yml"), rehearsal=("--check",)),
    Case("pyinfra", "pyinfra, same as site.yml", PEERS, ("benchmarks/pyinfra_deploy.py",),
         program="pyinfra", rehearsal=("--dry",)),
    Case("naive", "40 ordinary tasks, same state", PEERS, (f"{PLAYS}/naive.yml", "-e", f"@{VARIABLES}"),
         rehearsal=("--check",)),
    Case("site_4", "site.yml, 4 names", HOSTS, ("site.yml",), names=4),
    Case("site_16", "site.yml, 16 names", HOSTS, ("site.yml",), names=16),
)  # fmt: skip


def select(keys: Sequence[str]) -> tuple[Case, ...]:
    """The named cases and the empty playbook, without which the others say nothing; all, when none is named.

    Raises:
        ValueError: no case of that name.
    """
    unknown = set(keys) - {case.key for case in CASES}
    if unknown:
        raise ValueError(f"no case {', '.join(sorted(unknown))}; there are {', '.join(case.key for case in CASES)}")
    return tuple(case for case in CASES if not keys or case.key in keys or case.key == "empty")


def order(cases: Sequence[Case], number: int) -> list[Case]:
    """The order of a round: it begins elsewhere each time, and every other round goes backwards.

    What runs before and after a case differs from round to round, so none always runs on a machine that has just
    been busy.
    """
    start = number * 5 % len(cases)
    turned = [*cases[start:], *cases[:start]]
    return turned[::-1] if number % 2 else turned
