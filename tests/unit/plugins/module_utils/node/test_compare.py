# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison as a whole: required components, unknown facts, the shape of the wanted state."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.index import CHECKS
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import (
    compare,
    compare_all,
    ruled_out,
    with_unknown,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError

from .machines import ids, machine

SITE = {
    "user": "minikube",
    "memory_mib": 10**6,
    "requires": {"host": {}, "gpu": {"count": 9}, "docker": {"running": True}, "nvidia_ctk": {"installed": True}},
}


def test_all_refusals_of_a_role_come_in_one_sorted_report():
    assert [found for found in ids("cluster", SITE, "bare") if found[1] != "converge"] == [
        ("CTK001", "refuse"),
        ("DOC001", "refuse"),
        ("GPU002", "refuse"),
        ("K8S019", "refuse"),
    ]


def test_what_earlier_roles_bring_is_told():
    told = {**SITE, "provided": ["docker", "nvidia_ctk"]}
    assert ("DOC001", "tell") in ids("cluster", told, "bare")
    assert ("GPU002", "refuse") in ids("cluster", told, "bare")


def test_a_finding_that_two_components_have_comes_once():
    wanted = {"requires": {"host": {}}}
    found = ids("host", wanted, host__os_id="fedora")
    assert found == [("SYS002", "refuse")]


@pytest.mark.parametrize(
    ("component", "wanted", "changes", "check", "fact"),
    [
        ("host", {}, {"host__systemd": None}, "SYS002", "host.systemd"),
        ("host", {}, {"host__os_id": None}, "SYS002", "host.os_id"),
        ("host", {"free_mib": {"/data": 1}}, {}, "SYS005", "host.disks./data"),
        ("gpu", {}, {"gpu__nvml": None}, "GPU004", "gpu.nvml"),
        ("docker", {}, {"docker__config": None}, "DOC002", "docker.config"),
        ("docker", {}, {"docker__socket": None}, "DOC001", "docker.socket"),
        ("nvidia_ctk", {}, {"nvidia_ctk__packages": None}, "CTK001", "nvidia_ctk.packages"),
        ("cluster", {}, {"cluster": None}, "K8S003", "cluster"),
        ("nfs", {"backend": "kernel"}, {"nfs__kernel_server": None}, "NFS003", "nfs.kernel_server"),
        ("nfs", {}, {"nfs__exports": None}, "NFS002", "nfs.exports"),
    ],
)
def test_a_fact_that_is_needed_and_not_known_refuses_with_its_reason(component, wanted, changes, check, fact):
    reasons = [{"fact": fact.rsplit(".", 1)[0], "reason": "permission denied"}]
    report = compare(component, machine(**changes, unknown=reasons), wanted)
    assert [(u.fact, u.reason) for u in report.unknown] == [(fact, "permission denied")]
    assert not report.converged
    refusal = next(f for f in with_unknown(report) if f.subject == fact)
    assert (refusal.id, refusal.act, refusal.found) == (check, "refuse", "not observed: permission denied")


@pytest.mark.parametrize("component", ["host", "gpu", "docker", "nvidia_ctk", "cluster", "nfs"])
def test_a_component_that_nobody_observed_is_unknown(component):
    observed = machine()
    del observed[component]
    report = compare(component, observed, {})
    assert component in [u.fact for u in report.unknown]
    assert "it was not observed" in [u.reason for u in report.unknown]


def test_unknown_facts_that_do_not_matter_change_nothing():
    report = compare("host", machine(unknown=[{"fact": "docker.engine", "reason": "silent"}]), {})
    assert report.converged
    assert report.findings == ()


@pytest.mark.parametrize(
    ("component", "wanted", "words"),
    [
        ("dokcer", {}, "no component 'dokcer'; did you mean 'docker'?"),
        ("zzz", {}, "no component 'zzz'"),
        ("docker", {"sorce": "x"}, "wanted docker: unknown key 'sorce'; did you mean 'source'?"),
        ("docker", [], "wanted docker: a mapping is needed"),
        ("docker", {"requires": []}, "requires: a mapping is needed"),
        ("docker", {"provided": "docker"}, "provided: a list of components is needed"),
        ("docker", {"provided": ["dockr"]}, "no component 'dockr'; did you mean 'docker'?"),
        ("docker", {"provided": ["xyz"]}, "no component 'xyz'"),
        ("docker", {"requires": {"gpu": {"count": "four"}}}, "wanted gpu.count: a whole number is needed, found text"),
        (
            "docker",
            {"requires": {"gpu": {"count": True}}},
            "wanted gpu.count: a whole number is needed, found a boolean",
        ),
        ("nfs", {"exports": [{}]}, "wanted nfs.exports[0]: missing path"),
    ],
)
def test_wanted_state_of_the_wrong_shape(component, wanted, words):
    with pytest.raises(ModelError) as error:
        compare(component, machine(), wanted)
    assert words in str(error.value)


def test_observation_of_a_newer_release_is_read():
    assert ids("host", {}, host__shiny=1, shiny={}) == []


def test_observation_of_the_wrong_shape_is_refused():
    with pytest.raises(ModelError, match=r"observed.host: a mapping is needed"):
        compare("host", {"host": "debian"}, {})


def test_ids_have_the_form_of_the_catalogue():
    assert all(len(check) == 6 and check[:3].isupper() | check.startswith("K8S") for check in CHECKS)


def test_what_is_compared_by_itself_is_not_judged_a_second_time():
    wanted = {"docker": {}, "nvidia_ctk": {"version": "1.20.1", "requires": {"docker": {"running": True}}}}
    seen = machine("bare")
    assert [f.id for f in compare("nvidia_ctk", seen, wanted["nvidia_ctk"]).findings if f.id == "DOC001"] == ["DOC001"]
    assert [f["id"] for f in compare_all(seen, wanted)["findings"] if f["id"] == "DOC001"] == []


def test_what_works_on_no_machine_needs_no_look():
    said = ruled_out({"agent": {"entity": "", "api_key_length": 40}, "host": {"free_mib": {"/": 1}}})
    assert any("launch_agent_entity" in line for line in said)
    assert not any("not observed" in line for line in said)
    assert ruled_out({"host": {}}) == []
