# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands follow from what is there and what is wanted."""

from dataclasses import replace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.command import arguments
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.errors import MinikubeError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.plan import Action, Actual, make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.profile import parse_profile_list
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.status import parse_inspect, parse_status
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.wanted import Addon, Wanted, split_image

from .recordings import recording

PLUGIN_IMAGE = "registry.example.org:5000/nvidia/k8s-device-plugin:v0.18.2"
PLUGIN = {"name": "nvidia-device-plugin", "images": {"NvidiaDevicePlugin": PLUGIN_IMAGE}}
PARAMS = {
    "profile": "minikube",
    "state": "started",
    "gpus": "all",
    "cpus": 2,
    "memory_mib": 4096,
    "kubernetes_version": "v1.34.4",
    "driver": "docker",
    "container_runtime": "docker",
    "base_image": "",
    "binary_mirror": "",
    "image_repository": "",
    "insecure_registries": [],
    "registry_mirrors": [],
    "preload": False,
    "addons": [PLUGIN],
    "recreate": "never",
    "ignore_drift": [],
}

PROFILE = parse_profile_list(recording("role-profile-list").stdout, "minikube").profile
NODE = parse_inspect(recording("docker-inspect-gpu").stdout)
RUNNING = parse_status(recording("gpu-ok-status-o-json").stdout)
DOWN = parse_status(recording("k1-stopped-status-json").stdout)
HEALTHY = Actual(PROFILE, status=RUNNING, node=NODE)
KUBELET_DOWN = replace(RUNNING, kubelet="Stopped", apiserver="Stopped")
NEVER_RAN = replace(NODE, status="created", started_at="0001-01-01T00:00:00Z")


def wanted(**changes):
    return Wanted.from_params({**PARAMS, **changes})


def actions(actual, **changes):
    return [str(action) for action in make_plan(actual, wanted(**changes)).actions]


FRESH = ["create", "enable nvidia-device-plugin"]
ANEW = ["delete", *FRESH]


@pytest.mark.parametrize(
    ("actual", "state", "expected"),
    [
        pytest.param(Actual(), "absent", FRESH, id="absent"),
        pytest.param(HEALTHY, "healthy", [], id="healthy: never a start"),
        pytest.param(replace(HEALTHY, creating=True), "healthy", [], id="healthy after an interrupted run"),
        pytest.param(Actual(PROFILE, status=DOWN, node=NODE), "stopped", ["start"], id="stopped"),
        pytest.param(Actual(PROFILE), "stopped", ["start"], id="container gone, state kept in the volume"),
        pytest.param(Actual(PROFILE, status=KUBELET_DOWN, node=NODE), "broken", ["start"], id="broken, once worked"),
        pytest.param(
            Actual(PROFILE, creating=True, status=KUBELET_DOWN, node=NODE), "half_made", ANEW, id="half installed"
        ),
        pytest.param(Actual(PROFILE, node=NEVER_RAN), "half_made", ANEW, id="container that docker refused to start"),
        pytest.param(Actual(leftover=True), "half_made", ANEW, id="left by a refused start"),
        pytest.param(
            Actual(PROFILE, creating=True, left=NODE.id, status=KUBELET_DOWN, node=NODE),
            "half_made",
            ANEW,
            id="half installed, and the failure named its container",
        ),
        pytest.param(Actual(PROFILE, creating=True, left=""), "half_made", ANEW, id="failed before its container"),
    ],
)
def test_started(actual, state, expected):
    assert actual.state == state
    assert actions(actual) == expected


def test_a_stale_kubeconfig_is_mended_without_a_start():
    stale = replace(HEALTHY, status=replace(RUNNING, kubeconfig="Misconfigured"))
    assert actions(stale) == ["update-context"]


@pytest.mark.parametrize(
    ("actual", "stop", "remove"),
    [
        pytest.param(Actual(), [], [], id="absent"),
        pytest.param(HEALTHY, ["stop"], ["delete"], id="healthy"),
        pytest.param(Actual(PROFILE, status=DOWN, node=NODE), [], ["delete"], id="stopped"),
        pytest.param(Actual(PROFILE, status=KUBELET_DOWN, node=NODE), ["stop"], ["delete"], id="broken"),
        pytest.param(Actual(leftover=True), [], ["delete"], id="leftover"),
    ],
)
def test_stopped_and_absent(actual, stop, remove):
    assert actions(actual, state="stopped") == stop
    assert actions(actual, state="absent") == remove


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        pytest.param(Actual(node=replace(NODE, is_minikube=False)), "is not minikube's", id="no minikube at all"),
        pytest.param(Actual(node=NODE), "no such profile", id="made from another home"),
        pytest.param(Actual(leftover=True, node=NODE), "no such profile", id="after a start that was refused here"),
        pytest.param(Actual(creating=True, left="", node=NODE), "no such profile", id="after one that failed early"),
        pytest.param(Actual(PROFILE, creating=True, left="", node=NODE), "failed", id="after one without container"),
        pytest.param(Actual(PROFILE, creating=True, left="other", node=NODE), "failed", id="another container"),
    ],
)
def test_somebody_elses_container_is_neither_deleted_nor_started(actual, words):
    assert actual.state == "foreign"
    assert actions(actual, state="absent") == []
    for state in ("started", "stopped"):
        with pytest.raises(MinikubeError, match=f"{words}.*minikube_gpu_profile"):
            actions(actual, state=state, recreate="when_drifted")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param({}, [], id="as wanted"),
        pytest.param({"gpus": "nvidia"}, [], id="nvidia means all"),
        pytest.param({"gpus": "none"}, ["gpus"], id="no GPUs wanted"),
        pytest.param({"cpus": 0, "memory_mib": 0}, [], id="left to minikube"),
        pytest.param({"cpus": 4, "memory_mib": 8192}, ["cpus", "memory_mib"], id="other size"),
        pytest.param({"memory_mib": 8192, "ignore_drift": ["memory_mib"]}, [], id="not compared"),
        pytest.param({"kubernetes_version": "1.34.4"}, [], id="version without v"),
        pytest.param({"kubernetes_version": "stable"}, [], id="a word is no version"),
        pytest.param({"kubernetes_version": "v1.35.1"}, ["kubernetes_version"], id="other version"),
        pytest.param({"base_image": "local/kicbase:v0.0.50"}, [], id="same node image"),
        pytest.param({"base_image": "local/kicbase:v0.0.51"}, ["base_image"], id="other node image"),
        pytest.param({"insecure_registries": ["registry.example.org:5000"]}, [], id="registry known"),
        pytest.param({"insecure_registries": ["other:5000"]}, ["insecure_registries"], id="registry unknown"),
        pytest.param({"registry_mirrors": ["http://mirror"]}, ["registry_mirrors"], id="mirror unknown"),
        pytest.param({"image_repository": "registry.example.org"}, ["image_repository"], id="other repository"),
    ],
)
def test_drift_is_told_and_nothing_is_run(changes, names):
    plan = make_plan(HEALTHY, wanted(**changes))
    assert [item.name for item in plan.drift] == names
    assert not plan.changed


def test_a_profile_with_gpus_whose_node_has_none_has_drifted():
    plan = make_plan(replace(HEALTHY, node=replace(NODE, has_gpus=False)), wanted())
    assert [item.to_dict() for item in plan.drift] == [{"name": "gpus", "found": "none", "wanted": "all"}]


def test_drift_is_mended_only_by_consent():
    plan = make_plan(HEALTHY, wanted(memory_mib=8192, recreate="when_drifted"))
    assert [str(action) for action in plan.actions] == ANEW
    assert plan.deletes
    assert actions(HEALTHY, recreate="when_drifted") == []


@pytest.mark.parametrize(
    ("addons", "expected"),
    [
        pytest.param([PLUGIN], [], id="as wanted"),
        pytest.param(["nvidia-device-plugin"], [], id="without a wish for its image"),
        pytest.param(["ingress", PLUGIN], ["enable ingress"], id="another one"),
        pytest.param(
            [{**PLUGIN, "images": {"NvidiaDevicePlugin": "other/plugin:1"}}],
            ["enable nvidia-device-plugin"],
            id="image",
        ),
        pytest.param([{"name": "nvidia-device-plugin", "enabled": False}], ["disable nvidia-device-plugin"], id="off"),
        pytest.param([{"name": "ingress", "enabled": False}], [], id="already off"),
    ],
)
def test_addons(addons, expected):
    assert actions(HEALTHY, addons=addons) == expected


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("nvcr.io/nvidia/k8s-device-plugin:v1", ("nvcr.io", "nvidia/k8s-device-plugin:v1")),
        ("host:5000/x:1", ("host:5000", "x:1")),
        ("localhost/x", ("localhost", "x")),
        ("nvidia/x:1", ("docker.io", "nvidia/x:1")),
        ("x:1", ("docker.io", "x:1")),
    ],
)
def test_registry_and_rest_of_an_image(reference, parts):
    assert split_image(reference) == parts


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"profile": "-x"}, "profile '-x'", id="dash first"),
        pytest.param({"profile": "x"}, "at least two", id="too short"),
        pytest.param({"cpus": 1}, "cpus is 1", id="one CPU"),
        pytest.param({"memory_mib": 512}, "memory_mib is 512", id="little memory"),
        pytest.param({"addons": [3]}, r"addons\[0\]", id="addon of a wrong type"),
        pytest.param({"addons": [""]}, r"addons\[0\]", id="addon without a name"),
        pytest.param({"addons": ["a", {"name": "b", "image": {}}]}, r"addons\[1\].image", id="unknown key"),
        pytest.param({"addons": [{"name": "b", "images": ["x"]}]}, "images", id="images of a wrong type"),
        pytest.param({"addons": [{"name": "b", "enabled": "yes"}]}, "enabled", id="enabled as a word"),
    ],
)
def test_inputs_that_the_argument_specification_lets_through(changes, words):
    with pytest.raises(MinikubeError, match=words):
        wanted(**changes)


def test_create_names_every_value_that_a_later_minikube_may_choose_otherwise():
    line = arguments(Action("create"), wanted(insecure_registries=["r:5000"], base_image="b", binary_mirror="http://m"))
    for option in (
        "--profile=minikube",
        "--driver=docker",
        "--container-runtime=docker",
        "--gpus=all",
        "--memory=4096mb",
        "--cpus=2",
        "--kubernetes-version=v1.34.4",
        "--embed-certs",
        "--install-addons=false",
        "--preload=false",
        "--insecure-registry=r:5000",
        "--base-image=b",
        "--binary-mirror=http://m",
        "--output=json",
    ):
        assert option in line
    assert "--force" not in line
    assert not [word for word in line if word.startswith(("--image-repository", "--registry-mirror"))]


def test_a_cpu_cluster_has_no_gpu_flag():
    assert not [word for word in arguments(Action("create"), wanted(gpus="none")) if word.startswith("--gpus")]


def test_a_later_start_takes_everything_from_the_profile():
    assert arguments(Action("start"), wanted()) == [
        "start",
        "--profile=minikube",
        "--interactive=false",
        "--output=json",
    ]


def test_an_addon_gets_image_and_registry_together():
    addon = Addon.from_value(PLUGIN, "addons[0]")
    assert arguments(Action("enable", addon), wanted())[-2:] == [
        "--images=NvidiaDevicePlugin=nvidia/k8s-device-plugin:v0.18.2",
        "--registries=NvidiaDevicePlugin=registry.example.org:5000",
    ]
    assert arguments(Action("disable", addon), wanted()) == ["addons", "disable", addon.name, "--profile=minikube"]
    assert arguments(Action("delete"), wanted()) == ["delete", "--profile=minikube"]
