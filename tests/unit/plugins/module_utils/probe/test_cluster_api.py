# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server says, over a real connection."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.cluster import (
    GpuPod,
    NodeSeen,
    Plugin,
    PluginPod,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.cluster_api import (
    gpu_pods,
    look_inside,
    node_of,
    quantity,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.kubernetes import Server
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

from . import tls

SETS, MAP = "/apis/apps/v1/daemonsets", "/api/v1/namespaces/kube-system/configmaps/sharing"
PODS = "/api/v1/pods?fieldSelector=status.phase!%3DSucceeded%2Cstatus.phase!%3DFailed"
NODE = {
    "status": {
        "capacity": {"cpu": "16", "memory": "61440000Ki", "nvidia.com/gpu": "4"},
        "allocatable": {"cpu": "15900m", "memory": "52000Mi", "nvidia.com/gpu": "3"},
        "conditions": [{"type": "DiskPressure", "status": "False"}, {"type": "Ready", "status": "True"}],
    }
}


def pod(name, gpus=None, space="default", owner=None, **status):
    owners = [{"kind": "DaemonSet", "name": owner}] if owner else []
    limits = {"resources": {"limits": {"nvidia.com/gpu": gpus}}} if gpus else {}
    return {
        "metadata": {"namespace": space, "name": name, "ownerReferences": owners},
        "spec": {"containers": [limits]},
        "status": {"phase": "Running", **status},
    }


def daemon_set(name, image, volumes=()):
    spec = {"containers": [{"image": image}], "volumes": list(volumes)}
    return {
        "metadata": {"namespace": "kube-system", "name": name},
        "spec": {"template": {"spec": spec}},
        "status": {"desiredNumberScheduled": 1, "numberReady": 1},
    }


PROXY = daemon_set("kube-proxy", "registry.k8s.io/kube-proxy:v1")
IMAGE = "registry:5000/nvidia/k8s-device-plugin:v0.18.2"
PLUGIN = daemon_set("plugin", IMAGE, [{}, {"configMap": {"name": "sharing"}}])


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    tls.authority(folder)
    for name in ("server", "client"):
        tls.issue(folder, name)
    return folder


@pytest.fixture
def ask(papers):
    api = tls.Api(papers)
    server = Server("127.0.0.1", api.port, *(str(papers / name) for name in ("ca.crt", "client.crt", "client.key")))

    def asked(answers):
        api.answers.update({path: (200, body) for path, body in answers.items()})
        return look_inside(server, "minikube", 5)

    yield asked
    api.close()


def test_all_of_it(ask):
    pods = [
        pod("train", "2"),
        pod("plugin-1", space="kube-system", owner="plugin", conditions=[{"type": "Ready", "status": "True"}]),
        pod("plugin", space="default", owner="plugin"),
    ]
    node, plugin, gpus = ask(
        {
            "/api/v1/nodes/minikube": NODE,
            PODS: {"items": pods},
            SETS: {"items": [PROXY, PLUGIN]},
            MAP: {"data": {"config.yaml": "timeSlicing:\n  resources: [{replicas: 4}]"}},
        }
    )
    assert node == NodeSeen(True, 4, 3, 16000, 60000, 15900, 52000)
    running = PluginPod("plugin-1", "Running", ready=True)
    assert plugin == Plugin("plugin", "kube-system", desired=1, ready=1, replicas=4, pods=(running,))
    assert gpus == (GpuPod("default", "train", "Running", 2),)


def test_a_plugin_whose_image_can_not_be_pulled(ask):
    waiting = [{"state": {"running": {}}}, {"state": {"waiting": {"reason": "ImagePullBackOff"}}}]
    pods = [pod("plugin-1", space="kube-system", owner="plugin", phase="Pending", containerStatuses=waiting)]
    dummy, plugin, gpus = ask({"/api/v1/nodes/minikube": NODE, PODS: {"items": pods}, SETS: {"items": [PLUGIN]}})
    assert plugin.pods == (PluginPod("plugin-1", "Pending", ready=False, reason="ImagePullBackOff"),)
    assert (plugin.replicas, gpus) == (0, ())


def test_no_plugin(ask):
    dummy, plugin, gpus = ask({"/api/v1/nodes/minikube": NODE, PODS: {"items": "odd"}, SETS: {"items": [PROXY]}})
    assert (plugin, gpus) == (Plugin(), ())


def test_no_such_node(ask):
    assert ask({}) == (None, Plugin(), ())


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, 0), ("4", 4), (4, 4), ("500m", 0.5), ("2Ki", 2048), ("1.5k", 1500), ("3Gi", 3 << 30), ("1M", 10**6)],
)
def test_quantities(value, number):
    assert quantity(value) == number


def test_no_quantity():
    with pytest.raises(Unreadable, match="'much'"):
        node_of({"status": {"capacity": {"cpu": "much"}}})


def test_a_node_that_says_nothing():
    assert node_of({}) == NodeSeen()


def test_containers_that_run_before_count_by_the_largest():
    many = pod("b", 1)
    many["spec"]["containers"] += [{"resources": {"limits": {"nvidia.com/gpu": "1"}}}, "odd"]
    many["spec"]["initContainers"] = [{"resources": {"limits": {"nvidia.com/gpu": 3}}}]
    assert gpu_pods([many, pod("a", 1), pod("none")]) == (
        GpuPod("default", "a", "Running", 1),
        GpuPod("default", "b", "Running", 3),
    )
