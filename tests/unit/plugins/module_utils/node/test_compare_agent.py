# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's inputs."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.agent import url_problem

from .machines import first, ids

GOOD = {"entity": "team-a", "api_key_length": 40, "base_url": "https://api.wandb.ai", "queues": [{"name": "gpus"}]}


def test_good_inputs():
    assert ids("agent", GOOD) == []
    assert (
        ids("agent", {**GOOD, "queues": [{"name": "a", "config": {}, "template_variables": {}, "max_jobs": 1}]}) == []
    )


@pytest.mark.parametrize(
    ("change", "check", "subject"),
    [
        pytest.param({"entity": ""}, "AGT017", "launch_agent_entity", id="no-entity"),
        pytest.param({"entity": "  "}, "AGT017", "launch_agent_entity", id="blank-entity"),
        pytest.param({"api_key_length": 0}, "AGT011", "launch_agent_api_key", id="no-key"),
        pytest.param({"api_key_length": 39}, "AGT011", "launch_agent_api_key", id="short-key"),
        pytest.param({"base_url": "http://localhost:8080"}, "AGT004", "launch_agent_base_url", id="loopback"),
        pytest.param({"queues": []}, "AGT002", "launch_agent_queues", id="no-queue"),
        pytest.param({"queues": [{"name": "a"}, {"name": "a"}]}, "AGT002", "queue a", id="queue-twice"),
    ],
)
def test_refused(change, check, subject):
    finding = first("agent", {**GOOD, **change})
    assert (finding.id, finding.act, finding.subject) == (check, "refuse", subject)


def test_more_jobs_than_gpus_is_told():
    assert ids("agent", {**GOOD, "max_jobs": 5}, gpu=None) == []
    assert ids("agent", {**GOOD, "max_jobs": 5}) == [("AGT009", "tell")]
    assert ids("agent", {**GOOD, "max_jobs": 4}) == []


@pytest.mark.parametrize("url", ["https://api.wandb.ai", "http://172.31.91.1:8080", "https://wandb.example.org/base"])
def test_urls_that_pods_reach(url):
    assert url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "nothing"),
        ("api.wandb.ai", "no http(s) URL"),
        ("ftp://api.wandb.ai", "no http(s) URL"),
        ("http://[::1", "no URL"),
        ("http://host:99999", "no URL"),
        ("http://wandb.localhost", "loopback"),
        ("http://127.0.0.2:8080", "loopback"),
        ("http://[::1]:8080", "loopback"),
        ("http://0.0.0.0", "loopback"),
    ],
)
def test_urls_that_pods_do_not_reach(url, words):
    assert words in (url_problem(url) or "")
