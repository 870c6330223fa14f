# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel, clock, proxies: what the doctor asks beside the platform."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.host_proxy import covered

from .healthy import raised, report


@pytest.mark.parametrize(
    ("fact", "name"),
    [
        ("host.bpf_jit_harden", "host.bpf_jit_harden"),
        ("host.cgroup_version", "host.cgroup_version"),
        ("host.clock", "host.clock"),
        ("host.clock.ahead_s", "host.clock.ahead_s"),
        ("host.clock.synchronised", "host.clock.synchronised"),
        ("host.proxy", "host.proxy"),
        ("host.python_executable", "host.python_executable"),
        ("host.selinux", "host.selinux"),
        ("host.wsl", "host.wsl"),
    ],
)
def test_a_probe_that_was_killed_is_never_fine(fact, name):
    result = report("host", {fact: None}, unknown=[fact])
    assert [(item.fact, item.reason) for item in result.unknown] == [(name, "killed")]
    assert not result.converged


def test_a_role_that_only_needs_the_platform_asks_for_nothing_else():
    blank = dict.fromkeys(["bpf_jit_harden", "clock", "proxy", "selinux", "wsl", "cgroup_version"])
    observed = {f"host.{fact}": value for fact, value in blank.items()}
    needs = {"thorough": False, "gpu_cluster": False, "kubernetes_version": "", "controller_time": 0}
    assert report("host", observed, **needs).converged


def test_a_cluster_with_gpus_needs_the_kernel_but_no_clock():
    needs = {"thorough": False, "controller_time": 0}
    assert raised("host", {"host.bpf_jit_harden": 2, "host.clock": None}, **needs) == [("SYS004", "refuse", "error")]


@pytest.mark.parametrize(
    ("version", "cgroup", "ids"),
    [
        ("", 1, []),
        ("v1.34.4", 1, []),
        ("v1.34.9", 1, []),
        ("v1.35.0", 1, ["SYS003"]),
        ("v1.36.1", 1, ["SYS003"]),
        ("v1.40.1", 1, ["SYS003"]),
        ("v1.35.0", 2, []),
    ],
)
def test_kubelets_that_refuse_old_control_groups(version, cgroup, ids):
    found = raised("host", {"host.cgroup_version": cgroup}, kubernetes_version=version)
    assert [check for check, _act, _severity in found] == ids


def test_wsl_has_no_gpus_in_a_node_and_matters_to_no_other():
    assert ("SYS008", "refuse", "error") in raised("host", {"host.wsl": True})
    assert raised("host", {"host.wsl": True}, gpu_cluster=False) == []


@pytest.mark.parametrize(
    ("ahead", "found"),
    [(61.0, "61 s ahead of the controller's"), (-3600.4, "3600 s behind the controller's")],
)
def test_the_clock_is_told_by_its_difference(ahead, found):
    finding = report("host", {"host.clock": {"ahead_s": ahead, "synchronised": False}}).findings[0]
    assert (finding.id, finding.act, finding.severity, finding.found) == ("SYS007", "refuse", "error", found)


def test_a_clock_that_is_right_but_not_kept_right_is_a_warning():
    assert raised("host", {"host.clock.synchronised": False}) == [("SYS007", "tell", "warning")]
    assert raised("host", {"host.clock.synchronised": False}, controller_time=0) == [("SYS007", "tell", "warning")]
    assert raised("host", {"host.clock.synchronised": False}, thorough=False) == []


def test_hardened_by_one_only_is_fine():
    assert raised("host", {"host.bpf_jit_harden": 1}) == []


def test_selinux_with_a_policy_or_permissive_is_fine():
    assert raised("host", {"host.selinux": {"mode": "enforcing", "container_policy": True}}) == []
    assert raised("host", {"host.selinux": {"mode": "permissive"}}) == []


def test_layers_of_the_proxy_are_named():
    finding = report("host", {"host.proxy.apt": True}).findings[0]
    assert finding.found == "a proxy for apt, none for docker, cluster, agent"


ALL = {
    "host.proxy.apt": True,
    "host.proxy.sessions": True,
    "host.proxy.no_proxy": ["192.168.0.0/16", "10.96.0.0/12", "svc"],
    "docker.engine.proxy": True,
    "docker.engine.no_proxy": ["192.168.49.0/24", "10.0.0.0/8", ".svc", ".local"],
    "cluster.unit.environment": ["HTTP_PROXY"],
    "agent.unit.environment": ["HTTPS_PROXY", "WANDB_BASE_URL"],
}


def test_a_proxy_everywhere_with_its_exceptions_is_fine():
    assert raised("host", ALL) == []


def test_a_session_proxy_is_no_must():
    assert raised("host", {**ALL, "host.proxy.sessions": False, "host.proxy.no_proxy": []}) == []


def test_exceptions_that_are_missing_are_named():
    result = report("host", {**ALL, "docker.engine.no_proxy": ["10.96.0.0/16"], "host.proxy.no_proxy": ["*"]})
    assert [(f.subject, f.found) for f in result.findings] == [
        ("NO_PROXY of docker", "192.168.49.0/24, 10.96.0.0/12, .svc would go through the proxy")
    ]


def test_layers_that_are_not_there_count_nothing():
    absent = {"docker": None, "cluster": None, "agent": None}
    assert raised("host", {**absent, "host.proxy.apt": True}) == []
    silent = {"docker.engine": None, "cluster.unit.load": "not-found", "agent.unit": None}
    assert raised("host", {**silent, "host.proxy.apt": True}) == []
    assert raised("host", {**absent, "docker": {"engine": {"version": "1"}}, "host.proxy.apt": True}) == []


@pytest.mark.parametrize(
    ("item", "entries", "inside"),
    [
        ("192.168.49.0/24", ["192.168.0.0/16"], True),
        ("192.168.49.0/24", ["192.168.49.1"], False),
        ("192.168.49.0/24", ["fd00::/8", "local"], False),
        (".svc", ["svc"], True),
        (".svc", [".svc.cluster.local"], False),
    ],
)
def test_exceptions(item, entries, inside):
    assert covered(item, entries) is inside


def test_azure_by_vendor_and_product():
    assert raised("host", {"host.vendor": "Microsoft Corporation", "host.product": "Surface"}) == []
    assert raised("host", {"host.vendor": None, "host.product": None}) == []
