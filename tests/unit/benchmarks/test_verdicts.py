# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from benchmarks import verdicts
from benchmarks.figures import Results, Series
from benchmarks.verdicts import ABSENT, BROKEN, MET, MISSED, Goal


def measured(site):
    series = {"empty": Series([1.0], [1.0], {}), "site": Series([site], [1.0], {"docker": {"node_state": 3}})}
    return Results(series, {}, 1)


@pytest.mark.parametrize(
    ("site", "state"),
    [
        pytest.param(2.0, MET, id="at-the-goal"),
        pytest.param(2.1, MISSED, id="between-goal-and-limit"),
        pytest.param(2.5, MISSED, id="at-the-limit"),
        pytest.param(2.6, BROKEN, id="over-the-limit"),
    ],
)
def test_site_against_an_empty_playbook(site, state):
    first = verdicts.judge(measured(site))[0]
    assert (first.goal.text, first.state) == ("site.yml / empty playbook", state)
    assert first.figure == pytest.approx(site)


def test_modules_of_the_site_are_counted():
    found = {verdict.goal.text: verdict for verdict in verdicts.judge(measured(1.5))}
    assert found["modules on the host, site.yml"].figure == 3
    assert found["modules on the host, site.yml"].state == BROKEN


def test_a_goal_without_a_limit_is_never_broken():
    goal = Goal("trend", "site", "empty", 1.0, None)
    assert verdicts.judge(measured(100.0), [goal])[0].state == MISSED
    assert not verdicts.broken(verdicts.judge(measured(100.0), [goal]))


def test_a_missing_peer_is_said_and_breaks_nothing():
    goal = Goal("peer", "site", "geerlingguy", 0.25, 0.25)
    judged = verdicts.judge(measured(1.0), [goal])
    assert (judged[0].state, judged[0].figure) == (ABSENT, None)
    assert not verdicts.broken(judged)


def test_one_broken_limit_is_enough():
    assert verdicts.broken(verdicts.judge(measured(9.0)))


def test_goals_are_those_of_the_project():
    wanted = {
        "site.yml / empty playbook": (2.0, 2.5),
        "site.yml / geerlingguy.docker alone": (0.25, 0.25),
        "site.yml / the same in pyinfra": (0.5, 0.5),
        "gpu_info / ansible.builtin.ping": (1.3, 1.3),
        "modules on the host, site.yml": (2, 2),
        "modules on the host, role launch_agent alone": (1, 1),
    }
    found = {goal.text: (goal.goal, goal.limit) for goal in verdicts.GOALS}
    assert {text: found[text] for text in wanted} == wanted
