# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded runs of minikube, and a runner that replays them."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[4] / "fixtures" / "minikube"


@dataclass
class Outcome:
    rc: int = 0
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False


def recording(name):
    data = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return Outcome(data["rc"], data["stdout"], data["stderr"])


@dataclass
class Mark:
    there: bool = False
    left: object = None

    def exists(self):
        return self.there

    def write(self):
        self.there, self.left = True, None

    def note(self, container):
        self.left = container

    def noted(self):
        return self.left

    def remove(self):
        self.there, self.left = False, None


@dataclass
class Replay:
    """A machine: answers by the first words of a command; `after` replaces answers once a command has run."""

    answers: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)

    def run(self, argv, timeout):
        words = " ".join(argv).replace("/usr/local/bin/", "")
        self.calls.append(words)
        found = max((key for key in self.answers if words.startswith(key)), key=len, default=None)
        answer = self.answers[found] if found is not None else Outcome()
        for key, changes in self.after.items():
            if words.startswith(key):
                self.answers.update(changes)
        return answer

    def writes(self):
        """The commands that change something."""
        reads = ("minikube profile list", "minikube status", "docker inspect", "docker exec")
        return [words for words in self.calls if not words.startswith(reads)]


NO_NODE = Outcome(1, "[]\n", "Error: No such container: minikube")
ABSENT = {"minikube profile list": recording("profile-list-none-json"), "docker inspect": NO_NODE}
HEALTHY = {
    "minikube profile list": recording("role-profile-list"),
    "docker inspect": recording("docker-inspect-gpu"),
    "minikube status": recording("gpu-ok-status-o-json"),
    "docker exec minikube /bin/sh -c": Outcome(
        0, '{"items": [{"metadata": {"name": "minikube"}, "status": {"allocatable": {"nvidia.com/gpu": "4"}}}]}'
    ),
}
STOPPED = {**HEALTHY, "minikube status": recording("k1-stopped-status-json")}
