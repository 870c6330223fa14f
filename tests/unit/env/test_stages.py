# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from tests.env import stages
from tests.env.stages import Outcome, Stage


@pytest.fixture
def make(monkeypatch):
    """Replace make by a table of targets that fail; return the targets that ran."""
    ran = []

    def install(*broken):
        monkeypatch.setattr(stages, "make", lambda name: ran.append(name) or name not in broken)
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


def test_the_table_tells_what_took_too_long():
    rows = stages.table([Outcome(Stage("lab", 1), "passed", 61), Outcome(Stage("unit", 1), "passed", 5)]).splitlines()
    assert rows[1].split() == ["lab", "1:01", "1:00", "passed,", "over", "its", "budget"]
    assert rows[-1].split() == ["total", "1:06", "2:00"]
