# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs leave in a cluster: Secrets without a Job, and Jobs that hold a slot and do not start."""

import time
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.agent import LeftoversSeen, SecretSeen
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import agent_leftovers
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.agent_leftovers import leftovers
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.kubernetes import METADATA

NOW = 1_700_000_000.0
PULL = {"reason": "ImagePullBackOff", "message": "Back-off pulling image x:1"}
FULL = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}


def item(name, age=999, labels=None, **more):
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - age))
    return {"metadata": {"name": name, "creationTimestamp": made, "labels": labels}, **more}


def job(name, run, age=999, **status):
    return item(name, age, {"wandb.ai/run-id": run}, status=status)


def pod(job, age=999, **status):
    return item(f"{job}-x", age, {"job-name": job}, status={"phase": "Pending", **status})


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """What is five seconds old stays so, however long the tests before took."""
    monkeypatch.setattr(agent_leftovers, "time", SimpleNamespace(time=lambda: NOW))


class Session:
    """A cluster that answers by path and selector, and notes what was asked for, and in which form."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def get(self, path, accept=""):
        split = urlsplit(path)
        kind = split.path.rpartition("/")[2]
        selector = parse_qs(split.query)["labelSelector"][0]
        self.asked.append((split.path, selector, accept))
        return {"items": self.answers.get("releases" if selector == "owner=helm" else kind, [])}


def seen(**answers):
    return leftovers(Session(**answers), ["jobs"], "kept")


def test_nothing_is_left_and_little_is_asked():
    session = Session()
    assert leftovers(session, ["b", "a", "b"]) == LeftoversSeen()
    assert session.asked == [
        (f"/{group}/namespaces/{place}/{kind}", selector, accept)
        for place in ("a", "b")
        for group, kind, selector, accept in (
            ("apis/batch/v1", "jobs", "wandb.ai/run-id", ""),
            ("api/v1", "secrets", "wandb.ai/created-by=launch-agent", METADATA),
        )
    ]


@pytest.mark.parametrize(
    ("secret", "left"),
    [
        pytest.param(item("wandb-api-key-gone"), True, id="no-job"),
        pytest.param(item("wandb-api-key-lives"), False, id="of-a-live-job"),
        pytest.param(item("wandb-api-key-new", age=5), False, id="its-job-comes"),
        pytest.param(item("mine"), False, id="of-others"),
        pytest.param(item("wandb-api-key-team"), False, id="of-a-release"),
        pytest.param(item("wandb-api-key-kept"), False, id="of-all-runs"),
        pytest.param(
            item("wandb-api-key-x", labels={"app.kubernetes.io/managed-by": "Helm"}), False, id="of-the-chart"
        ),
    ],
)
def test_secrets(secret, left):
    releases = [item("sh.helm.release.v1.team.v1", labels={"owner": "helm", "name": "team"})]
    found = seen(secrets=[secret], jobs=[job("launch-a", "lives", succeeded=1)], releases=releases)
    assert found.secrets == ((SecretSeen("jobs", secret["metadata"]["name"]),) if left else ())


@pytest.mark.parametrize(
    ("job", "pod", "reason"),
    [
        pytest.param(
            job("a", "r1", active=1),
            pod("a", containerStatuses=[{"state": {"waiting": PULL}}]),
            "ImagePullBackOff: Back-off pulling image x:1",
            id="image",
        ),
        pytest.param(
            job("a", "r1", active=1), pod("a", conditions=[FULL]), "Unschedulable: 0/1 nodes are available", id="full"
        ),
        pytest.param(job("a", "r1", active=1, ready=1), pod("a", conditions=[FULL]), None, id="runs"),
        pytest.param(job("a", "r1", succeeded=1), pod("a", conditions=[FULL]), None, id="finished"),
        pytest.param(job("a", "r1", age=5, active=1), pod("a", conditions=[FULL]), None, id="just-made"),
        pytest.param(job("a", "r1", active=1), pod("b", conditions=[FULL]), None, id="pod-of-another-job"),
        pytest.param(job("a", "r1", active=1), pod("a"), "Pending", id="no-word-why"),
    ],
)
def test_jobs_that_do_not_start(job, pod, reason):
    found = seen(jobs=[job], pods=[pod]).waiting
    assert [(each.name, each.secret, each.reason) for each in found] == (
        [("a", "wandb-api-key-r1", reason)] if reason else []
    )
    assert all(900 < each.age < 1100 for each in found)
