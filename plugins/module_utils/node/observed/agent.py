# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The Launch agent as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Optional

from ...lean_dataclass import dataclass
from .shared import FileSeen, Unit


@dataclass(frozen=True)
class AccountSeen:
    """The agent's account; exists is False where there is none of its name.

    Attributes:
        locked: it has no password that would open it.
    """

    exists: bool = False
    comment: str = ""
    home: str = ""
    shell: str = ""
    locked: bool = False


@dataclass(frozen=True)
class VenvSeen:
    """The agent's environment.

    Attributes:
        kind: absent, empty, own (with the role's marks) or strange.
        recorded: the ledger says that the role has begun to make it.
        parent: the folder above it is there.
        python: the interpreter that its bin/python leads to; empty where it leads nowhere.
        missing: packages of the agent that are not below it.
    """

    kind: str = "absent"
    recorded: bool = False
    parent: bool = False
    python: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContextSeen:
    """The kubeconfig that the agent's is made of, and whether the agent has its current context.

    Attributes:
        source: absent, idle (without a current context, which minikube takes out when it stops), unusable or good.
        reason: why it is unusable.
        same: the agent's own file has the same server, authority, credentials and namespace.
    """

    source: str = "absent"
    reason: str = ""
    same: bool = False


@dataclass(frozen=True)
class PollingSeen:
    """What the agent's own log of this start says.

    Attributes:
        running: seconds since the agent started.
        age: seconds since it last said that it polls; None when it has not said so since it started.
        error: its last words when they are an error: it has stopped polling then.
        halted: a signal has stopped its process.
    """

    running: float = 0.0
    age: Optional[float] = None
    error: str = ""
    halted: bool = False


@dataclass(frozen=True)
class FlawSeen:
    """Something in the config of a queue that the inputs do not describe: id and act of a check, and its words."""

    id: str
    act: str
    found: str
    fix: str = ""


@dataclass(frozen=True)
class QueueSeen:
    """A wanted queue as the server has it.

    Attributes:
        digest: hash of its config and variables.
        gpus: most GPUs that a run may ask for by the variable gpus, 0 where that is open.
    """

    resource: str = "kubernetes"
    digest: str = ""
    gpus: int = 0
    flaws: tuple[FlawSeen, ...] = ()


@dataclass(frozen=True)
class ServerSeen:
    """What the W&B server says to this key.

    Attributes:
        rejects: why it does not take the key; empty when it does.
        user: whose key it is.
        names: all queues of the entity.
        queues: those of them that are wanted.
    """

    rejects: str = ""
    user: str = ""
    names: tuple[str, ...] = ()
    queues: Mapping[str, QueueSeen] = field(default_factory=dict)


@dataclass(frozen=True)
class SecretSeen:
    """A Secret with a run's key whose run has no Job."""

    namespace: str
    name: str


@dataclass(frozen=True)
class WaitingSeen:
    """A Job whose pod does not start.

    Attributes:
        secret: name of the Secret with the run's key.
        reason: what the pod waits for, as its status says it.
        age: seconds since the pod was made.
        counted: those of them that speak against it; to wait for room is no fault.
    """

    namespace: str
    name: str
    secret: str
    reason: str = ""
    age: float = 0.0
    counted: float = 0.0


@dataclass(frozen=True)
class LeftoversSeen:
    """What runs have left in the namespaces of the agent and its queues."""

    secrets: tuple[SecretSeen, ...] = ()
    waiting: tuple[WaitingSeen, ...] = ()


@dataclass(frozen=True)
class AgentFacts:
    """The Launch agent's account, environment, files, unit, cluster, log and queues.

    Attributes:
        key: whether the file with the key holds the wanted one: absent, same or other.
        home_filled: something is in the home.
        python: version of the interpreter that the environment is made with, as its file's name has it.
        unknown_keys: top-level keys of the configuration file that the agent exits on.
        timers: the timers of what looks after it, by name.
        newer: files that are newer than the running agent, which has read older ones.
        refused_rights: what the cluster does not let the agent make, such as create jobs.batch in default.
    """

    account: Optional[AccountSeen] = None
    home_filled: Optional[bool] = None
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    key: Optional[str] = None
    packages: Optional[Mapping[str, str]] = None
    python: Optional[str] = None
    venv: Optional[VenvSeen] = None
    unknown_keys: Optional[tuple[str, ...]] = None
    context: Optional[ContextSeen] = None
    unit: Optional[Unit] = None
    timers: Mapping[str, Unit] = field(default_factory=dict)
    newer: Optional[tuple[str, ...]] = None
    polling: Optional[PollingSeen] = None
    server: Optional[ServerSeen] = None
    refused_rights: Optional[tuple[str, ...]] = None
    leftovers: Optional[LeftoversSeen] = None
