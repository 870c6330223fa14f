# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab per machine: who owns it, and how others are kept out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import config, hosts, leftovers, ownership
from tests.lab.processes import LabError

LIVES = [(1, "dockerd")]


@pytest.fixture
def run_dir(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "RUN_DIR", tmp_path / "run")
    monkeypatch.setattr(config, "cache_dir", lambda: Path("/cache/ours"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path / "run"


def state(run_dir, monkeypatch, owner, running):
    monkeypatch.setattr(leftovers, "lab_processes", lambda: iter(running))
    if owner:
        run_dir.mkdir()
        (run_dir / "owner").write_text(f"{owner}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("owner", "running", "after"),
    [
        pytest.param(None, [], "/cache/ours", id="the-first-start"),
        pytest.param("/cache/ours", LIVES, "/cache/ours", id="our-own-lab-runs"),
        pytest.param("/cache/other", [], "/cache/ours", id="the-other-lab-is-gone"),
        pytest.param(None, LIVES, None, id="a-lab-from-before-the-record"),
    ],
)
def test_who_owns_the_lab(run_dir, monkeypatch, owner, running, after):
    state(run_dir, monkeypatch, owner, running)
    ownership.take()
    record = ownership.record_path()
    assert (record.read_text(encoding="utf-8").strip() if record.exists() else None) == after


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(ownership.take, id="take"),
        pytest.param(lambda: hosts.up("mine", build=False), id="up"),
        pytest.param(lambda: hosts.down("mine"), id="down"),
        pytest.param(hosts.down_all, id="down-all"),
    ],
)
def test_a_running_lab_of_another_cache_is_left_alone(run_dir, monkeypatch, action):
    state(run_dir, monkeypatch, "/cache/other", LIVES)
    with pytest.raises(LabError, match=r"GPU_LAUNCH_LAB_CACHE=/cache/other python3 -m tests\.lab down --all"):
        action()
    assert ownership.record_path().read_text(encoding="utf-8") == "/cache/other\n"


def test_without_root_there_is_one_clear_message(run_dir, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="needs root"), ownership.lock():
        pytest.fail("not reached")


@pytest.mark.parametrize("stays", [True, False], ids=["lab-stays", "lab-is-gone"])
def test_the_lock_goes_with_the_run_folder(run_dir, stays):
    if stays:
        run_dir.mkdir()
    with ownership.lock():
        assert ownership.lock_path().exists()
    assert ownership.lock_path().exists() is stays


COUNT = """
import os, sys, time
from pathlib import Path
from tests.lab import config, ownership
os.geteuid = lambda: 0
config.RUN_DIR, log = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(20):
    with ownership.lock():
        with log.open("a") as out: out.write("in\\n")
        time.sleep(0.001)
        with log.open("a") as out: out.write("out\\n")
"""


def test_two_never_hold_it_although_the_file_goes_each_time(tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, "-c", COUNT, str(tmp_path / "run"), str(log)]
    children = [subprocess.Popen(command, cwd=config.REPOSITORY) for _ in range(2)]
    assert [child.wait(30) for child in children] == [0, 0]
    assert log.read_text(encoding="utf-8").split() == ["in", "out"] * 40
