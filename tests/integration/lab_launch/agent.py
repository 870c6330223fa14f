# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent of the lab host, asked from outside: systemd, its journal, the cluster and the W&B server."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration.lab.conftest import LabHost, wait_for
from tests.lab import config, processes, services

UNIT = "wandb-launch-agent.service"
HEALTH = "wandb-launch-agent-health"
NETRC = "/etc/mlinfra.gpu_launch/launch_agent/netrc"
SETTINGS = "/var/lib/wandb-launch/launch-config.yaml"
LOST = 90.0  # seconds in which an agent that has lost its server must be caught
BACK = (
    150.0  # until one polls: RestartSec, what was left in the group, a start that waits 24 s for a server, RestartSec
)
RUN = "wandb.ai/run-id"
MADE = "wandb.ai/created-by=launch-agent"


@dataclass(frozen=True)
class Agent:
    """The unit on a lab host."""

    host: LabHost

    def show(self, name: str) -> str:
        """A property of the unit."""
        return self.host.sh(f"systemctl show --property={name} --value {UNIT}")

    @property
    def pid(self) -> int:
        """Its main process; 0 while none runs."""
        return int(self.show("MainPID"))

    def said(self, since: float, options: str = f"-u {UNIT}") -> str:
        """What the journal has of it since then."""
        return self.host.sh(f"journalctl --no-pager -q -o cat {options} --since @{since:.0f}", check=False)

    def polls(self) -> bool:
        """Whether the process that runs now has said that it polls, and nothing worse after that."""
        lines = self.said(0, f"_PID={self.pid}").splitlines() if self.pid else []
        words = [
            line for line in lines if "polling on queues" in line or "out of a maximum" in line or "Error:" in line
        ]
        return bool(words) and "Error:" not in words[-1]

    def wait_until_it_polls(self, seconds: float = BACK) -> None:
        wait_for("an agent that polls", self.polls, seconds)

    def jobs(self) -> list[dict[str, Any]]:
        """The Jobs of runs in the cluster."""
        found: list[dict[str, Any]] = json.loads(self.host.kubectl(f"get jobs -A -l {RUN} -o json"))["items"]
        return found

    def jobs_of(self, run: str) -> list[str]:
        """The names of a run's Jobs."""
        return [job["metadata"]["name"] for job in self.jobs() if job["metadata"]["labels"][RUN] == run]

    def pods(self) -> list[dict[str, Any]]:
        """The pods of runs."""
        found: list[dict[str, Any]] = json.loads(self.host.kubectl("get pods -A -l wandb.ai/monitor=true -o json"))[
            "items"
        ]
        return found

    def runs(self) -> bool:
        """Whether a pod of a run runs."""
        return any(pod["status"]["phase"] == "Running" for pod in self.pods())

    def secrets(self) -> list[str]:
        """The names of the Secrets that agents have made."""
        return self.host.kubectl(f"get secrets -A -l {MADE} -o name").split()

    def wait_until_no_job_is_left(self, seconds: float = 240) -> None:
        """Kubernetes removes a Job a minute after its end."""
        wait_for("a cluster without Jobs of runs", lambda: not self.jobs(), seconds)

    def strays(self, pid: int) -> str:
        """What an agent that had this process has left running."""
        return self.host.sh(f"pgrep -af -- 'wandb-core .*--pid {pid}( |$)'", check=False)


def server() -> dict[str, Any]:
    """All that the W&B server knows."""
    with urllib.request.urlopen(f"{config.WANDB_URL}/_control/state", timeout=10) as answer:
        known: dict[str, Any] = json.load(answer)
    return known


def state_of(run: object) -> str:
    """The state of a run by its own report."""
    return next((str(one["state"]) for key, one in server()["runs"].items() if key.endswith(f"/{run}")), "unknown")


def items_of(run: object) -> list[dict[str, Any]]:
    """The items of queues that ask for a run: more than one would be a run that is submitted twice."""
    return [item for item in server()["items"].values() if item.get("runName") == run]


@contextmanager
def server_down() -> Iterator[float]:
    """Without the W&B server; its state is kept, and it comes back whatever happens. Gives the time it went."""
    assert processes.stop("wandb", patience=5), "the W&B server did not run"
    try:
        yield time.time()
    finally:
        services.start(say=lambda text: None)
