# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a queue's template variables: refused with the bound that they break, put in with their type."""

from __future__ import annotations

import pytest

from tests.lab.wandb_server.graphql import GraphQLError
from tests.lab.wandb_server.template_variables import choose_values, substitute

GPUS = {"gpus": {"type": "integer", "default": 1, "minimum": 0, "maximum": 4}}
SIZE = {"size": {"type": "string", "enum": ["s", "l"]}}
RATE = {"rate": {"type": "number", "minimum": 0.5}}


@pytest.mark.parametrize(
    ("schemas", "given", "chosen"),
    [
        pytest.param(GPUS, {}, {"gpus": 1}, id="default"),
        pytest.param(GPUS, {"gpus": 0}, {"gpus": 0}, id="lowest"),
        pytest.param(GPUS, {"gpus": 4}, {"gpus": 4}, id="highest"),
        pytest.param(RATE, {"rate": 2}, {"rate": 2}, id="an-integer-is-a-number"),
        pytest.param(SIZE, {"size": "l"}, {"size": "l"}, id="enum"),
        pytest.param({}, {}, {}, id="no-variables"),
    ],
)
def test_accepted(schemas, given, chosen):
    assert choose_values(schemas, given) == chosen


@pytest.mark.parametrize(
    ("schemas", "given", "message"),
    [
        pytest.param(GPUS, {"gpus": 5}, "template variable gpus: 5 is more than the maximum 4", id="too-many"),
        pytest.param(GPUS, {"gpus": -1}, "gpus: -1 is less than the minimum 0", id="too-few"),
        pytest.param(GPUS, {"gpus": "2"}, "gpus: '2' is not an integer", id="text-for-integer"),
        pytest.param(GPUS, {"gpus": True}, "gpus: True is not an integer", id="a-bool-is-no-integer"),
        pytest.param(GPUS, {"gpus": 1.5}, "gpus: 1.5 is not an integer", id="fraction"),
        pytest.param(RATE, {"rate": "x"}, "rate: 'x' is not a number", id="text-for-number"),
        pytest.param(SIZE, {"size": "m"}, r"size: 'm' is not one of \['s', 'l'\]", id="not-in-enum"),
        pytest.param(SIZE, {}, "size has no value and no default", id="missing"),
        pytest.param(GPUS, {"gpu": 1}, "unknown template variable gpu; the queue has: gpus", id="unknown"),
    ],
)
def test_refused(schemas, given, message):
    with pytest.raises(GraphQLError, match=message):
        choose_values(schemas, given)


@pytest.mark.parametrize(
    ("node", "typed", "expected"),
    [
        pytest.param("{{gpus}}", True, 2, id="alone-keeps-its-type"),
        pytest.param("{{ gpus }}", False, "2", id="untyped-server"),
        pytest.param("n={{gpus}}", True, "n=2", id="inside-a-text"),
        pytest.param("{{other}}", True, "{{other}}", id="unknown-stays"),
        pytest.param("${run_id}", True, "${run_id}", id="macros-are-the-agents"),
        pytest.param(
            {"a": [{"{{gpus}}": "{{gpus}}"}], "n": 3}, True, {"a": [{"{{gpus}}": 2}], "n": 3}, id="never-in-keys"
        ),
    ],
)
def test_substitution(node, typed, expected):
    assert substitute(node, {"gpus": 2}, typed) == expected
