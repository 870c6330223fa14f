# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing a cluster through a runner that replays recordings."""

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.cluster import Cluster, describe, predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.errors import MinikubeError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.plan import make_plan

from .recordings import ABSENT, HEALTHY, NO_NODE, STOPPED, Mark, Outcome, Replay, recording
from .test_plan import wanted

BUSY = json.dumps(
    {
        "items": [
            {
                "metadata": {"namespace": "team", "name": "train"},
                "status": {"phase": "Running"},
                "spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": 1}}}]},
            }
        ]
    }
)


def cluster(replay, mark=None):
    return Cluster("/usr/local/bin/minikube", "minikube", replay, mark or Mark(), 600)


def converge(replay, mark=None, **changes):
    box, asked = cluster(replay, mark), wanted(**changes)
    return box.apply(make_plan(box.observe(), asked), asked)


def test_what_is_seen_of_a_healthy_cluster():
    seen = describe(cluster(Replay({**HEALTHY})).observe())
    assert seen["state"] == "healthy"
    assert seen["node"] == {
        "status": "running",
        "started_at": "2026-11-22T04:41:36.890697103Z",
        "gpus": True,
        "allocatable_gpus": 4,
    }


def test_an_absent_cluster_is_not_asked_for_its_status():
    replay = Replay({**ABSENT})
    assert describe(cluster(replay).observe()) == {"state": "absent"}
    assert not [call for call in replay.calls if call.startswith("minikube status")]


def test_create_then_addon_and_the_mark_is_gone():
    mark, replay = Mark(), Replay({**ABSENT}, {"minikube start": HEALTHY})
    replay.answers["minikube start"] = recording("gpu-start-json")
    assert converge(replay, mark).state == "healthy"
    assert [words.split(" --")[0] for words in replay.writes()] == [
        "minikube start",
        "minikube addons enable nvidia-device-plugin",
    ]
    assert not mark.there


def test_a_creation_that_fails_leaves_the_mark_and_says_why():
    mark = Mark()
    replay = Replay({**ABSENT, "minikube start": recording("start-root-noforce-json")})
    with pytest.raises(MinikubeError, match="DRV_AS_ROOT"):
        converge(replay, mark)
    assert mark.there


def test_a_start_that_does_not_end_says_how_far_it_came():
    late = Outcome(-1, "\n".join(recording("gpu-start-json").stdout.splitlines()[:7]), "", timed_out=True)
    with pytest.raises(MinikubeError, match="600 s, at step 8/19 Creating Container"):
        converge(Replay({**ABSENT, "minikube start": late}))


def test_a_success_that_leaves_no_cluster_is_a_failure():
    with pytest.raises(MinikubeError, match="is absent although"):
        converge(Replay({**ABSENT}))


def test_stopped_cluster_is_started_without_options():
    replay = Replay({**STOPPED}, {"minikube start": HEALTHY})
    assert converge(replay).state == "healthy"
    assert replay.writes() == ["minikube start --profile=minikube --interactive=false --output=json"]


def test_delete():
    mark, replay = Mark(True), Replay({**HEALTHY}, {"minikube delete": ABSENT})
    assert converge(replay, mark, state="absent").state == "absent"
    assert replay.writes() == ["minikube delete --profile=minikube"]
    assert not mark.there


def test_a_cluster_with_gpu_jobs_is_not_deleted():
    replay = Replay({**HEALTHY, "docker exec minikube /bin/sh -c": Outcome(0, BUSY)})
    with pytest.raises(MinikubeError, match="team/train"):
        converge(replay, recreate="when_drifted", memory_mib=8192)
    assert replay.writes() == []


def test_a_cluster_whose_jobs_are_unknown_is_not_deleted():
    replay = Replay({**HEALTHY, "docker exec minikube /bin/sh -c": Outcome(1, "", "connection refused")})
    with pytest.raises(MinikubeError, match="could not be read"):
        converge(replay, recreate="when_drifted", memory_mib=8192)
    assert replay.writes() == []


def test_an_idle_cluster_is_made_anew_by_consent():
    replay = Replay({**HEALTHY}, {"minikube delete": ABSENT, "minikube start": HEALTHY})
    assert converge(replay, recreate="when_drifted", memory_mib=8192).state == "healthy"
    assert [words.split()[1] for words in replay.writes()] == ["delete", "start", "addons"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("permission denied while trying to connect to the Docker daemon socket", "group docker"),
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "start docker"),
    ],
)
def test_without_docker_nothing_is_concluded(said, words):
    replay = Replay({**STOPPED, "docker inspect": Outcome(1, "", said)})
    with pytest.raises(MinikubeError, match=words):
        cluster(replay).observe()


def test_a_command_that_only_reads_is_bounded_too():
    replay = Replay({"minikube profile list": Outcome(-1, timed_out=True), "docker inspect": NO_NODE})
    with pytest.raises(MinikubeError, match="did not end within 60 s"):
        cluster(replay).observe()


def test_an_addon_that_fails_names_itself():
    failed = Outcome(10, "", "X Exiting due to MK_ADDON_ENABLE: enable failed")
    replay = Replay({**ABSENT, "minikube addons": failed}, {"minikube start": HEALTHY})
    with pytest.raises(MinikubeError, match=r"enable nvidia-device-plugin.*MK_ADDON_ENABLE"):
        converge(replay)


@pytest.mark.parametrize(
    ("answers", "changes", "expected"),
    [
        pytest.param(HEALTHY, {}, "healthy", id="nothing to do"),
        pytest.param(ABSENT, {}, "healthy", id="create"),
        pytest.param(HEALTHY, {"state": "absent"}, "absent", id="delete"),
        pytest.param(HEALTHY, {"state": "stopped"}, "stopped", id="stop"),
    ],
)
def test_check_mode_predicts_the_state(answers, changes, expected):
    actual, asked = cluster(Replay({**answers})).observe(), wanted(**changes)
    assert predict(make_plan(actual, asked), asked, describe(actual))["state"] == expected


def test_check_mode_predicts_the_addons():
    actual = cluster(Replay({**HEALTHY})).observe()
    asked = wanted(addons=["ingress", {"name": "nvidia-device-plugin", "enabled": False}])
    assert predict(make_plan(actual, asked), asked, describe(actual))["addons"] == ["ingress"]
