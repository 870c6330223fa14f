# SPDX-License-Identifier: GPL-3.0-or-later
"""The module (which runs minikube) and the comparison (which does not) judge the same cluster alike."""

import json
from dataclasses import replace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.cluster import Cluster
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.plan import make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.profile import profile_of
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.cluster import compare_cluster
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.cluster_plan import actual_of, wanted_profile
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.judge import Judge
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Observation
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.cluster import (
    ClusterFacts,
    NodeContainer,
    NodeSeen,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.cluster import ClusterWanted
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.docker import container_of

from .recordings import ABSENT, HEALTHY, NO_NODE, STOPPED, Mark, Outcome, Replay, recording

CONFIG = json.loads(recording("role-profile-list").stdout)["valid"][0]["Config"]
INSPECTED = json.loads(recording("docker-inspect-gpu").stdout)[0]
RUNS = container_of(INSPECTED)
LEFTOVER = Outcome(0, '{"invalid": [{"Name": "minikube", "Config": null}], "valid": []}')
NO_STATUS = Outcome(7, "null")
WANTED = ClusterWanted(
    cpus=2,
    memory_mib=4096,
    base_image="local/kicbase:v0.0.50",
    insecure_registries=("registry.example.org:5000",),
    addons=(),
    device_plugin_image="registry.example.org:5000/nvidia/k8s-device-plugin:v0.18.2",
)


def inspected(**state):
    return Outcome(0, json.dumps([{**INSPECTED, "State": {**INSPECTED["State"], **state}}]))


def status(kubelet, apiserver, kubeconfig="Configured", host="Running"):
    words = {"Host": host, "Kubelet": kubelet, "APIServer": apiserver, "Kubeconfig": kubeconfig}
    return Outcome(0, json.dumps(words))


PROFILE = profile_of("minikube", CONFIG)
UP = ClusterFacts(exists=True, profile=PROFILE, container=RUNS, kubeconfig_current=True, node=NodeSeen(ready=True))
DOWN = replace(UP, node=None)
EXITED = replace(RUNS, status="exited")
NEVER = replace(RUNS, status="created", started_at="0001-01-01T00:00:00Z")
GONE = NodeContainer()
CASES = [
    # what minikube and docker print, the mark of a creation, what the observation has, the state
    pytest.param(HEALTHY, Mark(), UP, "healthy", id="healthy"),
    pytest.param(ABSENT, Mark(), ClusterFacts(exists=False, container=GONE), "absent", id="absent"),
    pytest.param(
        {**STOPPED, "docker inspect": inspected(Status="exited")},
        Mark(),
        replace(DOWN, container=EXITED, kubeconfig_current=False),
        "stopped",
        id="stopped",
    ),
    pytest.param(
        {**HEALTHY, "docker inspect": NO_NODE, "minikube status": NO_STATUS},
        Mark(),
        replace(DOWN, container=GONE),
        "stopped",
        id="container removed",
    ),
    pytest.param({**HEALTHY, "minikube status": status("Stopped", "Stopped")}, Mark(), DOWN, "broken", id="broken"),
    pytest.param(
        {**HEALTHY, "minikube status": status("Stopped", "Running")},
        Mark(),
        replace(UP, node=NodeSeen(ready=False)),
        "broken",
        id="kubelet down",
    ),
    pytest.param(
        {**HEALTHY, "minikube status": status("Running", "Running", "Misconfigured")},
        Mark(),
        replace(UP, kubeconfig_current=False),
        "healthy",
        id="kubeconfig of another cluster",
    ),
    pytest.param(
        {
            **HEALTHY,
            "docker inspect": inspected(Status="created", StartedAt=NEVER.started_at),
            "minikube status": NO_STATUS,
        },
        Mark(),
        replace(DOWN, container=NEVER),
        "half_made",
        id="docker could not start it",
    ),
    pytest.param(
        {**STOPPED, "docker inspect": inspected(Status="exited")},
        Mark(True, RUNS.id),
        replace(DOWN, container=EXITED, creating=True, left=RUNS.id),
        "half_made",
        id="cut off while it was made",
    ),
    pytest.param(
        {**ABSENT, "minikube profile list": LEFTOVER},
        Mark(),
        ClusterFacts(exists=True, container=GONE),
        "half_made",
        id="a folder is left",
    ),
    pytest.param(
        {**ABSENT, "docker inspect": recording("docker-inspect-gpu")},
        Mark(),
        ClusterFacts(exists=False, container=RUNS),
        "foreign",
        id="made from another home",
    ),
    pytest.param(
        {**HEALTHY, "minikube status": NO_STATUS},
        Mark(True, "another"),
        replace(DOWN, creating=True, left="another"),
        "foreign",
        id="came after ours had failed",
    ),
    pytest.param(
        {**HEALTHY, "docker inspect": recording("docker-inspect-gpu")},
        Mark(True),
        replace(UP, creating=True),
        "healthy",
        id="works although the mark is there",
    ),
]


@pytest.mark.parametrize(("answers", "mark", "facts", "state"), CASES)
def test_the_same_state(answers, mark, facts, state):
    module = Cluster("/usr/local/bin/minikube", "minikube", Replay({**answers}), mark, 600).observe()
    assert (module.state, actual_of(facts, facts.container).state) == (state, state)


def judged(facts, wanted):
    judge = Judge(Observation(cluster=facts), asked="cluster")
    compare_cluster(judge, wanted)
    checks = ("K8S001", "K8S002", "K8S003", "K8S004", "K8S015", "K8S016", "K8S018")
    return [f for f in judge.report().findings if f.id in checks and f.act == "converge"]


@pytest.mark.parametrize(
    "changes",
    [{}, {"cpus": 4}, {"cpus": 4, "recreate": "when_drifted"}, {"addons": ("ingress",)}, {"gpus": "none"}],
    ids=["as wanted", "drifted", "drifted, to be made anew", "an addon is off", "no GPUs are wanted"],
)
@pytest.mark.parametrize(("answers", "mark", "facts", "state"), [c for c in CASES if c.values[3] != "foreign"])
def test_a_finding_where_the_module_would_act_and_none_where_it_would_not(answers, mark, facts, state, changes):
    wanted = replace(WANTED, **changes)
    module = Cluster("/usr/local/bin/minikube", "minikube", Replay({**answers}), mark, 600).observe()
    assert bool(judged(facts, wanted)) == make_plan(module, wanted_profile(wanted)).changed
