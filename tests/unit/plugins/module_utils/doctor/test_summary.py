# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for each component, of what was seen only."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.components import TITLES
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.summary import summary

from .reports import healthy


@pytest.mark.parametrize(
    ("component", "line"),
    [
        ("host", "Debian 12, x86_64, kernel 6.1.0-26-cloud-amd64, 16 CPUs, 58.6 GiB memory"),
        ("gpu", "4 x Tesla T4, driver 525.105.17, CUDA 12.0"),
        ("docker", "engine 20.10.24+dfsg1, socket answers, runtimes io.containerd.runc.v2 nvidia runc, unit active"),
        ("nvidia_ctk", "version 1.20.1-1"),
        ("cluster", "profile minikube, running, Kubernetes v1.34.4"),
        ("nfs", "kernel server active, /srv/nfs/kubedata to 192.168.49.0/24"),
        ("agent", "unit active"),
    ],
)
def test_the_reference_machine(component, line):
    assert summary(component, healthy()["observed"]) == line


@pytest.mark.parametrize(
    ("component", "facts", "line"),
    [
        (
            "gpu",
            {"module_version": "550.1", "nvml": {"state": "version_mismatch"}},
            "driver 550.1, NVML: version_mismatch",
        ),
        ("gpu", {"nvml": {"state": "ok", "gpus": [{"name": None}]}}, "1 without a name"),
        ("docker", {"socket": "absent", "unit": {"load": "not-found"}}, "socket absent, no unit"),
        ("nvidia_ctk", {"packages": {}}, "no package of it"),
        ("nvidia_ctk", {"packages": {"a": "1", "b": "2"}}, "version 1 and 2"),
        ("cluster", {"exists": False}, "absent"),
        ("cluster", {"node": {"allocatable_gpus": 3}}, "allocatable GPUs 3"),
        (
            "agent",
            {"account": {"exists": False}, "unit": {"load": "loaded", "active": "failed"}},
            "no user, unit failed",
        ),
        ("host", {"os_id": "a\nb", "cpus": 2}, "A\\nb, 2 CPUs"),
    ],
)
def test_other_machines(component, facts, line):
    assert summary(component, {component: facts}) == line


@pytest.mark.parametrize("facts", [None, {}, [], "text"])
@pytest.mark.parametrize("component", TITLES)
def test_nothing_is_said_of_what_was_not_read(component, facts):
    assert summary(component, {component: facts}) == ""


def test_a_line_is_bounded():
    exports = [{"path": f"/srv/{n}", "client": "*"} for n in range(500)]
    assert len(summary("nfs", {"nfs": {"exports": exports}})) == 200
