# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Jobs hold a slot and do not start, by what the cluster says of them and of their pods."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.waiting_jobs import reason_of, waiting

PULL = {"reason": "ImagePullBackOff", "message": "Back-off pulling image x:1"}
FULL = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}
NOW = 1_700_000_000.0  # 2023-11-14T22:13:20Z


def job(name, **status):
    return {"metadata": {"name": name, "labels": {"wandb.ai/run-id": f"run-{name}"}}, "status": status}


def pod(job, made="2023-11-14T22:03:20Z", **status):
    return {
        "metadata": {"name": f"{job}-x", "creationTimestamp": made, "labels": {"job-name": job}},
        "status": {"phase": "Pending", **status},
    }


def test_those_that_wait_come_by_name():
    jobs = [
        job("b", active=1),
        job("a", active=1),
        job("c", active=1, ready=1),
        job("d", succeeded=1),
        {**job("e"), "status": None},
    ]
    pods = [pod(name, conditions=[FULL]) for name in "bacdef"]
    assert waiting(jobs, pods, NOW) == [
        ("a", "run-a", "Unschedulable: 0/1 nodes are available", 600.0, 600.0 / 7),
        ("b", "run-b", "Unschedulable: 0/1 nodes are available", 600.0, 600.0 / 7),
    ]


def test_an_image_that_can_not_be_pulled_speaks_against_a_job_at_once():
    (found,) = waiting([job("a", active=1)], [pod("a", containerStatuses=[{"state": {"waiting": PULL}}])], NOW)
    assert (found.age, found.counted) == (600.0, 600.0)


def test_a_clock_that_was_set_back_makes_nothing_old():
    assert waiting([job("a", active=1)], [pod("a", made="2023-11-14T23:00:00Z")], NOW)[0].age == 0.0


def test_pods_without_labels_are_of_others():
    assert waiting([job("a", active=1)], [{"metadata": {"name": "x"}, "status": {"phase": "Pending"}}], NOW) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"phase": "Running", "containerStatuses": [{"state": {"waiting": PULL}}]}, ""),
        ({}, ""),
        (
            {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]},
            "ContainerCreating",
        ),
        (
            {
                "phase": "Pending",
                "initContainerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}],
                "containerStatuses": [{"state": {"waiting": {"reason": "PodInitializing"}}}],
            },
            "ErrImagePull",
        ),
        (
            {"phase": "Pending", "conditions": [{**FULL, "status": "True"}], "containerStatuses": [{"state": None}]},
            "Pending",
        ),
    ],
    ids=["runs", "empty", "volume-or-image", "the-first-of-two", "has-room-now"],
)
def test_reasons(status, reason):
    assert reason_of({"status": status}) == reason
