# SPDX-License-Identifier: GPL-3.0-or-later
"""What minikube v1.38.1 printed, read."""

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube import errors, events, profile, status

from .recordings import recording


def test_profile_of_a_gpu_cluster():
    found = profile.parse_profile_list(recording("gpu-ok-profile-list-o-json").stdout, "minikube").profile
    assert (found.gpus, found.cpus, found.memory_mib) == ("all", 2, 4096)
    assert (found.driver, found.container_runtime, found.kubernetes_version) == ("docker", "docker", "v1.34.4")
    assert found.node_ip == "192.168.49.2"
    assert found.to_dict()["addons"] == ["default-storageclass", "nvidia-device-plugin", "storage-provisioner"]


def test_profile_of_the_role_has_the_images_of_the_addon():
    found = profile.parse_profile_list(recording("role-profile-list").stdout, "minikube").profile
    assert found.embed_certs
    assert found.addon_images == {"NvidiaDevicePlugin": "nvidia/k8s-device-plugin:v0.18.2"}
    assert found.addon_registries == {"NvidiaDevicePlugin": "registry.example.org:5000"}
    assert found.to_dict()["addons"] == ["nvidia-device-plugin"]


@pytest.mark.parametrize(
    ("name", "wanted", "exists", "leftover"),
    [
        pytest.param("nok8s-profile-list-json", "nok8s", True, False, id="valid"),
        pytest.param("nok8s-profile-list-json", "minikube", False, True, id="left by a refused start"),
        pytest.param("nok8s-profile-list-json", "other", False, False, id="not listed"),
        pytest.param("profile-list-none-json", "minikube", False, False, id="no profile at all"),
    ],
)
def test_which_profile_counts(name, wanted, exists, leftover):
    found = profile.parse_profile_list(recording(name).stdout, wanted)
    assert (found.profile is not None, found.leftover) == (exists, leftover)


@pytest.mark.parametrize("text", ["[]", "null", '{"valid": null}', '{"valid": [3], "invalid": [3]}'])
def test_a_list_without_profiles(text):
    assert profile.parse_profile_list(text, "minikube") == profile.ProfileList(None, leftover=False)


@pytest.mark.parametrize("text", ["", "E1122 klog"])
def test_what_is_no_list_is_an_error(text):
    with pytest.raises(errors.MinikubeError, match="profile list"):
        profile.parse_profile_list(text, "minikube")


@pytest.mark.parametrize(
    ("given", "normal"),
    [("v1.34.4", "v1.34.4"), ("1.34.4", "v1.34.4"), ("stable", ""), ("latest", ""), ("", ""), ("version", "")],
)
def test_version_words_are_never_compared(given, normal):
    assert profile.normal_version(given) == normal


@pytest.mark.parametrize(
    ("name", "works", "kubeconfig"),
    [
        pytest.param("gpu-ok-status-o-json", True, "Configured", id="healthy"),
        pytest.param("k1-stopped-status-json", False, "Stopped", id="stopped"),
        pytest.param("nok8s-status-json", False, "Misconfigured", id="node without Kubernetes"),
    ],
)
def test_status(name, works, kubeconfig):
    found = status.parse_status(recording(name).stdout)
    assert (found.works, found.kubeconfig) == (works, kubeconfig)


@pytest.mark.parametrize("name", ["gpus-failed-status-json", "status-none-json", "gpu-ok-status"])
def test_what_is_no_status(name):
    assert status.parse_status(recording(name).stdout) is None


def test_status_of_several_nodes_is_that_of_the_first():
    one = json.loads(recording("gpu-ok-status-o-json").stdout)
    assert status.parse_status(json.dumps([one, {**one, "Host": "Stopped"}])).works
    assert status.parse_status("[]") is None


@pytest.mark.parametrize(("name", "gpus"), [("docker-inspect-gpu", True), ("docker-inspect-nok8s", False)])
def test_node(name, gpus):
    node = status.parse_inspect(recording(name).stdout)
    assert node.has_gpus is gpus
    assert node.is_minikube
    assert node.ever_started


@pytest.mark.parametrize("text", ["", "[]", "Error", "{}"])
def test_no_node(text):
    assert status.parse_inspect(text) is None


def pod(name, phase, **limits):
    resources = {"resources": {"limits": limits}} if limits else {}
    return {
        "metadata": {"namespace": "default", "name": name},
        "status": {"phase": phase},
        "spec": {"containers": [resources]},
    }


def test_pods_that_hold_gpus():
    items = [
        pod("train", "Running", **{"nvidia.com/gpu": "2"}),
        pod("waits", "Pending", **{"nvidia.com/mig-1g.5gb": "1"}),
        pod("done", "Succeeded", **{"nvidia.com/gpu": "1"}),
        pod("cpu", "Running", cpu="2"),
        pod("none", "Running"),
    ]
    assert status.gpu_pods(json.dumps({"items": items})) == ["default/train", "default/waits"]


@pytest.mark.parametrize("text", ["", "refused", "[]", "{}"])
def test_what_is_no_list_of_pods_does_not_mean_idle(text):
    assert status.gpu_pods(text) is None


@pytest.mark.parametrize(
    ("state", "runs"), [("running", True), ("paused", True), ("restarting", True), ("exited", False), ("", False)]
)
def test_whether_pods_may_be_alive(state, runs):
    assert status.parse_inspect(json.dumps([{"State": {"Status": state}}])).runs is runs


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"items": [{"metadata": {"name": "m"}, "status": {"allocatable": {"nvidia.com/gpu": "4"}}}]}', 4),
        ('{"items": [{"metadata": {"name": "m"}, "status": {}}]}', 0),
        ('{"items": []}', None),
        ("refused", None),
        ("[]", None),
    ],
)
def test_allocatable(text, count):
    assert status.allocatable_gpus(text, "m") == count


def test_events_of_a_start_have_no_fatal_one_although_one_is_of_type_error():
    found = events.parse_events(recording("gpu-start-json").stdout)
    assert "error" in {event.kind for event in found}
    assert events.fatal(found) is None
    assert events.last_step(found) == "19/19 Done"
    assert events.summary(found)[0].startswith("0 minikube v1.38.1")


def test_the_fatal_event_is_the_one_with_an_exit_code():
    end = events.fatal(events.parse_events(recording("start-root-noforce-json").stdout))
    assert (end.exit_code, end.name) == (57, "DRV_AS_ROOT")


def test_lines_that_are_no_events_are_left_out():
    text = '* plain\n{broken\n[1]\n{"type": "other"}\n{"type": "io.k8s.sigs.minikube.step"}\n'
    found = events.parse_events(text)
    assert [event.kind for event in found] == ["step"]
    assert events.last_step(found) == "nothing"


@pytest.mark.parametrize(
    ("name", "label", "words"),
    [
        pytest.param("dockerdown-start", "PROVIDER_DOCKER_NOT_RUNNING", "start docker", id="docker down"),
        pytest.param("start-noperm", "PROVIDER_DOCKER_NEWGRP", "group docker", id="not in group docker"),
        pytest.param("start-gpus-badvalue", "MK_USAGE", "correct the value", id="bad value"),
        pytest.param("start-badchecksum", "K8S_INSTALL_FAILED", "binary mirror", id="wrong checksum"),
        pytest.param("k1-downgrade", "K8S_DOWNGRADE_UNSUPPORTED", "delete the profile", id="downgrade"),
        pytest.param("dockerdown-stop", "GUEST_STOP_TIMEOUT", "docker answers", id="stop without docker"),
        pytest.param("start-unknown-flag", "MK_USAGE", "unknown flag", id="no `Exiting due to` line"),
        pytest.param("gpus-no-nvidia", "GUEST_PROVISION", "nvidia-container-runtime-hook", id="no GPU hook"),
        pytest.param("noimages-start", "INET_LOOKUP_HOST", "image archives", id="no network"),
    ],
)
def test_a_failure_says_what_it_means_and_what_to_do(name, label, words):
    result = recording(name)
    found, message = errors.from_text(result.stderr)
    text = errors.explain("start", result.rc, found, message)
    assert label in text
    assert words in text


def test_a_missing_cdi_is_told_apart_from_a_missing_hook():
    said = 'could not select device driver "cdi" with capabilities: [[gpu]]'
    assert "CDI files" in errors.explain("start", 80, "", said)


def test_an_unknown_code_is_no_crash():
    assert "status 250" in errors.explain("start", 250, "", "")
