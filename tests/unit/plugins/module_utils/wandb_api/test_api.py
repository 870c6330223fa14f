# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations, over a transport that replays answers."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import (
    ConfigRefused,
    Lost,
    RequestRefused,
    Unreachable,
)


class Replay:
    """Answers in order; an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked, self.twice = [], []

    def read(self, query, variables):
        self.asked.append(variables)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def write(self, query, variables, twice=False):
        self.twice.append(twice)
        return self.read(query, variables)


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
    assert api.items("e", "q", ["i"]) == [None]


def test_items_and_runs_by_one_request_each():
    item = {"id": "i", "state": "FAILED", "associatedRunId": None}
    node = {"project": {"runQueue": {"item0": item, "item1": None}}}
    failed = {"project": {"runQueue": {"runQueueItem": {"error": {"message": "why"}}}}}
    runs = {"project": {"run0": {"state": "running"}, "run1": None}}
    client = Replay(node, failed, RequestRefused("no such field"), Unreachable("away"), {"project": None}, runs)
    api = WandbApi(client)
    assert api.items("e", "q", ["i", "j"]) == [item, None]
    assert [api.item_error("e", "q", "i") for dummy in range(3)] == ["why", "", ""]
    assert api.run_states("e", "p", ["r"]) == [None]
    assert api.run_states("e", "p", ["r", "s"]) == ["running", None]
    assert client.asked[-1] == {"entity": "e", "project": "p", "name0": "r", "name1": "s"}


def test_project_and_queue_may_be_written_twice_a_run_may_not():
    client = Replay({}, {"upsertRunQueue": {"success": True}}, {"pushToRunQueueByName": {"runQueueItemId": "i"}})
    api = WandbApi(client)
    api.make_project("e")
    assert api.upsert({"queueName": "q"}) == []
    assert api.push({"runSpec": "{}"}) == "i"
    assert client.asked[0] == {"input": {"entityName": "e", "name": "model-registry"}}
    assert client.twice == [True, True, False]


def test_a_taken_config_may_have_problems():
    odd = {"success": True, "configSchemaValidationErrors": ["spec: odd"]}
    assert WandbApi(Replay({"upsertRunQueue": odd})).upsert({}) == [{"path": "config.spec", "message": "odd"}]


def test_a_refused_config_names_each_path():
    errors = ["(root).resource_args.kubernetes.spec: must be an object", "bad"]
    answer = {"upsertRunQueue": {"success": False, "configSchemaValidationErrors": errors}}
    with pytest.raises(ConfigRefused, match=r"config\.spec: must be an object; config: bad$") as caught:
        WandbApi(Replay(answer)).upsert({})
    assert [problem["path"] for problem in caught.value.problems] == ["config.spec", "config"]


@pytest.mark.parametrize(
    ("call", "answers", "message"),
    [
        pytest.param(lambda api: api.upsert({}), [{}], "no reason", id="upsert-null"),
        pytest.param(
            lambda api: api.make_project("e"), [RequestRefused("no entity")], "does the entity exist", id="project"
        ),
        pytest.param(
            lambda api: api.delete("i"), [{"deleteRunQueues": {"success": False}}], "did not delete", id="delete"
        ),
        pytest.param(lambda api: api.push({}), [{"pushToRunQueueByName": None}], "did not accept", id="push"),
        pytest.param(lambda api: api.queue("e", "q"), [{"project": [1]}], "a list as project", id="list"),
        pytest.param(lambda api: api.queue_names("e"), [{"project": {"runQueues": {}}}], "not a list", id="object"),
    ],
)
def test_refusals(call, answers, message):
    with pytest.raises(RequestRefused, match=message):
        call(WandbApi(Replay(*answers)))


def test_only_a_push_that_went_out_is_lost():
    with pytest.raises(Lost, match="gone"):
        WandbApi(Replay(Unreachable("gone", sent=True))).push({})
    with pytest.raises(Unreachable, match="refused"):
        WandbApi(Replay(Unreachable("refused"))).push({})


NULLS = [
    None,
    {},
    {"runQueue": None, "runQueues": None, "run": None},
    {"runQueue": {"runQueueItem": None, "runQueueItems": None}, "runQueues": [None, {"name": None}], "run": {}},
    {"runQueue": {"runQueueItems": {"edges": [None, {"node": None}]}}},
]


@pytest.mark.parametrize("project", NULLS)
def test_null_everywhere_is_an_answer(project):
    def asked(call):
        return call(WandbApi(Replay(*[{"viewer": None, "project": project}] * 2)))

    assert asked(lambda api: api.queue_names("e")) == ("", [])
    assert asked(lambda api: api.queues("e", ["q"]))[:2] == ("", [])
    assert asked(lambda api: api.items("e", "q", ["i"])) == [None]
    assert asked(lambda api: api.item_error("e", "q", "i")) == ""
    assert asked(lambda api: api.run_states("e", "p", ["r"])) == [None]
    assert asked(lambda api: api.find("e", "q", "r")) is None


def test_a_queue_of_nulls_is_there_and_empty():
    found = WandbApi(Replay({"project": {"runQueue": {"name": None, "id": None, "externalLinks": None}}})).look(
        "e", "q"
    )
    assert found.project
    assert found.queue is not None
    assert (found.queue.name, found.queue.config, found.queue.links) == ("q", {}, ())


def items(*nodes):
    return {"project": {"runQueue": {"runQueueItems": {"edges": [{"node": node} for node in nodes]}}}}


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        pytest.param([items({"id": "i", "runSpec": {"run_id": "r"}})], "i", id="by-its-spec"),
        pytest.param([items({"id": "i", "runSpec": '{"run_id": "r"}'})], "i", id="by-a-spec-of-text"),
        pytest.param([items({"id": "i", "runSpec": "{"}, {"id": "j", "associatedRunId": "r"})], "j", id="by-the-agent"),
        pytest.param([RequestRefused("runSpec?"), items({"id": "i", "associatedRunId": "r"})], "i", id="older-server"),
        pytest.param([RequestRefused("no"), RequestRefused("no")], None, id="not-told"),
        pytest.param([items({"id": "i", "runSpec": {"run_id": "s"}})], None, id="another-run"),
    ],
)
def test_a_run_is_found_in_its_queue(answers, found):
    assert WandbApi(Replay(*answers)).find("e", "q", "r") == found


def test_delete():
    client = Replay({"deleteRunQueues": {"success": True}})
    WandbApi(client).delete("i")
    assert client.asked == [{"id": "i"}]
