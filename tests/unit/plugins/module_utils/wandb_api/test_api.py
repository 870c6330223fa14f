# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations, over a transport that replays answers."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import RequestRefused


class Replay:
    """Answers in order; an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def read(self, query, variables):
        self.asked.append(variables)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    write = read


def test_queue_names():
    data = {"viewer": {"username": "alex"}, "project": {"runQueues": [{"name": "b"}, {"name": "a"}]}}
    assert WandbApi(Replay(data)).queue_names("team-a") == ("alex", ["a", "b"])
    assert WandbApi(Replay({"project": None})).queue_names("team-a") == ("", [])


def test_several_queues_by_one_request():
    project = {"runQueues": [{"name": "b"}, {"name": "a"}], "queue0": {"name": "a", "id": "1"}, "queue1": None}
    client = Replay({"viewer": {"username": "alex"}, "project": project}, {"viewer": None, "project": None})
    user, names, found = WandbApi(client).queues("team-a", ["a", "c"])
    assert (user, names, list(found)) == ("alex", ["a", "b"], ["a"])
    assert client.asked == [{"entity": "team-a", "project": "model-registry", "name0": "a", "name1": "c"}]
    assert WandbApi(client).queues("team-a", ["a"]) == ("", [], {})


def test_absent_queue_project_and_item():
    api = WandbApi(Replay({"project": None}, {"project": {"runQueue": None}}, {"project": {"runQueue": None}}))
    assert api.queue("e", "q") is None
    assert api.queue("e", "q") is None
    assert api.item("e", "q", "i") is None


def test_item_and_run():
    item = {"id": "i", "state": "FAILED", "associatedRunId": None}
    node = {"project": {"runQueue": {"runQueueItem": item}}}
    failed = {"project": {"runQueue": {"runQueueItem": {"error": {"message": "why"}}}}}
    api = WandbApi(
        Replay(
            node, failed, RequestRefused("no such field"), {"project": None}, {"project": {"run": {"state": "running"}}}
        )
    )
    assert api.item("e", "q", "i") == item
    assert api.item_error("e", "q", "i") == "why"
    assert api.item_error("e", "q", "i") == ""
    assert api.run_state("e", "p", "r") is None
    assert api.run_state("e", "p", "r") == "running"


def test_upsert_makes_the_project_first():
    client = Replay({}, {"upsertRunQueue": {"success": True}})
    WandbApi(client).upsert("e", {"queueName": "q"})
    assert client.asked == [{"input": {"entityName": "e", "name": "model-registry"}}, {"queueName": "q"}]


@pytest.mark.parametrize(
    ("call", "answers", "message"),
    [
        pytest.param(
            lambda api: api.upsert("e", {}),
            [{}, {"upsertRunQueue": {"success": False, "configSchemaValidationErrors": ["bad"]}}],
            "bad",
            id="upsert",
        ),
        pytest.param(lambda api: api.upsert("e", {}), [{}, {}], "no reason", id="upsert-null"),
        pytest.param(
            lambda api: api.delete("i"), [{"deleteRunQueues": {"success": False}}], "did not delete", id="delete"
        ),
        pytest.param(lambda api: api.push({}), [{"pushToRunQueueByName": None}], "did not accept", id="push"),
    ],
)
def test_refusals(call, answers, message):
    with pytest.raises(RequestRefused, match=message):
        call(WandbApi(Replay(*answers)))


def test_push_and_delete():
    api = WandbApi(Replay({"pushToRunQueueByName": {"runQueueItemId": "i"}}, {"deleteRunQueues": {"success": True}}))
    assert api.push({}) == "i"
    api.delete("i")
