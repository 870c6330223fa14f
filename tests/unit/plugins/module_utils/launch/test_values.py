# SPDX-License-Identifier: GPL-3.0-or-later
"""Template variables: hostile values are refused with their path, good ones enter as data and change nothing else."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.macros import MACRO
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.variables import read_declarations

GPUS = {"gpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4}}
RUN = {"entity": "team-a", "project": "demo", "image": "registry.example.org/team/job:1", "run_id": "run1"}


def config(value="{{gpus}}"):
    limits = {"cpu": 4, "memory": "12Gi", "nvidia.com/gpu": value}
    return {
        "spec": {"template": {"spec": {"containers": [{"image": "${image_uri}", "resources": {"limits": limits}}]}}}
    }


def limits_of(result):
    return result.manifests[-1]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2\ncpu: 400\nhostNetwork: true #", id="newline-bare"),
        pytest.param("2'\nhostPID: true", id="newline-quoted"),
        pytest.param("2\r\n", id="crlf"),
        pytest.param(" 2 ", id="blanks"),
        pytest.param("2\x00", id="nul"),
        pytest.param(1000000000, id="huge"),
        pytest.param(-1, id="negative"),
        pytest.param(0, id="zero"),
        pytest.param(5, id="above"),
        pytest.param(1.5, id="fraction"),
        pytest.param(2.0, id="float"),
        pytest.param("2.0", id="float-text"),
        pytest.param(float("nan"), id="nan"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param("NaN", id="nan-text"),
        pytest.param(True, id="true"),
        pytest.param(False, id="false"),
        pytest.param("", id="empty"),
        pytest.param(None, id="null"),
        pytest.param("0o17", id="octal"),
        pytest.param("0x10", id="hex"),
        pytest.param("1:30", id="sexagesimal"),
        pytest.param("1_000", id="underscore"),
        pytest.param("+2", id="plus"),
        pytest.param("\uff12", id="full-width"),
        pytest.param("\u0662", id="arabic"),
        pytest.param([1, 2], id="list"),
        pytest.param({"a": 1}, id="mapping"),
        pytest.param("1" * 5000, id="5000-digits"),
        pytest.param(10**5000, id="5000-digit-integer"),
        pytest.param("{{ lookup('pipe','id') }}", id="template"),
        pytest.param("${image_uri}", id="macro"),
        pytest.param("${WANDB_API_KEY}", id="secret-macro"),
        pytest.param("!!python/object/apply:os.system [id]", id="tag"),
        pytest.param(b"2", id="bytes"),
        pytest.param(datetime.date(2026, 1, 1), id="date"),
    ],
)
def test_hostile_value_is_refused(value):
    with pytest.raises(LaunchInputError, match=r"^values\.gpus: "):
        predict(config(), GPUS, {"gpus": value}, RUN)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, 1, id="default"),
        pytest.param({"gpus": 1}, 1, id="minimum"),
        pytest.param({"gpus": 4}, 4, id="maximum"),
        pytest.param({"gpus": "2"}, 2, id="text"),
        pytest.param({"gpus": "000000003"}, 3, id="nine-digits"),
    ],
)
def test_good_value_enters_typed(values, expected):
    limits = limits_of(predict(config(), GPUS, values, RUN))
    assert limits == {"cpu": 4, "memory": "12Gi", "nvidia.com/gpu": expected}
    assert repr(limits["nvidia.com/gpu"]) == str(expected)  # a number, not text that compares equal


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param("gpu-{{gpus}}", "gpu-2", id="in-text"),
        pytest.param("{{ gpus }}", 2, id="blanks-inside"),
        pytest.param(" {{gpus}} ", 2, id="blanks-outside"),
        pytest.param("{{gpus}}{{gpus}}", "22", id="twice"),
        pytest.param(["{{gpus}}", "x"], [2, "x"], id="list"),
    ],
)
def test_places(place, expected):
    assert limits_of(predict(config(place), GPUS, {"gpus": 2}, RUN))["nvidia.com/gpu"] == expected


@pytest.mark.parametrize(
    ("declared", "values", "cfg", "message"),
    [
        pytest.param(GPUS, {"cpus": 1}, config(), r"values\.cpus: .*it has: gpus", id="unknown-value"),
        pytest.param({**GPUS, "x": {"type": "string"}}, {}, config(), r"template_variables\.x: declared", id="unused"),
        pytest.param({}, {}, config(), r"nvidia\.com/gpu: .*'gpus' is not declared", id="undeclared"),
        pytest.param({"gpus": {"type": "integer"}}, {}, config(), r"values\.gpus: .*value is needed", id="no-value"),
        pytest.param(GPUS, {}, {**config(), "a{{gpus}}": 1}, r"a\{\{gpus\}\}: .*in a key", id="in-key"),
        pytest.param(GPUS, [1], config(), r"values: must be a mapping", id="values-list"),
        pytest.param([], {}, config(), r"template_variables: must be a mapping", id="variables-list"),
    ],
)
def test_both_ways(declared, values, cfg, message):
    with pytest.raises(LaunchInputError, match=message):
        predict(cfg, declared, values, RUN)


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        pytest.param(1, "must be a mapping", id="no-mapping"),
        pytest.param({}, r"gpus\.type: None is not one of", id="no-type"),
        pytest.param({"type": "Integer"}, "is not one of string, integer, number", id="type-case"),
        pytest.param({"type": "integer", "max": 4}, r"gpus\.max: unknown key", id="unknown-key"),
        pytest.param({"type": "integer", "default": "2"}, r"default: '2' is not an integer", id="default-text"),
        pytest.param({"type": "integer", "default": True}, "not an integer", id="default-bool"),
        pytest.param({"type": "integer", "default": 5, "maximum": 4}, "above the maximum 4", id="default-above"),
        pytest.param({"type": "integer", "default": 0, "minimum": 1}, "below the minimum 1", id="default-below"),
        pytest.param({"type": "integer", "minimum": 5, "maximum": 4}, "minimum 5 is above maximum 4", id="min-max"),
        pytest.param({"type": "integer", "minimum": 1.0}, r"minimum: 1\.0 is not an integer", id="float-bound"),
        pytest.param({"type": "integer", "maximum": 2**60}, "can't be sent", id="too-large"),
        pytest.param({"type": "string", "maximum": 4}, "has no bounds", id="string-bound"),
        pytest.param({"type": "integer", "enum": []}, "at least one value", id="enum-empty"),
        pytest.param({"type": "integer", "enum": [1, 1]}, r"enum\[1\]: 1 is named twice", id="enum-twice"),
        pytest.param({"type": "integer", "enum": [1, "2"]}, r"enum\[1\]: '2' is not an integer", id="enum-type"),
        pytest.param({"type": "integer", "enum": [9], "maximum": 4}, r"enum\[0\]: 9 is above", id="enum-bound"),
        pytest.param({"type": "integer", "enum": [1, 2], "default": 3}, "not one of 1, 2", id="enum-default"),
        pytest.param({"type": "integer", "description": 1}, "must be text", id="description"),
        pytest.param({"type": "string", "default": "a\x00"}, "NUL", id="nul"),
        pytest.param({"type": "string", "default": "${run_id}"}, "is a macro of the agent", id="macro"),
        pytest.param({"type": "string", "default": 5}, "5 is not text", id="string-int"),
        pytest.param({"type": "number", "default": "1"}, "is not a number", id="number-text"),
    ],
)
def test_bad_declaration(declaration, message):
    with pytest.raises(LaunchInputError, match=message):
        predict(config(), {"gpus": declaration}, {}, RUN)


def test_names_and_their_number_are_bounded():
    with pytest.raises(LaunchInputError, match="1 to 64 letters"):
        predict(config("{{a}}"), {"a b": {"type": "string"}})
    with pytest.raises(LaunchInputError, match="at most 100"):
        predict(config(), {f"v{i}": {"type": "integer"} for i in range(101)})


@pytest.mark.parametrize(
    ("value", "expected"),
    [pytest.param("0.5", 0.5, id="text"), pytest.param("3", 3, id="integer-text"), pytest.param(2, 2, id="integer")],
)
def test_number(value, expected):
    declared = {"gpus": {"type": "number", "minimum": 0.1, "enum": [0.5, 3, 2]}}
    assert limits_of(predict(config(), declared, {"gpus": value}, RUN))["nvidia.com/gpu"] == expected


@pytest.mark.parametrize("value", [-0.5, "-1", "1e3", "1.", "", True, 7])
def test_bad_number(value):
    with pytest.raises(LaunchInputError):
        predict(config(), {"gpus": {"type": "number", "minimum": 0.1, "enum": [0.5, 3]}}, {"gpus": value}, RUN)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
def test_text_is_data(value):
    declared = {"gpus": {"type": "string"}}
    if MACRO.search(value):
        with pytest.raises(LaunchInputError, match="macro"):
            predict(config(), declared, {"gpus": value}, RUN)
        return
    limits = limits_of(predict(config(), declared, {"gpus": value}, RUN))
    assert limits == {"cpu": 4, "memory": "12Gi", "nvidia.com/gpu": value}


@pytest.mark.parametrize("place", ["${{{gpus}}}", "${{{gpus}}_KEY}", "$" + "{{gpus}}"])
def test_value_cant_complete_a_macro(place):
    value = "{run_id}" if place.endswith("{gpus}}") and place.count("{") == 2 else "WANDB_API_KEY"
    with pytest.raises(LaunchInputError, match="macro"):
        predict(config(place), {"gpus": {"type": "string"}}, {"gpus": value}, RUN)


def test_a_declaration_is_written_as_it_was_read():
    declared = {"size": {"type": "string", "default": "small", "enum": ["small", "large"], "description": "of the set"}}
    assert {name: variable.to_dict() for name, variable in read_declarations(declared).items()} == declared
