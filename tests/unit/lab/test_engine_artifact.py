# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's packages: lists are refreshed first, and a machine without them is told what is wrong."""

from __future__ import annotations

import subprocess

import pytest

from tests.lab.artifacts import engine

KNOWN = "docker.io:\n  Installed: (none)\n  Candidate: 20.10.24+dfsg1-1+b3\n"
UNKNOWN = "docker-cli:\n  Installed: (none)\n  Candidate: (none)\n"


class FakeJob:
    """apt of a machine that knows some packages; optionally its update fails."""

    def __init__(self, known, broken=False):
        self.known, self.broken, self.calls = known, broken, []

    def say(self, text):
        self.calls.append(text)

    def run(self, *command):
        self.calls.append(" ".join(command[:2]))
        if self.broken:
            raise subprocess.CalledProcessError(100, command)

    def read(self, *command):
        self.calls.append(" ".join(command[:2]))
        if command[0] == "apt-get":
            return "Inst libltdl7 (2.4.7)\nInst docker.io (20.10)\n"
        return KNOWN if command[-1] in self.known else UNKNOWN


@pytest.mark.parametrize("broken", [False, True], ids=["update-works", "one-source-is-broken"])
def test_lists_are_refreshed_before_anything_is_asked(broken):
    job = FakeJob({"docker.io", "runc"}, broken)
    assert engine.known_packages(job) == ["docker.io", "libltdl7", "runc"]
    assert job.calls[0] == "apt-get update"


def test_a_machine_without_the_package_says_what_to_do():
    with pytest.raises(RuntimeError, match="enable universe on Ubuntu"):
        engine.known_packages(FakeJob(set()))
