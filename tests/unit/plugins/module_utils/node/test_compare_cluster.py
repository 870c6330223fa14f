# SPDX-License-Identifier: GPL-3.0-or-later
"""The minikube profile."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare

from .machines import first, ids, machine

WANTED = {"user": "minikube", "kubernetes_version": "v1.34.4"}


def profile(**changes):
    return {**machine()["cluster"]["profile"], **changes}


@pytest.mark.parametrize("name", ["reference", "bare"])
def test_nothing_to_say(name):
    assert ids("cluster", WANTED, name) == []


@pytest.mark.parametrize("user", ["root", "0", ""])
def test_root_is_refused(user):
    assert ids("cluster", {**WANTED, "user": user}) == [("K8S009", "refuse")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({"memory_mib": 24106}, "the host has 24105 MiB", id="memory"),
        pytest.param({"cpus": 3}, "the host has 2 CPUs", id="cpus"),
        pytest.param({"cpus": "3"}, "the host has 2 CPUs", id="cpus-as-text"),
    ],
)
def test_more_than_the_machine_has(wanted, found):
    finding = first("cluster", {**WANTED, **wanted}, "bare")
    assert (finding.id, finding.act, finding.found) == ("K8S019", "refuse", found)
    assert "or to 0" in finding.fix


def test_all_of_the_machine_is_not_too_much():
    assert ids("cluster", {**WANTED, "memory_mib": 24105, "cpus": 2}, "bare") == []


@pytest.mark.parametrize(
    ("version", "cgroup", "expected"),
    [
        ("v1.35.0", 1, [("SYS003", "refuse")]),
        ("v1.36.1", 1, [("SYS003", "refuse")]),
        ("v1.35.0", 2, []),
        ("v1.34.9", 1, []),
        ("stable", 1, []),
    ],
)
def test_kubelet_that_refuses_old_cgroups(version, cgroup, expected):
    assert ids("cluster", {**WANTED, "kubernetes_version": version}, "bare", host__cgroup_version=cgroup) == expected


def test_wsl_has_no_gpus_in_the_node():
    assert ids("cluster", WANTED, "bare", host__wsl=True) == [("SYS008", "refuse")]
    assert ids("cluster", {**WANTED, "gpus": "none"}, "bare", host__wsl=True) == []


@pytest.mark.parametrize(
    ("has", "wants", "recreate", "refused"),
    [
        ("", "all", "never", True),
        ("", "all", "when_drifted", False),
        ("nvidia", "all", "never", False),
        ("all", "none", "never", False),
        ("", "none", "never", False),
    ],
)
def test_profile_without_gpus(has, wants, recreate, refused):
    found = ids("cluster", {**WANTED, "gpus": wants, "recreate": recreate}, cluster__profile=profile(gpus=has))
    assert found == ([("K8S001", "refuse")] if refused else [])


def test_drift_is_told_flag_by_flag():
    wanted = {"user": "minikube", "memory_mib": 50000, "cpus": 14, "kubernetes_version": "v1.33.0"}
    assert ids("cluster", wanted) == [("K8S002", "tell"), ("K8S002", "tell")]
    assert "set minikube_gpu_kubernetes_version to v1.34.4" in first("cluster", wanted).fix


@pytest.mark.parametrize(
    ("exists", "node", "act", "words"),
    [
        pytest.param(True, {"exists": False}, "tell", "without a readable config.json", id="folder"),
        pytest.param(False, {"exists": True, "status": "created"}, "refuse", "no readable profile", id="container"),
        pytest.param(True, {"exists": True, "status": "running"}, "refuse", "/var/lib/minikube-gpu", id="both"),
    ],
)
def test_half_a_profile(exists, node, act, words):
    finding = first("cluster", WANTED, cluster__exists=exists, cluster__profile=None, cluster__container=node)
    assert (finding.id, finding.act) == ("K8S003", act)
    assert words in finding.found
    assert "minikube_gpu_profile" in finding.fix or act == "tell"


OURS = {"user_home": "/var/lib/minikube-gpu", "user_shell": "/usr/sbin/nologin", "home_owner": "minikube"}


@pytest.mark.parametrize(
    ("changes", "subjects"),
    [
        pytest.param({}, [], id="made by the role"),
        pytest.param({"user_home": None, "user_shell": None, "home_owner": None}, [], id="neither is there"),
        pytest.param({"user_home": "/var/lib/minikube-gpu/"}, [], id="slash at the end"),
        pytest.param({"user_home": None, "user_shell": None}, [], id="home kept after the account went"),
        pytest.param({"user_shell": "/bin/bash"}, ["minikube_gpu_user"], id="somebody logs in"),
        pytest.param({"user_home": "/home/alex"}, ["minikube_gpu_user"], id="service with another home"),
        pytest.param({"home_owner": "alex"}, ["minikube_gpu_home"], id="somebody's folder"),
        pytest.param({"home_owner": "root"}, ["minikube_gpu_home"], id="the system's folder"),
    ],
)
def test_an_account_or_home_that_is_not_ours_is_refused(changes, subjects):
    facts = {f"cluster__{name}": value for name, value in {**OURS, **changes}.items()}
    found = compare("cluster", machine(**facts), WANTED).findings
    assert [(f.id, f.act, f.subject) for f in found] == [("K8S020", "refuse", subject) for subject in subjects]
    assert all(f"set {f.subject}" in f.fix for f in found)


def test_who_needs_a_running_node():
    assert ids("cluster", {**WANTED, "running": True}) == []
    assert ids("cluster", {**WANTED, "running": True}, "bare") == [("K8S004", "converge")]
    stopped = {"exists": True, "status": "exited"}
    assert "exited" in first("cluster", {**WANTED, "running": True}, cluster__container=stopped).found
