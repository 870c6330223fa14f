# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: what a newcomer watches.

It builds the lab, converges a lab host with the unmodified site.yml, sends a run through the queue, and shows what came
of it. Every value in the closing table is read from the running system.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import artifacts, config, hosts, ownership, report

HOST = "labhost"
GPUS = 2
IMAGE = f"{config.REGISTRY}/{config.JOB_IMAGE}"


@dataclass
class Demo:
    """Times of the stages, facts of the host and the run."""

    stages: list[tuple[str, float]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    run: dict[str, object] = field(default_factory=dict)

    def stage(self, name: str, action: Callable[[], object]) -> None:
        """Run one stage, print its name before and its time after."""
        print(f"\n=== {name}", flush=True)
        begin = time.monotonic()
        action()
        seconds = time.monotonic() - begin
        self.stages.append((name, seconds))
        print(f"--- {name}: {report.duration(seconds)}", flush=True)


def folder() -> Path:
    """Where the demo leaves its page and its log."""
    path = config.cache_dir() / "demo"
    path.mkdir(parents=True, exist_ok=True)
    return path


def main(suite: str = "bookworm") -> int:
    """Run the whole demo; returns the exit status."""
    demo = Demo()
    ownership.check()
    demo.stage("Build the lab's artifacts", lambda: artifacts.build([]))
    demo.stage(f"Start the lab host {HOST}", lambda: hosts.up(HOST, suite))
    demo.stage("ansible-playbook site.yml", lambda: _playbook("site.yml"))
    demo.stage(f"Submit a run with gpus={GPUS}", lambda: _submit(demo))
    demo.facts = _facts()
    problems = _problems(demo)
    page = report.write(folder(), demo.stages, demo.facts, demo.run, problems)
    print(report.table(demo.stages, demo.facts, demo.run, page))
    for problem in problems:
        print(f"demo: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _playbook(name: str, **extra: object) -> None:
    command = ["ansible-playbook", name, "-i", str(config.inventory_dir())]
    if extra:
        command += ["-e", json.dumps(extra)]
    environment = dict(os.environ)
    if sys.stdout.isatty():
        environment.setdefault("ANSIBLE_FORCE_COLOR", "1")
    print(f"$ ansible-playbook {name} -i {config.inventory_dir()}", flush=True)
    done = subprocess.run(command, cwd=config.REPOSITORY, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        left = f"the host is still there: python3 -m tests.lab shell {HOST}"
        raise SystemExit(f"demo: {name} ended with status {done.returncode}; {left}")


def _submit(demo: Demo) -> None:
    result = folder() / "runs.json"
    result.unlink(missing_ok=True)
    _playbook("playbooks/submit.yml", submit_image=IMAGE, submit_values={"gpus": GPUS}, submit_result_file=str(result))
    (demo.run,) = json.loads(result.read_text(encoding="utf-8"))


COMMANDS = (
    ("Host", ". /etc/os-release && echo $PRETTY_NAME"),
    ("Docker", "docker version -f '{{.Server.Version}}'"),
    ("NVIDIA Container Toolkit", "nvidia-ctk --version | sed -n '1s/.* //p'"),
    ("minikube", "minikube version --short"),
    ("Kubernetes", "{k} get nodes -o jsonpath='{{.items[0].status.nodeInfo.kubeletVersion}}'"),
    (
        "GPUs on the host",
        r"nvidia-smi -L | sed -E 's/^GPU [0-9]+: (.*) \(UUID.*/\1/' | sort | uniq -c | sed -E 's/ *([0-9]+) /\1 x /'",
    ),
    ("GPUs allocatable", "{k} get nodes -o jsonpath='{{.items[0].status.allocatable.nvidia\\.com/gpu}}'"),
    ("Claim on the shared cache", "{k} get pvc nfs-pvc -o jsonpath='{{.status.phase}}, {{.status.capacity.storage}}'"),
    ("Launch agent", "systemctl is-active wandb-launch-agent.service"),
)


def _facts() -> list[tuple[str, str]]:
    kubectl = "kubectl --kubeconfig /var/lib/minikube-gpu/.kube/config"
    facts = []
    for name, command in COMMANDS:
        script = command.format(k=kubectl) if "{k}" in command else command
        done = hosts.execute(HOST, ["bash", "-c", script])
        facts.append((name, done.stdout.strip() or f"no answer ({done.stderr.strip()[-120:]})"))
    return facts


def _problems(demo: Demo) -> list[str]:
    """What the demo promised and did not see."""
    gpus = demo.run.get("gpus")
    found = []
    if demo.run.get("state") != "finished":
        found.append(f"the run ended {demo.run.get('state')!r}, not 'finished'")
    if not isinstance(gpus, list) or len(set(gpus)) != GPUS:
        found.append(f"the pod's log names {gpus!r}, not {GPUS} distinct GPUs")
    return found
