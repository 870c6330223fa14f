# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster: what the fixtures of its checks do not say."""

import hashlib
import json
import shlex

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.cluster_gpus import says
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import with_unknown
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.judge import Judge
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Observation
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.cluster import Plugin, PluginPod
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.cluster import (
    SETTINGS,
    SETTINGS_SHA256,
    ClusterWanted,
)

from .healthy import raised, report

BIN = "/usr/local/lib/mlinfra.gpu_launch/bin"
SUM = "sha256:" + "a" * 64
ABSENT = {"exists": False}
NO_CLUSTER = {
    "cluster.exists": False,
    "cluster.profile": None,
    "cluster.container": ABSENT,
    "cluster.node": None,
    "cluster.kubeconfig_current": False,
}


def small(path, free_mib):
    return {("host", "disks", path): {"total_mib": 20000, "free_mib": free_mib, "free_inodes": 1000000}}


@pytest.mark.parametrize(
    ("observed", "room"),
    [
        pytest.param(
            {**NO_CLUSTER, **small("/var/lib/docker", 4095)}, ["/var/lib/docker"], id="too-small-for-a-new-one"
        ),
        pytest.param({**NO_CLUSTER, **small("/var/lib/docker", 4096)}, [], id="large-enough"),
        pytest.param(small("/var/lib/docker", 1024), [], id="a-cluster-that-runs-is-not-refused"),
    ],
)
def test_a_new_cluster_needs_more_room_than_one_that_runs(observed, room):
    found = [finding for finding in findings(observed) if finding.id == "SYS005"]
    assert [(finding.subject, finding.act) for finding in found] == [(path, "refuse") for path in room]


def findings(observed=None, **wanted):
    return report("cluster", observed, **wanted).findings


def subjects(observed=None, **wanted):
    return [(f.id, f.subject) for f in findings(observed, **wanted)]


def test_the_settings_are_what_the_role_writes():
    assert json.loads(SETTINGS) == {"WantUpdateNotification": False}
    assert hashlib.sha256(SETTINGS.encode()).hexdigest() == SETTINGS_SHA256


def test_a_bare_machine_lacks_everything_and_nothing_is_an_error():
    bare = {
        **NO_CLUSTER,
        "cluster.user_home": None,
        "cluster.files": {path: {} for path in ClusterWanted().files()},
        "cluster.links": dict.fromkeys(ClusterWanted().links(), ""),
        "cluster.programs": {},
        "cluster.copies": {},
        "cluster.unit": None,
    }
    found = findings(bare, kubeconfig_users=[])
    assert {f.act for f in found} == {"converge"}
    assert {f.severity for f in found} == {"advice"}
    assert sorted({f.id for f in found}) == ["K8S014", "K8S015", "K8S017", "K8S022", "K8S023"]
    assert not report("cluster", bare, kubeconfig_users=[]).unknown


@pytest.mark.parametrize("unknown", ["cluster.container", "cluster.files", "cluster.links", "cluster.programs"])
def test_what_could_not_be_read_is_never_fine(unknown):
    value = None if unknown == "cluster.container" else {}
    assert not report("cluster", {unknown: value}, [unknown]).converged


@pytest.mark.parametrize(
    ("fact", "check"),
    [
        ("host.memory_mib", "K8S019"),
        ("host.cpus", "K8S019"),
        ("host", "SYS002"),
        ("cluster.exists", "K8S003"),
        ("cluster.user_docker", "K8S022"),
        ("cluster.kubeconfig_current", "K8S018"),
        ("cluster.plugin", "K8S006"),
        ("cluster.unit", "K8S017"),
    ],
)
def test_a_fact_that_is_needed_and_not_known_refuses(fact, check):
    unread = report("cluster", {fact: None}, [fact])
    assert [(item.fact, item.reason) for item in unread.unknown] == [(fact, "killed")]
    assert (check, fact) in [(f.id, f.subject) for f in with_unknown(unread) if f.act == "refuse"]


def test_an_account_that_could_not_be_looked_up_is_not_called_absent():
    found = report("cluster", {"cluster.user_home": None}, ["cluster.user_home"])
    assert [f.id for f in found.findings] == []
    assert [item.fact for item in found.unknown] == ["cluster.user_home"]


@pytest.mark.parametrize("container", [ABSENT, {"exists": True, "status": "exited", "started_at": "2026-01-01"}])
def test_another_component_asks_only_whether_the_cluster_runs(container):
    stopped = {"cluster.container": container, "cluster.node": None, "cluster.files": {}, "cluster.stray": []}
    wanted = {"requires": {"cluster": {"running": True, "cpus": 3}}}
    assert {f.act for f in report("host", stopped, **wanted).findings} == {"refuse"}
    assert report("host", stopped, requires={"cluster": {"running": False}}).findings == ()
    assert report("host", {"cluster.files": {}}, **wanted).findings == ()


@pytest.mark.parametrize(
    ("container", "says_so"),
    [
        ({"exists": True, "status": "running", "minikube": False}, "is not minikube's"),
        ({"exists": True, "status": "running", "minikube": True}, "this home has no such profile"),
    ],
)
def test_a_container_that_is_somebody_elses(container, says_so):
    (found,) = findings({**NO_CLUSTER, "cluster.container": container})
    assert (found.id, found.act) == ("K8S003", "refuse")
    assert says_so in found.found
    assert "minikube_gpu_profile" in found.fix


def test_a_container_that_came_after_a_creation_that_failed_is_somebody_elses():
    (found,) = findings({"cluster.creating": True, "cluster.left": "another", "cluster.node": None})
    assert "came after the creation" in found.found


def test_recreating_is_offered_as_commands_of_the_account():
    observed = {"cluster.profile.gpus": "none", "cluster.container.gpus": False, "cluster.gpu_pods": []}
    wanted = {"base_image": "registry/kicbase:v1", "device_plugin_image": "registry:5000/plugin:v1"}
    found = next(f for f in findings(observed, **wanted) if f.id == "K8S001")
    stop, delete, create, plugin, start = found.commands
    assert (stop, start) == ("systemctl stop minikube-gpu.service", "systemctl start minikube-gpu.service")
    assert delete.startswith("runuser -u minikube -- env -i HOME=/var/lib/minikube-gpu ")
    assert delete.endswith(f"{BIN}/minikube delete --profile=minikube")
    words = shlex.split(create)
    assert words[words.index("start") :][:2] == ["start", "--profile=minikube"]
    assert {"--gpus=all", "--cpus=14", "--memory=52000mb", "--base-image=registry/kicbase:v1"} <= set(words)
    assert "--output=json" not in words
    assert "addons enable nvidia-device-plugin" in plugin
    assert "--registries=NvidiaDevicePlugin=registry:5000" in plugin


BUSY = {"namespace": "a", "name": "b", "phase": "Running", "gpus": 1}


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        pytest.param({"cluster.gpu_pods": []}, True, id="idle"),
        pytest.param({"cluster.container.status": "exited", "cluster.gpu_pods": None}, True, id="down"),
        pytest.param({"cluster.gpu_pods": [BUSY]}, False, id="busy"),
        pytest.param({"cluster.gpu_pods": None}, False, id="not-told"),
    ],
)
def test_no_command_deletes_a_cluster_that_may_have_jobs(changes, offered):
    found = findings({"cluster.profile.gpus": "none", "cluster.container.gpus": False, **changes})
    assert [bool(f.commands) for f in found if f.id == "K8S001"] == [offered]


def test_drift_names_each_flag():
    found = findings(memory_mib=50000, cpus=14, image_repository="mirror.example")
    assert [f.subject for f in found] == ["profile minikube image_repository", "profile minikube memory_mib"]
    assert "minikube_gpu_memory_mib" in found[1].fix


def test_sizes_that_the_role_worked_out_are_no_drift():
    assert findings({"cluster.profile.memory_mib": 40000, "cluster.profile.cpus": 3}) == ()


def test_an_addon_says_how_it_differs():
    found = findings({"cluster.profile.addons": {"ingress": True}}, addons=["ingress", "metrics-server"])
    assert [(f.subject, f.found, f.wanted) for f in found] == [
        ("addon metrics-server", "off", "enabled"),
        ("addon nvidia-device-plugin", "off", "enabled"),
    ]
    (image,) = findings(device_plugin_image="other/plugin:v1")
    assert image.found == "on, with another image"


def test_without_gpus_the_plugin_is_switched_off_and_nothing_is_counted():
    observed = {"cluster.profile.gpus": "none", "cluster.container.gpus": False, "cluster.node.allocatable_gpus": 0}
    found = findings(observed, gpus="none", requires={"gpu": {"needed": False}})
    assert [(f.subject, f.found, f.wanted) for f in found] == [("addon nvidia-device-plugin", "on", "disabled")]


def test_gpus_are_not_counted_where_nvml_has_none_or_says_nothing():
    for nvml in (None, {"state": "no_devices", "gpus": []}):
        assert raised("cluster", {"gpu.nvml": nvml, "cluster.node.allocatable_gpus": 0}) == []


def test_a_shared_gpu_counts_several_times():
    shared = {"cluster.plugin.replicas": 4, "cluster.node.allocatable_gpus": 16, "cluster.node.capacity_gpus": 16}
    assert raised("cluster", shared) == []
    assert raised("cluster", shared, replicas=4) == []
    assert [f.id for f in findings({**shared, "cluster.node.allocatable_gpus": 12})] == ["K8S007"]
    asks = findings(shared, replicas=8)[0]
    assert (asks.id, asks.wanted) == ("K8S010", "4 GPUs x 8")


@pytest.mark.parametrize(
    ("plugin", "text", "cause"),
    [
        ({}, "there is no device plugin", "the addon nvidia-device-plugin is off"),
        ({"name": "p", "desired": 1}, "no pods", "has not registered"),
        ({"name": "p", "desired": 1, "pods": [{"name": "p-1", "phase": "Running"}]}, "p-1 Running", "not registered"),
    ],
)
def test_why_no_gpu_can_be_scheduled(plugin, text, cause):
    (found,) = findings({"cluster.plugin": plugin, "cluster.node.allocatable_gpus": 0})
    assert found.id == "K8S006"
    assert text in found.found
    assert cause in found.cause


def test_the_way_to_restart_the_plugin_names_its_pod():
    (found,) = findings({"cluster.node.allocatable_gpus": 3})
    assert found.commands == (
        f"{BIN}/kubectl --kubeconfig /var/lib/minikube-gpu/.kube/config --namespace kube-system "
        "delete pod nvidia-device-plugin-daemonset-x7k2p",
    )
    (found,) = findings({"cluster.node.allocatable_gpus": 3, "cluster.plugin.pods": []})
    assert found.commands == ()
    assert says(Plugin("p", pods=(PluginPod("p-1", "Pending", reason="ErrImagePull"),))).endswith("p-1 ErrImagePull")


def test_a_stray_variable_is_taken_out_by_its_commands():
    file = "/etc/systemd/system/minikube-gpu.service.d/gpus.conf"
    (found,) = findings({"cluster.stray": [{"variable": "MINIKUBE_GPUS", "file": file}]})
    sed, reload = found.commands
    assert shlex.split(sed) == ["sed", "-i", r'/^Environment="\?MINIKUBE_GPUS=[^ "]*"\?$/d', file]
    assert reload == "systemctl daemon-reload"
    assert findings({"cluster.settings": ["driver"]})[0].commands == ()


@pytest.mark.parametrize(
    ("words", "wanted", "ok"),
    [
        pytest.param([SUM, "v1.34.4"], {}, True, id="the file beside the download counts"),
        pytest.param([SUM, "v1.34.3"], {}, False, id="another version"),
        pytest.param([SUM], {}, False, id="nobody noted a version"),
        pytest.param([SUM.upper(), "v1.34.4"], {"kubectl_checksum": SUM}, True, id="letters of either case"),
        pytest.param([SUM, "v1.34.4"], {"kubectl_checksum": "sha256:" + "b" * 64}, False, id="another checksum"),
        pytest.param([], {}, False, id="an empty note"),
    ],
)
def test_kubectl_is_known_by_its_note(words, wanted, ok):
    programs = {f"{BIN}/minikube": ["sha256:1" + "0" * 63, "v1.38.1"], f"{BIN}/kubectl": words}
    assert subjects({"cluster.programs": programs}, **wanted) == ([] if ok else [("K8S014", f"{BIN}/kubectl")])


@pytest.mark.parametrize("arch", ["aarch64", "riscv64"])
def test_the_checksum_is_that_of_the_architecture(arch):
    found = subjects({"host.arch": arch})
    assert (("K8S014", f"{BIN}/minikube") in found) == (arch == "aarch64")


def test_a_program_that_is_absent_is_told_once():
    changes = {("cluster", "files", f"{BIN}/kubectl"): {}, "cluster.programs": {f"{BIN}/minikube": ["x"]}}
    assert subjects(changes, checksums={})[0] == ("K8S014", f"{BIN}/kubectl")
    assert len(subjects(changes, checksums={})) == 2


def test_the_unit_of_nobody_is_told_as_a_file():
    path = "/etc/systemd/system/minikube-gpu.service"
    found = findings({("cluster", "files", path): {}, "cluster.unit.active": "inactive"})
    assert [(f.id, f.found) for f in found] == [("K8S017", "nothing")]


def test_settings_that_are_not_there_yet_are_no_stray_ones():
    path = "/var/lib/minikube-gpu/.minikube/config/config.json"
    assert subjects({("cluster", "files", path): {}}) == [("K8S023", path)]
    changed = {("cluster", "files", path): {"kind": "file", "sha256": "x", "mode": "0600"}}
    assert ("K8S011", path) in subjects(changed)


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        ({"account": True, "path": "/c", "file": {}}, "nothing"),
        (
            {"account": True, "path": "/c", "file": {"kind": "file", "mode": "0600", "owner": "alice"}},
            "another content",
        ),
    ],
)
def test_a_copy_that_differs(copy, found):
    (finding,) = findings({"cluster.copies.alice": copy})
    assert (finding.id, finding.subject, finding.found) == ("K8S018", "/c", found)


def test_copies_that_were_not_seen_are_unknown():
    assert not report("cluster", {"cluster.copies": {}}).converged
    assert not report("cluster", {"cluster.copies.alice.file": None}).converged
    assert not report("cluster", {"cluster.kubeconfig_current": None}).converged


def test_the_clusters_own_kubeconfig_of_another_cluster():
    (found,) = findings({"cluster.kubeconfig_current": False})
    assert (found.id, found.found) == ("K8S018", "not for this cluster")


@pytest.mark.parametrize("user", ["root", "0", ""])
def test_root_is_refused(user):
    found = findings({"cluster.user_home": None, "cluster.home_owner": None, "cluster.files": {}}, user=user)
    assert ("K8S009", "refuse") in [(f.id, f.act) for f in found]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"user_home": "/var/lib/minikube-gpu/"}, [], id="slash at the end"),
        pytest.param({"home_owner": None}, [], id="no home yet"),
        pytest.param({"user_home": "/home/alex"}, ["minikube_gpu_user"], id="service with another home"),
        pytest.param({"home_owner": "root"}, ["minikube_gpu_home"], id="the system's folder"),
    ],
)
def test_an_account_or_home_that_is_not_ours_is_refused(changes, expected):
    found = findings({f"cluster.{name}": value for name, value in changes.items()})
    assert [(f.id, f.act, f.subject) for f in found] == [("K8S020", "refuse", subject) for subject in expected]
    assert all(f"set {f.subject}" in f.fix for f in found)


def test_what_a_judge_is_told_to_converge_is_converged():
    judge = Judge(Observation(), asked="cluster")
    judge.converge("K8S017", "unit", "disabled", "enabled")
    assert [f.act for f in judge.report().findings] == ["converge"]
