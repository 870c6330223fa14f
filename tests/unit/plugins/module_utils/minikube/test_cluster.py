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


NODE_OF_OURS = recording("docker-inspect-gpu")
NODE_ID = json.loads(NODE_OF_OURS.stdout)[0]["Id"]
EXITED = Outcome(0, NODE_OF_OURS.stdout.replace('"Status": "running"', '"Status": "exited"'))
KUBELET_DOWN = json.dumps({"Host": "Running", "Kubelet": "Stopped", "APIServer": "Stopped", "Kubeconfig": "Configured"})
BROKEN = {**HEALTHY, "minikube status": Outcome(6, KUBELET_DOWN)}


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
    assert (mark.there, mark.left) == (True, "")


@pytest.mark.parametrize(
    ("inspect", "left"),
    [
        pytest.param(NODE_OF_OURS, NODE_ID, id="container left"),
        pytest.param(NO_NODE, "", id="no container left"),
        pytest.param(Outcome(1, "", "Cannot connect to the Docker daemon"), None, id="docker gone: not known"),
    ],
)
def test_a_creation_that_fails_notes_which_container_is_its_own(inspect, left):
    mark = Mark()
    replay = Replay({**ABSENT, "minikube start": Outcome(80)}, {"minikube start": {"docker inspect": inspect}})
    with pytest.raises(MinikubeError, match="GUEST_PROVISION"):
        converge(replay, mark)
    assert (mark.there, mark.left) == (True, left)


def test_a_cluster_that_worked_once_is_not_half_made_although_its_addon_failed():
    mark = Mark()
    replay = Replay({**ABSENT, "minikube addons": Outcome(10)}, {"minikube start": HEALTHY})
    with pytest.raises(MinikubeError, match="enable nvidia-device-plugin"):
        converge(replay, mark)
    assert not mark.there
    replay.answers.update(STOPPED)
    assert cluster(replay, mark).observe().state == "stopped"


@pytest.mark.parametrize(("answers", "there"), [(HEALTHY, False), (STOPPED, True)], ids=["works", "does not work yet"])
def test_a_mark_that_an_interrupted_run_left_goes_once_the_cluster_works(answers, there):
    mark = Mark(True)
    box = cluster(Replay({**answers}), mark)
    box.settle(box.observe())
    assert mark.there is there


def test_a_cluster_of_another_home_is_left_alone_when_ours_is_removed():
    mine = {**ABSENT, "docker inspect": recording("docker-inspect-gpu")}
    replay = Replay({**mine})
    assert converge(replay, state="absent").state == "foreign"
    with pytest.raises(MinikubeError, match="another minikube"):
        converge(replay)
    assert replay.writes() == []


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


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Outcome(1, "", "connection refused"), id="no answer"),
        pytest.param(Outcome(0, "Unauthorized"), id="no list"),
    ],
)
@pytest.mark.parametrize("answers", [HEALTHY, BROKEN], ids=["healthy", "broken"])
def test_a_running_cluster_whose_jobs_are_unknown_is_not_deleted(answers, answer):
    replay = Replay({**answers, "docker exec minikube /bin/sh -c": answer})
    with pytest.raises(MinikubeError, match="could not be read"):
        converge(replay, recreate="when_drifted", memory_mib=8192)
    assert replay.writes() == []


def test_a_broken_cluster_is_not_deleted_under_a_gpu_job():
    replay = Replay({**BROKEN, "docker exec minikube /bin/sh -c": Outcome(0, BUSY)})
    with pytest.raises(MinikubeError, match="team/train"):
        converge(replay, recreate="when_drifted", memory_mib=8192)
    assert replay.writes() == []


@pytest.mark.parametrize(
    ("answers", "mark"),
    [
        pytest.param({**STOPPED, "docker inspect": EXITED}, Mark(), id="stopped: no pod is alive"),
        pytest.param({**BROKEN, "docker exec minikube": Outcome(1)}, Mark(True), id="half made: no pod ever was"),
    ],
)
def test_a_cluster_that_can_hold_no_job_is_made_anew_unasked(answers, mark):
    replay = Replay({**answers}, {"minikube delete": ABSENT, "minikube start": HEALTHY})
    assert converge(replay, mark, recreate="when_drifted", memory_mib=8192).state == "healthy"
    assert [words.split()[1] for words in replay.writes()] == ["delete", "start", "addons"]


def test_a_half_made_cluster_that_runs_a_gpu_job_after_all_is_not_deleted():
    replay = Replay({**BROKEN, "docker exec minikube /bin/sh -c": Outcome(0, BUSY)})
    with pytest.raises(MinikubeError, match="team/train"):
        converge(replay, Mark(True))
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
