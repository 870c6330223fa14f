# SPDX-License-Identifier: GPL-3.0-or-later
"""Many predictions in one call: entries over common values, in their order, and errors that name the entry."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.specs import predict_each

RUN = {"entity": "team-a", "project": "demo", "image": "registry.example.org/team/job:1", "run_id": "run1"}
COMMON = {"config": {"a": "{{gpus}}"}, "template_variables": {"gpus": {"type": "integer", "maximum": 4}}, "run": RUN}


def test_each_entry_is_what_a_single_call_says():
    specs = [{"values": {"gpus": 1}}, {"values": {"gpus": 4}, "run": {"run_id": "two"}, "agent_version": "0.20.1"}]
    first, second = predict_each(specs, COMMON, json.loads)
    single = predict(COMMON["config"], COMMON["template_variables"], {"gpus": 4}, {**RUN, "run_id": "two"}, "0.20.1")
    assert {key: single.to_dict()[key] for key in second} == second
    assert first["manifests"][-1]["a"] == 1
    assert set(first) == {"manifests", "posted_to", "refused", "refused_path", "findings"}


def test_equal_texts_are_read_once():
    read = []

    def reader(text):
        read.append(text)
        return json.loads(text)

    specs = [{"config": '{"a": 1}'}, {"config": '{"a": 1}'}, {"config": {}}]
    assert len(predict_each(specs, {"run": RUN}, reader)) == 3
    assert read == ['{"a": 1}']


def test_an_entry_can_do_without_a_run():
    assert predict_each([{"config": {"context": "x"}, "run": None}], COMMON | {"template_variables": {}}, None)[0][
        "refused_path"
    ] == ("context")


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        pytest.param({}, "specs: must be a list", id="mapping"),
        pytest.param("text", "specs: must be a list", id="text"),
        pytest.param([{}] * 10_001, "specs: 10001 entries; at most 10000", id="too-many"),
        pytest.param([{"values": {"gpus": 1}}, 5], r"specs\[1\]: must be a mapping", id="number"),
        pytest.param([{"valeus": {}}], r"specs\[0\]\.valeus: unknown key", id="unknown"),
        pytest.param([{"config": None}], r"specs\[0\]\.config: is needed", id="no-config"),
        pytest.param([{"config": []}], r"specs\[0\]: a queue's config is a mapping", id="config-list"),
        pytest.param(
            [{"values": {"gpus": 1}}, {"values": {"gpus": 5}}], r"specs\[1\]\.values\.gpus: 5 is above", id="value"
        ),
        pytest.param([{"values": {"gpus": 1}, "run": {"image": "--x"}}], r"specs\[0\]\.run\.image: ", id="image"),
    ],
)
def test_an_error_names_the_entry(specs, message):
    with pytest.raises(LaunchInputError, match=message):
        predict_each(specs, COMMON, json.loads)
