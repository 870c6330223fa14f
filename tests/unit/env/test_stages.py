# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.env import stages
from tests.env.stages import Outcome, Stage

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def make(monkeypatch):
    """Replace make by a table of targets that fail; return the targets that ran."""
    ran = []

    def install(*broken):
        for way in ("make", "make_quietly"):
            monkeypatch.setattr(stages, way, lambda name: ran.append(name) or name not in broken)
        return ran

    return install


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        pytest.param("lint:3", Stage("lint", 3.0), id="minutes"),
        pytest.param("lab:0.5", Stage("lab", 0.5), id="half-a-minute"),
        pytest.param("docs", Stage("docs", 5.0), id="default"),
    ],
)
def test_parse(text, stage):
    assert Stage.parse(text) == stage


def test_all_pass(make, capsys):
    ran = make()
    assert stages.main(["lint:1", "unit:1"]) == 0
    assert ran == ["lint", "unit"]
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed"


def test_a_failure_counts_and_the_others_still_run(make, capsys):
    ran = make("lint")
    assert stages.main(["lint:1", "unit:1"]) == 1
    assert ran == ["lint", "unit"]
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"


def test_what_needs_a_failed_stage_is_not_run(make, capsys):
    ran = make("lab")
    assert stages.main(["lab:1", "molecule:1", "unit:1"]) == 1
    assert ran == ["lab", "unit"]
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 2 failed"


def test_without_setup_nothing_runs(make):
    ran = make("setup")
    assert stages.main(["setup:1", "lint:1", "unit:1"]) == 1
    assert ran == ["setup"]


def test_lanes_run_side_by_side(monkeypatch, capsys):
    both = threading.Barrier(2, timeout=10)
    monkeypatch.setattr(stages, "make", lambda name: name == "setup" or both.wait() >= 0)
    monkeypatch.setattr(stages, "make_quietly", lambda name: both.wait() >= 0)
    assert stages.main(["setup:1", "==", "lab:4", "--", "lint:2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed"


@pytest.mark.parametrize("built", [pytest.param(True, id="built"), pytest.param(False, id="not-built")])
def test_a_stage_waits_for_what_it_needs_in_another_lane(monkeypatch, built):
    ran, others = [], threading.Event()

    def loudly(name):
        if name == "lab":
            assert others.wait(10)  # static stages need no lab
        ran.append(name)
        return name != "lab" or built

    monkeypatch.setattr(stages, "make", loudly)
    monkeypatch.setattr(stages, "make_quietly", lambda name: ran.append(name) or name != "lint" or others.set() is None)
    assert stages.main(["setup:1", "==", "lab:1", "--", "molecule:1", "--", "lint:1"]) == (0 if built else 1)
    assert ran == ["setup", "lint", "lab", *(["molecule"] if built else [])]


def test_what_stands_behind_the_lanes_runs_alone_and_whatever_became_of_them(make):
    ran = make("molecule", "lint")
    assert stages.main(["setup:1", "==", "lab:1", "molecule:1", "--", "lint:1", "==", "lifecycle:1"]) == 1
    assert ran[0] == "setup"
    assert ran[-1] == "lifecycle"
    assert sorted(ran[1:-1]) == ["lab", "lint", "molecule"]


def test_a_failed_setup_leaves_the_lanes_out(make):
    ran = make("setup")
    assert stages.main(["setup:1", "==", "lab:1", "--", "lint:1", "==", "lifecycle:1"]) == 1
    assert ran == ["setup"]


def test_a_lane_that_fails_does_not_stop_the_others(make):
    ran = make("lab")
    assert stages.main(["setup:1", "==", "lab:1", "molecule:1", "--", "lint:1"]) == 1
    assert sorted(ran) == ["lab", "lint", "setup"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["system:1", "lab:1"], id="same-lane"),
        pytest.param(["system:1", "==", "lab:1"], id="later-group"),
        pytest.param(["lint:1", "==", "setup:1"], id="setup-is-not-first"),
    ],
)
def test_a_stage_that_would_wait_for_ever_is_refused(make, arguments):
    ran = make()
    with pytest.raises(SystemExit, match="needs a later stage"):
        stages.main(arguments)
    assert ran == []


@pytest.mark.parametrize(
    ("line", "budget"),
    [
        pytest.param("setup:1 lab:2 lint:4", 7, id="one-after-the-other"),
        pytest.param("setup:1 == lab:2 -- lint:4", 5, id="the-longest-lane"),
        pytest.param("setup:1 == lab:2 -- lint:4 molecule:8", 13, id="need-is-there-before"),
        pytest.param("setup:1 == lab:2 -- molecule:8 -- lint:4", 11, id="waits-for-another-lane"),
        pytest.param("setup:1 == lab:2 -- lint:4 == lifecycle:3", 8, id="then-alone"),
        pytest.param("molecule:3", 3, id="need-is-not-asked-for"),
    ],
)
def test_the_budget_for_all(line, budget):
    assert stages.minutes(stages.groups_of(line.split())) == budget


def test_make_test_is_half_an_hour_of_targets_that_exist():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"^test: .*\n\t@python3 -m tests.env.stages (.*)$", text, re.MULTILINE)
    groups = stages.groups_of(line.split())
    assert stages.minutes(groups) <= 30
    names = {stage.name for group in groups for lane in group for stage in lane}
    assert names | set(stages.NEEDS) <= set(re.findall(r"^([a-z]+):", text, re.MULTILINE))


@pytest.mark.parametrize(("name", "modest"), [("lint", True), ("molecule", False)])
def test_what_needs_no_lab_host_leaves_the_machine_to_what_does(monkeypatch, tmp_path, name, modest):
    (tmp_path / "Makefile").write_text(f"{name}:\n\tnice > said\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert stages.make_quietly(name)
    nicer = int((tmp_path / "said").read_text()) - os.nice(0)
    assert (nicer > 0) is modest


def test_output_of_a_quiet_lane_is_shown_at_its_end(monkeypatch, tmp_path, capfd):
    (tmp_path / "Makefile").write_text("lint:\n\t@echo said; exit 1\n")
    monkeypatch.chdir(tmp_path)
    assert not stages.make_quietly("lint")
    assert "said" in capfd.readouterr().out


def test_the_table_tells_what_took_too_long():
    outcomes = [Outcome(Stage("lab", 1), "passed", 61), Outcome(Stage("unit", 1), "passed", 5)]
    rows = stages.table(outcomes, 63, 1).splitlines()
    assert rows[1].split() == ["lab", "1:01", "1:00", "passed,", "over", "its", "budget"]
    assert rows[-1].split() == ["in", "all", "1:03", "1:00"]


PROGRAM = """
import sys, time
from pathlib import Path
try:
    Path(sys.argv[1]).write_text("begun")
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.5)  # it takes a lab host away
    Path(sys.argv[1]).write_text("ended")
"""


def test_stages_that_run_end_when_somebody_interrupts_and_no_other_begins(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "Makefile").write_text(f"%:\n\t@{sys.executable} program.py $@.said\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.env.stages", "lint:1", "unit:1", "--", "sanity:1", "==", "build:1"]
    said = [tmp_path / f"{name}.said" for name in ("lint", "sanity")]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as child:
        end = time.monotonic() + 20
        while not all(path.exists() and path.read_text(encoding="utf-8") for path in said):
            assert time.monotonic() < end
            time.sleep(0.05)
        child.terminate()
    assert child.returncode == 128 + signal.SIGTERM
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.said")} == dict.fromkeys(
        ("lint.said", "sanity.said"), "ended"
    )
