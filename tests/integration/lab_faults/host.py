# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host of these tests: its own inventory, the doctor's report on it, and the doctor's commands in it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.lab.conftest import LabHost
from tests.lab import engine, inventory

ROOT = Path(__file__).resolve().parents[3]
NAME = "faulthost"
# Other hosts' agents poll the lab's queue and would take its runs.
QUEUE = "faults-queue"
VARIABLES = {"launch_agent_queues": [{"name": QUEUE, "max_jobs": 1, "config": {"spec": {"template": {"spec": {
    "containers": [{"name": "job", "resources": {"limits": {"cpu": "1", "memory": "512Mi", "nvidia.com/gpu": 1}}}]
}}}}}]}  # fmt: skip
PATIENCE = 240.0  # seconds until what a command has started is there: a node, its GPUs, an agent


@dataclass(frozen=True)
class Report:
    """What the doctor wrote as JSON."""

    data: Mapping[str, Any] = field(repr=False)

    def of(self, check: str) -> list[dict[str, Any]]:
        """The findings with an id."""
        return [finding for finding in self.data["findings"] if finding["id"] == check]

    @property
    def errors(self) -> set[str]:
        """The ids of all findings that are errors."""
        return {finding["id"] for finding in self.data["findings"] if finding["severity"] == "error"}

    @property
    def well(self) -> bool:
        """Whether there is no error, and nothing that could not be observed."""
        return not self.errors and not self.data["unknown"] and not self.data["error"]

    def __str__(self) -> str:
        """The report in lines, for the message of a failure."""
        lines = [
            f"{one['severity']} {one['id']} {one['subject']}: {one['found']}; cause: {one['cause']}; fix: {one['fix']}"
            for one in self.data["findings"]
            if one["severity"] == "error"
        ]
        lines += [f"not observed: {one['fact']}: {one['reason']}" for one in self.data["unknown"]]
        lines += [f"no answer: {self.data['error']}"] if self.data["error"] else []
        return "\n".join(lines) or "no error, and everything was observed"


def write_inventory(place: Path) -> Path:
    """The lab's own inventory with this host alone, which has a queue of its own."""
    inventory.write(place, [NAME])
    (place / "host_vars").mkdir(exist_ok=True)
    (place / "host_vars" / f"{NAME}.json").write_text(json.dumps(VARIABLES), encoding="utf-8")
    return place


@dataclass(frozen=True)
class FaultHost(LabHost):
    """The host, its inventory, and the folder for the doctor's reports."""

    name: str = NAME
    inventory: Path = Path()
    reports: Path = Path()
    latest: list[Report] = field(default_factory=list)  # the last report, unless the host was changed since

    def playbook(self, name: str, *arguments: str, timeout: float = 1200) -> str:
        """Run a playbook of this checkout and return its output, which is shown when it fails."""
        self.latest.clear()
        command = ["ansible-playbook", f"playbooks/{name}.yml", "-i", str(self.inventory), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=timeout,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"},
        )  # fmt: skip
        assert done.returncode == 0, f"{name}.yml ended with {done.returncode}\n{done.stdout[-6000:]}{done.stderr}"
        return done.stdout

    def doctor(self) -> Report:
        """Run the doctor once."""
        self.playbook("doctor", "-e", json.dumps({"doctor_output": str(self.reports), "doctor_fail_on": "never"}))
        self.latest[:] = [Report(json.loads((self.reports / f"{NAME}.json").read_text(encoding="utf-8")))]
        return self.latest[0]

    def doctor_until(self, what: str, ready: Callable[[Report], bool], seconds: float = PATIENCE) -> Report:
        """Run the doctor until it says so: some commands return before what they start is there."""
        end = time.monotonic() + seconds
        while not ready(report := self.doctor()):
            assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s\n{report}"
            time.sleep(2)
        return report

    def mend(self, findings: Iterable[Mapping[str, Any]]) -> None:
        """Run exactly the commands of findings, as root, one after the other; each must end well."""
        self.latest.clear()
        for finding in findings:
            assert finding["commands"], f"the doctor has no commands for {finding['id']}: {finding['found']}"
            for command in finding["commands"]:
                line = engine.client(["exec", self.name, "sh", "-c", command])
                done = subprocess.run(
                    line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=900
                )
                said = f"{finding['id']}: {command}\nrc {done.returncode}\n{done.stdout}{done.stderr}"
                assert done.returncode == 0, said
