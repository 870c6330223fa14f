# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for runs, and putting them into a queue once, over an API that replays answers."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.submission import Submission
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api import following, submitting
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import (
    KeyRejected,
    Lost,
    RequestRefused,
    Unreachable,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.following import Sent, Target, follow

TARGET = Target("o", "q", "e", "p")
CLAIMED = {"state": "CLAIMED", "associatedRunId": "r"}
PENDING = {"state": "PENDING", "associatedRunId": None}


class Api:
    """Each look is (items, states of runs) or an exception."""

    def __init__(self, *looks, pushes=(), found=(), names=("a",)):
        self.looks, self.pushes, self.founds, self.names = list(looks), list(pushes), list(found), list(names)
        self.now = ([], [])

    def _next(self, answers):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def items(self, *_):
        self.now = self._next(self.looks)
        return self.now[0]

    def run_states(self, *_):
        return self.now[1]

    def push(self, request):
        return self._next(self.pushes)

    def find(self, *_):
        return self._next(self.founds)

    def queue_names(self, entity):
        return "alex", self.names


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time goes by with each pause only."""
    now = [0.0]
    monkeypatch.setattr(following.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(following.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def ended(seen):
    return all(one.ended for one in seen)


def test_every_phase_is_kept_once_with_its_second():
    states = []
    looks = ([PENDING], []), ([PENDING], []), ([CLAIMED], [None]), ([CLAIMED], ["running"]), ([CLAIMED], ["finished"])
    found = follow(Api(*looks), TARGET, [Sent("i", "r")], ended, 60, 2, states)
    assert (found.reached, found.seconds, found.seen[0].ok) == (True, 8.0, True)
    assert [(one["state"], one["seconds"]) for one in states] == [
        ("queued", 0.0), ("starting", 4.0), ("running", 6.0), ("finished", 8.0)
    ]  # fmt: skip


def test_an_item_is_gone_only_after_some_looks():
    gone = ([None], [])
    found = follow(Api(gone, gone, ([PENDING], []), gone, gone, gone), TARGET, [Sent("i", "r")], ended, 60, 1, [])
    assert (found.seen[0].phase, found.seconds) == ("gone", 5.0)


def test_a_server_that_is_away_is_waited_for_until_the_end():
    away = Unreachable("away")
    assert follow(Api(away, ([CLAIMED], ["finished"])), TARGET, [Sent("i", "r")], ended, 60, 1, []).reached
    with pytest.raises(Unreachable):
        follow(Api(*[away] * 9), TARGET, [Sent("i", "r")], ended, 3, 1, [])
    with pytest.raises(KeyRejected):
        follow(Api(KeyRejected("no")), TARGET, [Sent("i", "r")], ended, 60, 1, [])


def test_the_time_ends_the_wait():
    found = follow(Api(*[([PENDING], [])] * 9), TARGET, [Sent("i", "r")], ended, 3, 1, [])
    assert (found.reached, found.seconds) == (False, 3.0)


def test_looks_are_never_closer_than_a_moment(clock):
    found = follow(Api(([PENDING], []), ([CLAIMED], ["failed"])), TARGET, [Sent("i", "r")], ended, 60, 0, [])
    assert found.seconds == following.SHORTEST


def test_a_run_without_an_item_is_known_by_its_report():
    class Reports(Api):
        def run_states(self, entity, project, names):
            return ["finished" for dummy in names]

    assert following.look(Reports(), TARGET, [Sent("", "r")])[0].phase == "finished"


RUN = Submission.from_params({"queue": "q", "entity": "e", "project": "p", "image": "x:1", "run_id": "r"})


def test_a_lost_answer_is_looked_for_and_never_repeated():
    api = Api(pushes=[Lost("cut"), AssertionError("sent twice")], found=["i"])
    assert submitting.push(api, RUN, {}, "r") == Sent("i", "r")


@pytest.mark.parametrize("found", [None, Unreachable("away")])
def test_what_is_not_found_is_told(found):
    api = Api(pushes=[Lost("cut"), AssertionError("sent twice")], found=[found])
    with pytest.raises(Lost, match=r"cut. The run r may be in the queue .* run_id: r$"):
        submitting.push(api, RUN, {}, "r")


def test_a_refusal_names_the_values():
    with pytest.raises(RequestRefused, match=r"refuses the run with values {}: no quota"):
        submitting.push(Api(pushes=[RequestRefused("no quota")]), RUN, {}, "r")


@pytest.mark.parametrize(
    ("found", "reported", "known"),
    [
        pytest.param("i", None, Sent("i", "r"), id="in-the-queue"),
        pytest.param(None, "running", Sent("", "r"), id="reported"),
        pytest.param(None, None, None, id="unknown"),
    ],
)
def test_a_run_with_an_id_of_ones_own(found, reported, known):
    api = Api(found=[found])
    api.now = ([], [reported])
    assert submitting.known(api, RUN, "r") == known


def test_a_missing_queue_shows_those_that_are_there():
    assert "(it has: a)" in str(submitting.no_queue(Api(), RUN))
    assert "(it has: none)" in str(submitting.no_queue(Api(names=[]), RUN))
    text = str(submitting.no_queue(Api(names=[f"q{i:05}" for i in range(10_000)]), RUN))
    assert "q00009 and 9990 more" in text
    assert len(text) < 300


@pytest.mark.parametrize(
    ("base", "page"),
    [
        ("https://api.wandb.ai", "https://wandb.ai/e/p%20q/runs/r"),
        ("https://wandb.example/", "https://wandb.example/e/p%20q/runs/r"),
    ],
)
def test_pages(base, page):
    assert submitting.page_of(base, "e", "p q", "r") == page
