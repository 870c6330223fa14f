# SPDX-License-Identifier: GPL-3.0-or-later
"""gpu_info over the stand-in NVML library, loaded by ctypes as a driver's own would be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import config
from tests.lab.artifacts.driver import LIBRARIES, build_driver
from tests.lab.builder import Job

from .conftest import Played


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("driver")
    with (out / "log").open("w") as log:
        build_driver(Job(out, log, {}))
    return out / LIBRARIES / "libnvidia-ml.so.1"


def ask(play: Callable[..., Played], library: Path, **faults: str) -> Played:
    task = {"name": "Ask", "mlinfra.gpu_launch.gpu_info": {"nvml_library": str(library), "deadline": 5}}
    return play([{**task, "environment": {f"FAKE_NVML_{name}": value for name, value in faults.items()}}], "--check")


def test_four_gpus(play: Callable[..., Played], library: Path) -> None:
    found = ask(play, library)["Ask"]
    assert (found["state"], found["driver"], found["source"]) == ("ok", config.DRIVER, "ctypes")
    assert [gpu["index"] for gpu in found["gpus"]] == [0, 1, 2, 3]
    assert {gpu["name"] for gpu in found["gpus"]} == {config.GPU_NAME}
    assert {gpu["memory_total"] for gpu in found["gpus"]} == {config.GPU_MEMORY_MIB << 20}
    assert len({gpu["uuid"] for gpu in found["gpus"]}) == 4
    assert not found["changed"]


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        pytest.param({"INIT_ERROR": "9"}, "driver_not_loaded", id="driver not loaded"),
        pytest.param({"INIT_ERROR": "18"}, "version_mismatch", id="library of another version"),
        pytest.param({"COUNT": "0"}, "no_devices", id="no GPU"),
    ],
)
def test_a_driver_that_does_not_work_is_an_answer_and_no_failure(
    play: Callable[..., Played], library: Path, faults: dict[str, str], state: str
) -> None:
    played = ask(play, library, **faults)
    assert played.rc == 0, played.output
    assert (played["Ask"]["state"], played["Ask"]["gpus"]) == (state, [])


def test_a_driver_that_blocks_costs_eight_seconds(play: Callable[..., Played], library: Path, tmp_path: Path) -> None:
    """The default leaves two of the ten seconds for everything else."""
    endless = tmp_path / "settings"
    os.mkfifo(endless)  # the stand-in waits for somebody to write into it
    task = {"name": "Ask", "mlinfra.gpu_launch.gpu_info": {"nvml_library": str(library)}}
    found = play([{**task, "environment": {"FAKE_NVML_CONF": str(endless)}}])["Ask"]
    assert (found["state"], found["gpus"]) == ("timeout", [])
    assert found["error"] == "NVML: no answer within 8 s"


def test_no_library(play: Callable[..., Played], tmp_path: Path) -> None:
    assert ask(play, tmp_path / "libnvidia-ml.so.1")["Ask"]["state"] == "library_not_found"
