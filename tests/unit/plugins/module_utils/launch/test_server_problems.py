# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's words on a config, by the path that its author knows."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.server_problems import problems_of, text_of


@pytest.mark.parametrize(
    ("error", "path", "message"),
    [
        pytest.param("(root): Additional property x", "config", "Additional property x", id="root"),
        pytest.param("(root).spec.a: bad", "config.spec.a", "bad", id="below-root"),
        pytest.param(
            "resource_args.kubernetes.spec.containers.0.image: bad",
            "config.spec.containers[0].image",
            "bad",
            id="dotted",
        ),
        pytest.param("/resource_args/kubernetes/spec: bad", "config.spec", "bad", id="pointer"),
        pytest.param("spec.containers[1]: bad: worse", "config.spec.containers[1]", "bad: worse", id="brackets"),
        pytest.param("$.spec: bad", "config.spec", "bad", id="json-path"),
        pytest.param("the config is wrong", "config", "the config is wrong", id="sentence"),
        pytest.param("Error in config: bad", "config", "Error in config: bad", id="sentence-with-colon"),
        pytest.param(
            {"path": ["resource_args", "kubernetes", "a", 0], "message": "bad"}, "config.a[0]", "bad", id="list"
        ),
        pytest.param({"field": "(root)", "description": "bad"}, "config", "bad", id="other-names"),
        pytest.param({"code": 3}, "config", "no reason given", id="nothing-known"),
        pytest.param({"path": "kubernetes_x.y", "message": "bad"}, "config.kubernetes_x.y", "bad", id="like-a-wrapper"),
    ],
)
def test_path_and_message(error, path, message):
    assert problems_of([error]) == [{"path": path, "message": message}]


@pytest.mark.parametrize("nothing", [None, [], [None, ""], ""])
def test_no_problem(nothing):
    assert problems_of(nothing) == []
    assert text_of([]) == "no reason given"


def test_one_text_is_one_problem():
    assert text_of(problems_of("spec: bad")) == "config.spec: bad"
