# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from benchmarks import cases, verdicts


def test_keys_are_distinct_and_groups_known():
    keys = [case.key for case in cases.CASES]
    assert len(keys) == len(set(keys))
    assert {case.group for case in cases.CASES} == set(cases.GROUPS)


def test_goals_speak_of_cases_that_are_measured():
    keys = {case.key for case in cases.CASES}
    for goal in verdicts.GOALS:
        assert {goal.case, goal.base or goal.case} <= keys


def test_peers_that_could_change_the_host_are_rehearsed_first():
    assert all(case.rehearsal for case in cases.CASES if case.group == cases.PEERS)


@pytest.mark.parametrize("number", range(6))
def test_each_round_runs_every_case_once(number):
    assert sorted(case.key for case in cases.order(cases.CASES, number)) == sorted(case.key for case in cases.CASES)


def test_rounds_differ_in_their_order():
    orders = [tuple(case.key for case in cases.order(cases.CASES, number)) for number in range(5)]
    assert len(set(orders)) == 5
    firsts = {order[0] for order in orders}
    assert len(firsts) == 5, "the same case would always begin"


def test_neighbours_change():
    after = [dict(zip(order, order[1:])) for order in (cases.order(cases.CASES, 0), cases.order(cases.CASES, 1))]
    assert all(after[1].get(case) is not follower for case, follower in after[0].items())


def test_select_all_without_a_name():
    assert cases.select([]) == cases.CASES


def test_select_keeps_the_measure_of_the_others():
    assert [case.key for case in cases.select(["site"])] == ["empty", "site"]


def test_select_refuses_an_unknown_name():
    with pytest.raises(ValueError, match="no case sight; there are empty, ping"):
        cases.select(["sight"])
