# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host that `make demo` leaves behind, as fixtures: these tests ask the running system and nothing else.

They need root and a lab host that has been converged once (`python3 -m tests.lab demo`). Without one they fail and
say so: a skipped system test would look like a passed one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.lab import config, engine

ROOT = Path(__file__).resolve().parents[3]
HOST = "labhost"
IMAGE = f"{config.REGISTRY}/{config.JOB_IMAGE}"
KUBECONFIG = "/var/lib/minikube-gpu/.kube/config"
RECAP = re.compile(
    r"^(?P<host>\S+)\s+: ok=\d+\s+changed=(?P<changed>\d+)\s+unreachable=(?P<unreachable>\d+)\s+failed=(?P<failed>\d+)",
    re.M,
)


class Secret(str):
    """A text that pytest can't show: a failing test prints the arguments of its functions."""

    def __repr__(self) -> str:
        return "<secret>"


@dataclass(frozen=True)
class Run:
    """One ansible-playbook run: exit status, all output, seconds."""

    rc: int
    output: str = field(repr=False)
    seconds: float
    changed: dict[str, int] = field(default_factory=dict)
    modules: dict[str, dict[str, int]] = field(default_factory=dict)  # role: {module: how often it reached the host}

    @property
    def looks(self) -> int:
        """How often the host was reached."""
        return sum(sum(counts.values()) for counts in self.modules.values())


@dataclass(frozen=True)
class LabHost:
    """The converged host, asked through the lab's own engine."""

    name: str = HOST

    def sh(self, script: str, *, check: bool = True, timeout: float = 120, stdin: str | None = None) -> str:
        """Run a shell script in the host and return its output; secrets go by `stdin`, which is in no argument."""
        line = ["exec", *(["--interactive"] if stdin is not None else []), self.name]
        command = engine.client([*line, "bash", "-euo", "pipefail", "-c", script])
        done = subprocess.run(
            command, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, text=True,
            errors="replace", timeout=timeout, check=False,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"{script}\nrc {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def kubectl(self, arguments: str, *, check: bool = True, stdin: str | None = None) -> str:
        """Ask the cluster as its owner."""
        return self.sh(f"kubectl --kubeconfig {KUBECONFIG} {arguments}", check=check, stdin=stdin)

    def allocatable(self) -> str:
        """GPUs that the node offers to pods, as the API writes it."""
        return self.kubectl(r"get nodes -o jsonpath='{.items[0].status.allocatable.nvidia\.com/gpu}'", check=False)

    def started(self) -> dict[str, str]:
        """When the engine, the node and the agent last started: equal values mean that nothing was restarted."""
        unit = "systemctl show -p ActiveEnterTimestampMonotonic --value"
        return {
            "docker": self.sh(f"{unit} docker.service"),
            "node": self.sh("docker inspect -f '{{.State.StartedAt}}' minikube"),
            "agent": self.sh(f"{unit} wandb-launch-agent.service"),
        }


def changed(output: str) -> dict[str, int]:
    """How many tasks changed something, by host, from the recap of a run."""
    return {found["host"]: int(found["changed"]) for found in RECAP.finditer(output)}


@pytest.fixture(scope="session")
def host() -> LabHost:
    """The running lab host; fails with the command to run when there is none."""
    lab = LabHost()
    found = lab.sh("systemctl is-active wandb-launch-agent.service", check=False)
    assert found == "active", f"no converged lab host (agent: {found or 'no answer'}): run `make demo` first"
    return lab


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run a playbook of this checkout against the lab inventory, and count what reaches the host."""

    def run(playbook: str, *arguments: str, extra: dict[str, object] | None = None, timeout: float = 900) -> Run:
        command = ["ansible-playbook", playbook, "-i", str(config.inventory_dir()), *arguments]
        if extra:
            command += ["-e", json.dumps(extra)]
        counts = tmp_path_factory.mktemp("run") / "modules.json"
        counting = {
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "benchmarks/callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "remote_modules",
            "REMOTE_MODULES_FILE": str(counts),
        }
        begin = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", **counting},
        )
        output = done.stdout + done.stderr
        modules = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else {}
        return Run(done.returncode, output, time.monotonic() - begin, changed(output), modules)

    return run


@pytest.fixture(scope="session")
def submit(
    play: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., list[dict[str, object]]]:
    """Submit runs through the queue and return what became of each."""

    def run(**inputs: object) -> list[dict[str, object]]:
        result = tmp_path_factory.mktemp("submit") / "runs.json"
        extra = {f"submit_{name}": value for name, value in inputs.items()}
        extra |= {"submit_image": IMAGE, "submit_result_file": str(result)}
        done = play("playbooks/submit.yml", extra=extra)
        assert done.rc == 0, done.output
        runs: list[dict[str, object]] = json.loads(result.read_text(encoding="utf-8"))
        return runs

    return run


def wait_for(what: str, ready: Callable[[], bool], seconds: float) -> float:
    """Poll until `ready`; returns the seconds it took, fails with `what` when it never was."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if ready():
            return time.monotonic() - begin
        time.sleep(1)
    pytest.fail(f"{what}: not within {seconds:.0f} s")
