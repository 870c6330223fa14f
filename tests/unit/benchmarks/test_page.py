# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from benchmarks import page, paths, plot, verdicts
from benchmarks.figures import Results


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_runs_have_all_figures_in_columns(results):
    lines = cells(page.runs(results))
    assert {len(line) for line in lines} == {7}
    by_title = {line[0]: line[1:] for line in lines}
    assert by_title["site.yml"] == ["1.80", "2.00", "0.90", "1.8", "1.8", "1"]
    assert by_title["pyinfra, same as site.yml"][-1] == "not counted"
    assert by_title["empty playbook"][-1] == "0"


def test_groups_without_a_measured_case_have_no_heading(results):
    alone = Results({"empty": results.series["empty"]}, {}, 1)
    assert "**One module**" in page.runs(alone)
    assert "**Others" not in page.runs(alone)


def test_judgement_names_goal_limit_figure_and_verdict(results):
    by_text = {line[0]: line[1:] for line in cells(page.judgement(verdicts.judge(results)))}
    assert by_text["site.yml / empty playbook"] == ["<= 2", "2.5", "1.80", "met"]
    assert by_text["site.yml / 40 ordinary tasks"] == ["<= 0.15", "", "0.09", "met"]
    assert by_text["modules on the host, role docker alone"] == ["<= 1", "1", "1", "met"]
    assert by_text["modules on the host, role nfs_server alone"] == ["<= 1", "1", "", "not measured"]


def test_modules_are_told_by_role_most_first(results):
    assert "| playbook | file 21, stat 13 |" in page.modules(results, "naive")
    assert page.modules(results, "site_16") == ""
    assert page.modules(results, "pyinfra") == ""


def test_page_has_conditions_and_picture(results):
    text = page.write(results, verdicts.judge(results))
    assert "| forks | 5 (Ansible's default) |" in text
    assert "images/benchmarks.svg" in text
    assert "one and the same lab host" in text, "several names must not look like several machines"


def test_published_page_is_that_of_the_results():
    """Nobody edits figures by hand."""
    if not paths.RESULTS.exists():
        pytest.skip("no results.json: `make bench` publishes it after a whole run, and this compares it from then on")
    results = Results.from_dict(json.loads(paths.RESULTS.read_text(encoding="utf-8")))
    assert paths.PAGE.read_text(encoding="utf-8") == page.write(results, verdicts.judge(results))
    assert paths.PLOT.read_text(encoding="utf-8") == plot.draw(results)


def test_tasks_are_told_with_what_is_none(results):
    assert cells(page.tasks(results))[2:] == [
        ["Look", "0.80", "0.73"],
        ["Tell", "0.10", "0.09"],
        ["no task: start of Ansible, reading the playbook and the roles, the end", "1.10", "1.00"],
    ]
    assert page.tasks(results, "check") == ""
    assert page.tasks(results, "site_16") == ""
    assert "Where the time of `site.yml` goes" in page.write(results, verdicts.judge(results))
