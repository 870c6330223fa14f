# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the Launch agent."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import field

from ...lean_dataclass import dataclass
from .shared import FileWanted, Wanted


@dataclass(frozen=True)
class QueueWanted:
    """A queue as the inputs have it.

    Attributes:
        has_config: the inputs say what the queue is made of; else it must be there, and is left as it is.
        digest: hash of its config and variables; empty when they can't be read.
        gpus: most GPUs that a run may ask for by the variable gpus, 0 where that is open.
        resource: what the agent makes of it, as in jobs.batch; empty when that is not known.
        namespace: where it makes it; empty means that of the agent's kubeconfig.
    """

    name: str
    has_config: bool = False
    digest: str = ""
    gpus: int = 0
    resource: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class ProblemWanted:
    """Something that was found wrong in the inputs while they were read: id and act of a check, and its words."""

    id: str
    act: str
    subject: str
    found: str
    fix: str = ""


@dataclass(frozen=True)
class AgentWanted(Wanted):
    """The agent's inputs; of the key only its length is ever handed over.

    Attributes:
        max_jobs: runs at once over all queues; -1 is without limit, 0 not known.
        problems: what reading the inputs has found.
        comment: by it an account is known as the role's own.
        units: hashes of the unit's text: by_credential where systemd hands the key over, by_file where it does not.
        timers: what looks after the agent now and then, by the name of its timer; where False, none may be there.
        timer_units: hashes of the texts of their units, by name; empty where none may be there.
        tools: hashes of the role's programs, by path.
        cleanup: the role removes Secrets that runs have left.
        stuck_seconds: age at which it removes a Job whose pod does not start; 0 is never.
        release: a Secret with this at the end of its name serves all runs, and stays.
        config: hash of the configuration file.
        pins: release of wandb that the requirements pin, empty where that is the user's business.
        requirements: what the environment's marker says when it is complete.
        source: kubeconfig whose current context the agent gets.
    """

    entity: str = ""
    api_key_length: int = 0
    base_url: str = ""
    ca_path: str = ""
    proxy: Mapping[str, str] = field(default_factory=dict)
    index_url: str = ""
    queues: tuple[QueueWanted, ...] = ()
    problems: tuple[ProblemWanted, ...] = ()
    max_jobs: int = 0
    version: str = "0.31.0"
    user: str = "wandb-launch"
    comment: str = "W&B Launch agent"
    home: str = "/var/lib/wandb-launch"
    unit: str = "wandb-launch-agent.service"
    units: Mapping[str, str] = field(default_factory=dict)
    timers: Mapping[str, bool] = field(default_factory=dict)
    timer_units: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    cleanup: bool = True
    stuck_seconds: float = 86400.0
    release: str = ""
    netrc: str = "/etc/mlinfra.gpu_launch/launch_agent/netrc"
    config_path: str = "/var/lib/wandb-launch/launch-config.yaml"
    config: str = ""
    source: str = "/var/lib/minikube-gpu/.kube/config"
    namespace: str = "default"
    packages: tuple[str, ...] = ("python3-venv",)
    python: str = "/usr/bin/python3"
    venv: str = "/opt/mlinfra.gpu_launch/launch-agent"
    pins: str = ""
    requirements: str = ""

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return (self.unit, *self.timers)

    @property
    def unit_path(self) -> str:
        """Where the unit's file is."""
        return f"/etc/systemd/system/{self.unit}"

    @property
    def kubeconfig(self) -> str:
        """Where the agent looks for its cluster."""
        return posixpath.join(self.home, ".kube", "config")

    @property
    def marker(self) -> str:
        """The file that says which packages the environment has."""
        return posixpath.join(self.venv, "requirements.sha256")

    def files(self) -> dict[str, FileWanted]:
        """Return what should be at each path that the role writes; the key's file is compared by its words, too."""
        folder = posixpath.dirname(self.netrc)
        marker = hashlib.sha256(f"{self.requirements}\n".encode()).hexdigest() if self.requirements else ""
        units = _known(*self.units.values())
        return {
            posixpath.dirname(folder): FileWanted("directory", mode="0755", owner="root", group="root"),
            folder: FileWanted("directory", mode="0711", owner="root", group="root"),
            self.netrc: FileWanted(mode="0600", group="root"),
            self.config_path: FileWanted(sha256=_known(self.config), mode="0640", owner="root", group=self.user),
            self.unit_path: FileWanted(sha256=units, mode="0644", owner="root", group="root"),
            self.marker: FileWanted(sha256=_known(marker), mode="0644", owner="root", group="root"),
            self.home: FileWanted("directory", mode="0700", owner=self.user, group=self.user),
            posixpath.dirname(self.kubeconfig): FileWanted("directory", mode="0700", owner=self.user, group=self.user),
            self.kubeconfig: FileWanted(mode="0600", owner=self.user, group=self.user),
            **self._programs(),
        }

    def _programs(self) -> dict[str, FileWanted]:
        wanted = {path: _owned(digest) for path, digest in self.tools.items()}
        for folder in {posixpath.dirname(path) for path in self.tools}:
            wanted[folder] = FileWanted("directory", mode="0755", owner="root", group="root")
        for name, digest in self.timer_units.items():
            path = posixpath.join(posixpath.dirname(self.unit_path), name)
            wanted[path] = _owned(digest) if digest else FileWanted("absent")
        return wanted


def _owned(digest: str) -> FileWanted:
    return FileWanted(sha256=_known(digest), mode="0644", owner="root", group="root")


def _known(*hashes: str) -> tuple[str, ...]:
    return tuple(value for value in hashes if value)
