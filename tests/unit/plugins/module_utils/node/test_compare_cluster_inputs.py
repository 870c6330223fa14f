# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's inputs, and the size of its node."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.cluster_inputs import ADDONS

from .healthy import report

SUM = "sha256:" + "a" * 64


def findings(observed=None, **wanted):
    return report("cluster", observed, **wanted).findings


def refused(**wanted):
    return [f for f in findings(**wanted) if f.id == "K8S021"]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"cpus": 2}, id="two CPUs"),
        pytest.param({"archive_checksums": [SUM, "sha512:" + "B" * 128], "kubectl_checksum": SUM}, id="checksums"),
        pytest.param({"addons": []}, id="no addons"),
        pytest.param({"addons": ["new"], "known_version": False}, id="addon of a release that this role does not know"),
        pytest.param({"addresses": {"minikube_gpu_proxy": "//http://proxy.example:3128 //"}}, id="proxy"),
        pytest.param({"addresses": {"minikube_gpu_registry_mirrors": "http://m:5000/a@b"}}, id="an @ in a path"),
        pytest.param({"home": "/srv/minikube_1"}, id="another home"),
    ],
)
def test_inputs_that_work(wanted):
    assert refused(**wanted) == []


@pytest.mark.parametrize(
    ("wanted", "subject", "words"),
    [
        pytest.param({"cpus": 1}, "cpus", "at least 2", id="one CPU"),
        pytest.param({"memory_mib": 3071}, "memory_mib", "at least 3072", id="too little memory"),
        pytest.param({"profile": "-x"}, "profile", "no dash first", id="dash first"),
        pytest.param({"profile": "x"}, "profile", "at least two", id="one letter"),
        pytest.param({"home": "/srv/my home"}, "home", "an absolute path", id="home with a blank"),
        pytest.param({"home": "minikube"}, "home", "an absolute path", id="home without a root"),
        pytest.param({"home": "/srv/m/"}, "home", "without a slash", id="home with a slash at its end"),
        pytest.param({"archive_checksums": ["a" * 64]}, "image_archives", "sha256:", id="archive"),
        pytest.param({"kubectl_checksum": "a" * 64}, "kubectl_checksum", "sha256:", id="kubectl"),
        pytest.param({"checksums": {"amd64": "x"}}, "checksum", "sha256:", id="minikube"),
        pytest.param({"checksums": {}, "known_version": False}, "checksum", "sha256:", id="no checksum known"),
        pytest.param({"version": "v1.31.2"}, "version", "v1.32.0 or newer", id="no --gpus"),
        pytest.param({"version": "latest"}, "version", "v1.32.0 or newer", id="no version"),
        pytest.param({"kubernetes_version": "stable"}, "kubernetes_version", "such as v1.34.4", id="a word"),
        pytest.param({"addons": ["zzz"]}, "addons", "has no addon zzz", id="addon"),
        pytest.param({"addons": ["ingres"]}, "addons", "did you mean ingress?", id="addon with a typo"),
        pytest.param({"kubeconfig_path": "/.kube/config"}, "kubeconfig_path", "users' own", id="their own kubeconfig"),
        pytest.param({"addresses": {"minikube_gpu_proxy": "////*@proxy"}}, "proxy", "user or password", id="password"),
    ],
)
def test_inputs_that_work_nowhere(wanted, subject, words):
    (finding,) = refused(**wanted)
    assert (finding.subject, finding.act) == (f"minikube_gpu_{subject}", "refuse")
    assert words in f"{finding.found} {finding.wanted} {finding.fix}"


def test_users_without_an_account():
    (found,) = findings({"cluster.copies": {"alice": {}}})
    assert (found.id, found.found) == ("K8S021", "no account alice")


def test_a_machine_that_is_too_small():
    small = findings({"host.cpus": 1, "host.memory_mib": 4096})
    assert [f.subject for f in small if f.id == "K8S021"] == ["minikube_gpu_cpus", "minikube_gpu_memory_mib"]
    unread = report("cluster", {"host.cpus": None, "host.memory_mib": None})
    assert [item.fact for item in unread.unknown] == ["host.cpus", "host.memory_mib"]


TUTORIAL = {"cpu": "4", "memory": "12Gi"}


def test_jobs_that_do_not_fit_show_the_sum_and_what_would():
    found = [f for f in findings(jobs=4, job=TUTORIAL) if f.id == "K8S008"]
    assert [f.act for f in found] == ["refuse"]
    assert "4 x 4 + 0.85 for the system = 16.85 CPU, the node has 14" in found[0].found
    assert "3 of these jobs at once" in found[0].fix


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param({"jobs": 3, "job": TUTORIAL}, [], id="three fit"),
        pytest.param({"job": TUTORIAL}, [], id="no number: as many as fit"),
        pytest.param({"jobs": 40}, ["K8S008"], id="more jobs than GPUs"),
        pytest.param({"jobs": 1, "job": {"cpu": "20", "gpus": 0}}, ["K8S008"], id="larger than the node"),
        pytest.param({"jobs": 1, "job": {"memory": "much"}}, ["K8S021"], id="no quantity"),
        pytest.param({"jobs": 1, "gpus": "none"}, ["K8S008", "K8S008"], id="no GPUs at all"),
        pytest.param({"jobs": 8, "replicas": 2}, ["K8S010"], id="two jobs on each GPU"),
        pytest.param({"jobs": 1, "job": {"cpu": "15"}, "cpus": 16, "recreate": "when_drifted"}, [], id="made anew"),
    ],
)
def test_the_sum_of_the_jobs(wanted, ids):
    told = ("K8S002", "K8S016")
    assert [f.id for f in findings(**wanted) if f.id not in told] == ids


def test_gpus_that_nvml_could_not_count_are_those_that_must_be_there():
    assert "K8S008" in [f.id for f in findings({"gpu.nvml": None}, jobs=4)]
    assert "K8S008" not in [f.id for f in findings({"gpu.nvml": None}, jobs=4, gpu_count=4)]


def test_addons_are_sorted_and_once():
    assert sorted(set(ADDONS)) == list(ADDONS)
