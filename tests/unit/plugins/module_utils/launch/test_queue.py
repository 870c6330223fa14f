# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue is compared by meaning, and what the user did not set survives."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.queue import Queue, Wanted, make_plan

CONFIG = {"a": "{{gpus}}"}
VARIABLES = {"gpus": {"type": "integer", "default": 1, "description": "GPUs"}}
NODE = {
    "id": "id-1",
    "name": "q",
    "prioritizationMode": "V0",
    "externalLinks": {"links": [{"label": "docs", "url": "https://x"}]},
    "defaultResourceConfig": {
        "resource": "kubernetes",
        "config": {"resource_args": {"kubernetes": CONFIG}},
        "templateVariables": [{"name": "gpus", "description": "GPUs", "schema": '{"type":"integer","default":1}'}],
    },
}


def wanted(**params):
    return Wanted.from_params({"name": "q", **params})


def test_same_meaning_is_no_change():
    plan = make_plan(Queue.from_server(NODE), wanted(config=CONFIG, template_variables=VARIABLES))
    assert not plan.changed


def test_texts_of_json_are_opened():
    default = {**NODE["defaultResourceConfig"], "config": json.dumps(NODE["defaultResourceConfig"]["config"])}
    node = {**NODE, "externalLinks": json.dumps(NODE["externalLinks"]), "defaultResourceConfig": default}
    assert Queue.from_server(node) == Queue.from_server(NODE)


def stored(**default):
    return {**NODE, "defaultResourceConfig": {**NODE["defaultResourceConfig"], **default}}


@pytest.mark.parametrize(
    ("node", "part", "reason"),
    [
        pytest.param({**NODE, "externalLinks": "{"}, "external_links", "is a text that is not JSON", id="links"),
        pytest.param(
            {**NODE, "externalLinks": {"links": {}}}, "external_links", "a dict, not a list", id="links-shape"
        ),
        pytest.param({**NODE, "defaultResourceConfig": 3}, "config", "a int, not an object", id="default"),
        pytest.param(stored(config="[" * 5000), "config", "is a text that is not JSON", id="text"),
        pytest.param(stored(config=[1]), "config", "config is a list, not an object", id="list"),
        pytest.param(stored(config={"spec": {}}), "config", "no resource_args, but spec", id="not-wrapped"),
        pytest.param(
            stored(config={"resource_args": {"kubernetes": {"a": list(range(10_000))}}}),
            "config",
            "more than 10000 values",
            id="giant",
        ),
        pytest.param(stored(templateVariables={"a": 1}), "template_variables", "not a list", id="variables"),
        pytest.param(stored(templateVariables=[{}]), "template_variables", "without a name", id="nameless"),
        pytest.param(
            stored(templateVariables=[{"name": "x", "schema": "nope"}]), "template_variables", "schema of", id="schema"
        ),
    ],
)
def test_what_cannot_be_read_is_told_and_never_lost(node, part, reason):
    queue = Queue.from_server(node)
    assert reason in queue.unreadable[part]
    assert queue.to_dict()["unreadable"][part]
    with pytest.raises(LaunchInputError, match=f"^{part}: what the server has can't be read"):
        make_plan(queue, wanted(external_links=[] if part != "external_links" else None, prioritization_mode="V1"))
    assert not make_plan(queue, wanted()).changed
    given = {"config": CONFIG, "template_variables": VARIABLES, "external_links": NODE["externalLinks"]["links"]}
    plan = make_plan(queue, wanted(**given))
    assert plan.changed
    assert plan.after.unreadable == {}
    assert not make_plan(Queue.from_server(NODE), wanted(**given)).changed


def test_an_unreadable_queue_equals_none():
    assert Queue("q", unreadable={"config": "x"}).digest() != Queue("q").digest()
    assert Queue("q", unreadable={"external_links": "x"}).digest() == Queue("q").digest()


def test_links_alone_can_be_mended():
    queue = Queue.from_server({**NODE, "externalLinks": 3})
    assert make_plan(queue, wanted(external_links=[])).changed


def test_nulls_are_an_empty_queue():
    nothing = {"config": None, "templateVariables": [None], "resource": None}
    queue = Queue.from_server({"name": "q", "externalLinks": {"links": [None]}, "defaultResourceConfig": nothing})
    assert queue == Queue("q")


def test_a_config_of_the_greatest_depth_can_be_read_back():
    deep = {"a": 1}
    for dummy in range(62):
        deep = {"a": deep}
    sent = make_plan(None, wanted(config=deep)).request("e", "p")["resourceConfig"]
    assert Queue.from_server(stored(config=sent)).config == deep


def test_change_keeps_links_and_prioritization_and_sends_everything():
    changed = {"gpus": {"type": "integer", "default": 2}}
    plan = make_plan(Queue.from_server(NODE), wanted(config=CONFIG, template_variables=changed))
    assert plan.changed
    request = plan.request("team-a", "model-registry")
    assert request["prioritizationMode"] == "V0"
    assert json.loads(request["externalLinks"]) == NODE["externalLinks"]
    assert json.loads(request["templateVariables"]) == {"gpus": {"schema": {"type": "integer", "default": 2}}}
    assert json.loads(request["resourceConfig"]) == {"resource_args": {"kubernetes": CONFIG}}


def test_new_queue():
    plan = make_plan(None, wanted(config=CONFIG, template_variables=VARIABLES, external_links=[]))
    assert plan.changed
    assert plan.before is None
    sent = json.loads(plan.request("e", "p")["templateVariables"])
    assert sent == {"gpus": {"description": "GPUs", "schema": {"type": "integer", "default": 1}}}


def test_config_without_variables_drops_them():
    plan = make_plan(Queue.from_server(NODE), wanted(config={"a": 1}))
    assert plan.after.variables == {}


def test_variables_alone_are_held_against_the_config_that_stays():
    assert make_plan(Queue.from_server(NODE), wanted(template_variables={"gpus": {"type": "string"}})).changed
    with pytest.raises(LaunchInputError, match="'gpus' is not declared"):
        make_plan(Queue.from_server(NODE), wanted(template_variables={}))


@pytest.mark.parametrize(
    ("actual", "params", "message"),
    [
        pytest.param(None, {}, "does not exist, so a config is needed", id="absent"),
        pytest.param(
            {**NODE, "defaultResourceConfig": {"resource": "sagemaker"}},
            {"config": {}},
            "is a sagemaker queue",
            id="kind",
        ),
        pytest.param(NODE, {"prioritization_mode": "DISABLED"}, "again once it is V0; leave the option out", id="v0"),
    ],
)
def test_refused_plans(actual, params, message):
    with pytest.raises(LaunchInputError, match=message):
        make_plan(actual and Queue.from_server(actual), wanted(**params))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({"name": ""}, "needs a name", id="empty"),
        pytest.param({"name": None}, "needs a name", id="null"),
        pytest.param({"name": "q" * 65}, "this one has 65", id="long"),
        pytest.param({"name": "a\nb"}, "can't be part", id="newline"),
        pytest.param({"name": " a"}, "can't be part", id="blank"),
        pytest.param({"config": CONFIG}, "is not declared", id="undeclared"),
        pytest.param({"external_links": [{"label": "x"}]}, r"external_links\[0\]: must have", id="link"),
        pytest.param({"external_links": [{"label": "x", "url": "javascript:1"}]}, r"url: must start", id="link-url"),
    ],
)
def test_bad_wanted(params, message):
    with pytest.raises(LaunchInputError, match=message):
        wanted(**params)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({"a": 1, "b": [2]}, {"b": [2.0], "a": 1.0}, True, id="order-and-whole-numbers"),
        pytest.param({"a": 1}, {"a": True}, False, id="true-is-no-number"),
        pytest.param({"a": 1}, {"a": "1"}, False, id="text-is-no-number"),
        pytest.param({"a": 0.5}, {"a": 0.5}, True, id="fractions"),
    ],
)
def test_module_and_observation_agree(one, other, same):
    wish = wanted(config=one, template_variables={})
    there = Queue("q", config=other)
    assert (wish.digest() == there.digest()) is same
    assert make_plan(there, wish).changed is not same


def test_a_queue_that_is_only_named_has_no_digest():
    assert wanted().digest() == ""
    assert wanted(config={"a": "x"}).digest() == Queue("q", config={"a": "x"}).digest()
