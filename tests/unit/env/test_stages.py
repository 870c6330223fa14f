# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading

import pytest

from tests.env import stages
from tests.env.stages import Outcome, Stage


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
    assert stages.main(["setup:1", "--", "lab:4", "--", "lint:2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed"


def test_a_failed_first_list_leaves_the_lanes_out(make):
    ran = make("setup")
    assert stages.main(["setup:1", "--", "lab:1", "--", "lint:1"]) == 1
    assert ran == ["setup"]


def test_a_lane_that_fails_does_not_stop_the_others(make):
    ran = make("lab")
    assert stages.main(["setup:1", "--", "lab:1", "molecule:1", "--", "lint:1"]) == 1
    assert sorted(ran) == ["lab", "lint", "setup"]


def test_output_of_a_quiet_lane_is_shown_at_its_end(monkeypatch, tmp_path, capfd):
    (tmp_path / "Makefile").write_text("lint:\n\t@echo said; exit 1\n")
    monkeypatch.chdir(tmp_path)
    assert not stages.make_quietly("lint")
    assert "said" in capfd.readouterr().out


def test_the_table_tells_what_took_too_long():
    outcomes = [Outcome(Stage("lab", 1), "passed", 61), Outcome(Stage("unit", 1), "passed", 5)]
    rows = stages.table(outcomes, 63, stages.minutes([[], [Stage("lab", 1)], [Stage("unit", 1)]])).splitlines()
    assert rows[1].split() == ["lab", "1:01", "1:00", "passed,", "over", "its", "budget"]
    assert rows[-1].split() == ["in", "all", "1:03", "1:00"]
