# SPDX-License-Identifier: GPL-3.0-or-later
"""A host keeps the GPUs it was made with: `up` refuses others instead of ignoring them."""

from __future__ import annotations

import pytest

from tests.lab import config, engine, hosts
from tests.lab.processes import LabError


def host(gpus=2, nvml=None, label=True):
    text = hosts._gpu_label(gpus, nvml or {}) if label else ""
    return hosts.Host("mine", "bookworm", "image", "running", "", "", text)


P4 = {"name": "Tesla P4"}


@pytest.mark.parametrize(
    ("found", "gpus", "nvml"),
    [
        pytest.param(host(2), 2, {}, id="the-same"),
        pytest.param(host(2), None, {}, id="not-said"),
        pytest.param(host(4, P4), 4, {}, id="settings-not-said"),
        pytest.param(host(4, P4), None, P4, id="the-same-settings"),
        pytest.param(host(label=False), 1, P4, id="made-before-hosts-carried-a-label"),
    ],
)
def test_accepted(found, gpus, nvml):
    hosts._refuse_other(found, "bookworm", gpus, nvml)


@pytest.mark.parametrize(
    ("found", "suite", "gpus", "nvml", "message"),
    [
        pytest.param(host(2), "bookworm", 4, {}, "exists with 2 GPUs", id="another-count"),
        pytest.param(host(4), "bookworm", None, P4, "NVML settings of the lab", id="settings-for-a-plain-host"),
        pytest.param(host(4, P4), "bookworm", None, {"name": "A100"}, "Tesla P4", id="other-settings"),
        pytest.param(host(4), "trixie", None, {}, "exists with suite bookworm", id="another-release"),
    ],
)
def test_refused(found, suite, gpus, nvml, message):
    with pytest.raises(LabError, match=f"{message}.*: run `down mine` first"):
        hosts._refuse_other(found, suite, gpus, nvml)


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """What the engine is asked; `cp` fails."""
    seen = []

    def docker(*arguments, check=True):
        seen.append(arguments)
        if arguments[0] == "cp":
            raise LabError("no space")

    monkeypatch.setattr(config, "RUN_DIR", tmp_path)
    monkeypatch.setattr(engine, "docker", docker)
    return seen


def test_a_host_whose_gpus_can_not_be_set_does_not_stay(calls):
    with pytest.raises(LabError, match="no space"):
        hosts._make("mine", "bookworm", "image", 2, {})
    assert [call[0] for call in calls] == ["create", "cp", "rm"]
    assert calls[-1][-1] == "mine"


def test_a_host_carries_what_it_was_made_with(calls):
    hosts._make("mine", "bookworm", "image", 4, {})
    assert '--label=mlinfra.gpu-launch.lab.gpus={"gpus": 4, "nvml": {}}' in calls[0]
