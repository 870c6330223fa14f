# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's user gets the current context and nothing that it could not use."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.kubeconfig import minified

FULL = {
    "current-context": "a",
    "contexts": [
        {"name": "b", "context": {}},
        {"name": "a", "context": {"cluster": "c", "user": "u", "extensions": [{"name": "context_info"}]}},
    ],
    "clusters": [{"name": "c", "cluster": {"server": "https://192.168.49.2:8443", "extensions": []}}, {"name": "x"}],
    "users": [{"name": "u", "user": {"client-key-data": "secret"}}],
}


def changed(**paths):
    document = copy.deepcopy(FULL)
    for path, value in paths.items():
        many, one = path.split("__")
        document[many][0 if many != "contexts" else 1][one] = value
    return document


def test_only_the_current_context_is_left():
    out = minified(FULL, "jobs")
    assert out["contexts"] == [{"name": "a", "context": {"cluster": "c", "user": "u", "namespace": "jobs"}}]
    assert out["clusters"] == [{"name": "c", "cluster": {"server": "https://192.168.49.2:8443"}}]
    assert [user["name"] for user in out["users"]] == ["u"]
    assert "namespace" not in minified(FULL)["contexts"][0]["context"]
    assert "namespace" not in FULL["contexts"][1]["context"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param("text", "no kubeconfig", id="text"),
        pytest.param({}, "no context named None", id="empty"),
        pytest.param(changed(contexts__context={"cluster": "z", "user": "u"}), "no cluster named 'z'", id="cluster"),
        pytest.param(changed(clusters__cluster={}), "no server address", id="server"),
        pytest.param(changed(users__user={"client-key": "/k"}), "client-key is a path", id="path"),
        pytest.param(changed(users__user={"exec": {}}), "exec runs a program", id="exec"),
    ],
)
def test_refused(document, message):
    with pytest.raises(LaunchInputError, match=message) as caught:
        minified(document)
    assert "secret" not in str(caught.value)
