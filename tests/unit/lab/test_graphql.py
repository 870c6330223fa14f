# SPDX-License-Identifier: GPL-3.0-or-later
"""The GraphQL subset reads what W&B's clients really send."""

from __future__ import annotations

import pytest

from tests.lab.wandb_server.graphql import Document, GraphQLError, Variable

AGENT_QUERY = """
# the shape of the agent's poll
mutation popFromRunQueue($entity: String!, $queue: String!, $agent: ID, $limit: Int = 5) {
    popFromRunQueue(
        input: {entityName: $entity, queueName: $queue, launchAgentId: $agent, limit: $limit, tags: ["a", 1]}
    ) {
        runQueueItemId runSpec
    }
}
"""


def arguments(text, variables):
    document = Document(text)
    (field,) = document.flat(document.root)
    return document.bind(field.arguments, variables)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(
            {"entity": "e", "queue": "q", "agent": "a"},
            {"entityName": "e", "queueName": "q", "launchAgentId": "a", "limit": 5, "tags": ["a", 1]},
            id="default-fills-what-was-not-sent",
        ),
        pytest.param(
            {"entity": "e", "queue": "q", "limit": None},
            {"entityName": "e", "queueName": "q", "limit": None, "tags": ["a", 1]},
            id="unsent-key-is-left-out-but-null-is-kept",
        ),
    ],
)
def test_variables_are_bound_inside_input_objects(variables, expected):
    assert arguments(AGENT_QUERY, variables) == {"input": expected}


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("-12", -12),
        ("1.5e3", 1500.0),
        ("true", True),
        ("null", None),
        ("PROJECT", "PROJECT"),
        (r'"a \"quoted\" text"', 'a "quoted" text'),
        ('"""block"""', "block"),
        ("{a: [1, {b: 2}]}", {"a": [1, {"b": 2}]}),
        ("$x", 7),
    ],
)
def test_literals(literal, value):
    assert arguments(f"query ($x: Int) {{ field(a: {literal}) }}", {"x": 7}) == {"a": value}


def test_selection_opens_fragments_aliases_and_calls_fields_with_arguments():
    document = Document("""
        query ($id: ID!) { project { ...parts two: item(id: $id) { id } ... on Thing { kind } missing } }
        fragment parts on Project { id name @include(if: true) }
    """)
    (field,) = document.flat(document.root)
    value = {"id": 1, "name": "n", "secret": "s", "kind": "k", "item": lambda given: {"id": given["id"]}}
    shaped = document.shape(value, field.selection, {"id": "x"})
    assert shaped == {"id": 1, "name": "n", "two": {"id": "x"}, "kind": "k", "missing": None}


@pytest.mark.parametrize("text", ["query { a", "query { a(b: }", "mutation (", "query ($x Int) { a }", "fragment f {}"])
def test_a_broken_document_is_refused_with_a_syntax_error(text):
    with pytest.raises(GraphQLError, match="Syntax Error"):
        Document(text)


def test_only_the_first_operation_counts():
    document = Document("query a { one } query b { two }")
    assert [field.name for field in document.flat(document.root)] == ["one"]


def test_an_unsent_variable_without_default_is_null_on_its_own():
    assert Document("{ a }").bind(Variable("nobody"), {}) is None
