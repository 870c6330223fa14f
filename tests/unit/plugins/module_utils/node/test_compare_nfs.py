# SPDX-License-Identifier: GPL-3.0-or-later
"""The NFS server: what the fixtures of the checks do not say."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.nfs_backend import backend_of
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.nfs_volume import same_size, size_of
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.nfs import NfsWanted

from .machines import first, ids, machine

KUBEDATA = "/srv/nfs/kubedata"
GANESHA = {
    "nfs__kernel_server": "absent",
    "nfs__packages": {"nfs-ganesha": "4.3", "nfs-ganesha-vfs": "4.3"},
    "nfs__unit": {"active": "inactive"},
    "nfs__ganesha_unit": {"load": "loaded", "active": "active", "enabled": "enabled", "started_at": 9.0},
    "nfs__exports": [],
}


def line(**changes):
    return {"path": KUBEDATA, "client": "10.0.0.0/8", "file": "/etc/exports", "line": 7, "last": 7, **changes}


def export(**changes):
    return {"exports": [{"path": KUBEDATA, "network": "192.168.49.0/24", **changes}]}


def test_the_defaults_are_those_of_the_role():
    assert ids("nfs", {}) == []


@pytest.mark.parametrize("network", ["*", "0.0.0.0/0", "::/0", " * ", "", "128.0.0.0/1"])
def test_everyone_takes_an_explicit_input(network):
    wanted = {"exports": [{"path": KUBEDATA}], "network": network}
    assert ("NFS001", "refuse") in ids("nfs", wanted)
    assert ("NFS001", "refuse") not in ids("nfs", {**wanted, "allow_everyone": True})


def test_network_of_an_export_counts_more():
    assert ("NFS001", "refuse") in ids("nfs", {"exports": [{"path": KUBEDATA, "network": "*"}]})


def test_foreign_lines_are_told_with_file_and_number():
    found = first("nfs", {}, nfs__exports=[line(last=8)])
    assert found.found == "/etc/exports:7 exports it too"
    assert found.commands[0] == "sed -i '7,8s/^/# /' /etc/exports"
    assert ids("nfs", {}, nfs__exports=[line(client="*")]) == [("NFS001", "tell"), ("NFS002", "tell")]
    assert ids("nfs", {}, nfs__exports=[line(path="/other")]) == []


@pytest.mark.parametrize(
    ("client", "told"),
    [
        ("10.0.0.0/8", True),
        ("192.168.49.2", False),
        ("192.168.49.0/25", False),
        ("192.168.0.0/16", True),
        ("fd00::1", True),
        ("node.example.org", False),
        ("@netgroup", False),
    ],
)
def test_root_of_others_is_told_where_addresses_say_so(client, told):
    lines = [line(path="/home", client=client, options=["rw", "no_root_squash"])]
    assert (ids("nfs", {}, nfs__exports=lines) == [("NFS001", "tell")]) is told


def test_an_export_by_hand_that_a_file_has_too_is_told_once():
    lines = [line(path="/home", client="*")]
    served = [*machine()["nfs"]["served"], {"path": "/home", "client": "*"}]
    assert ids("nfs", {}, nfs__exports=lines, nfs__served=served) == [("NFS001", "tell")]


@pytest.mark.parametrize(
    ("options", "job", "folder", "fits"),
    [
        (["rw", "no_root_squash"], 0, {"mode": "0700", "uid": 0}, True),
        (["rw", "root_squash"], 0, {"mode": "0755", "uid": 0}, False),
        (["rw", "root_squash"], 0, {"mode": "0775", "uid": 0, "gid": 65534}, True),
        (["rw", "root_squash"], 0, {"mode": "1777", "uid": 0}, True),
        (["rw", "all_squash", "anonuid=1000", "anongid=1000"], 0, {"mode": "0755", "uid": 1000}, True),
        (["rw", "all_squash"], 1000, {"mode": "0755", "uid": 1000}, False),
        (["rw", "root_squash"], 1000, {"mode": "0755", "uid": 1000}, True),
        (["rw", "no_root_squash"], 1000, {"mode": "0755", "uid": 0}, False),
        (["rw", "no_root_squash"], 1000, {"mode": "0775", "uid": 0, "gid": 0}, True),
        (["rw", "no_root_squash"], 1000, {"mode": "0773", "uid": 1000}, True),
        (["rw", "no_root_squash"], 1000, {"mode": "0577", "uid": 1000}, False),
        (["ro", "root_squash"], 0, {"mode": "0700", "uid": 0}, True),
        ([], 0, {"mode": "0700", "uid": 5}, True),
    ],
)
def test_who_can_write(options, job, folder, fits):
    wanted = {**export(options=options), "job_uid": job}
    found = compare("nfs", machine(nfs__folders={KUBEDATA: {"kind": "directory", **folder}}), wanted)
    assert [f.id for f in found.findings if f.id == "NFS006"] == ([] if fits else ["NFS006"])


def test_a_file_system_that_names_its_files_can_be_exported():
    folder = {"kind": "directory", "mode": "1777", "file_system": "overlay", "handles": True}
    assert ids("nfs", {}, nfs__folders={KUBEDATA: folder}) == []


@pytest.mark.parametrize(
    ("wanted", "kernel", "backend"),
    [
        ("auto", "absent", "ganesha"),
        ("auto", "available", "kernel"),
        ("auto", "active", "kernel"),
        ("auto", None, None),
        ("kernel", "absent", "kernel"),
        ("ganesha", None, "ganesha"),
    ],
)
def test_backend(wanted, kernel, backend):
    assert backend_of(wanted, kernel) == backend


def test_a_server_that_nobody_could_name_is_not_judged():
    report = compare("nfs", machine(nfs__kernel_server=None, nfs__packages={}), {})
    assert [f.id for f in report.findings] == []
    assert [u.fact for u in report.unknown] == ["nfs.kernel_server"]


def test_kernel_backend_needs_a_kernel_with_it():
    assert ids("nfs", {"backend": "kernel"}, "bare")[-1] != ("NFS008", "converge")
    assert ("NFS003", "refuse") in ids("nfs", {"backend": "kernel"}, "bare")
    assert ids("nfs", {"backend": "kernel"}) == []


def test_systemd_is_asked_for_both_servers():
    assert NfsWanted().unit_names() == ("nfs-server.service", "nfs-ganesha.service")


def test_a_bare_machine_before_its_cluster():
    wanted = {"provided": ["cluster"]}
    assert ids("nfs", wanted, "bare") == [("NFS008", "converge"), ("NFS010", "converge"), ("NFS012", "converge")]
    assert ("NFS010", "refuse") in ids("nfs", {}, "bare")
    assert ids("nfs", {"kubeconfig": ""}, "bare") == [("NFS008", "converge"), ("NFS012", "converge")]


def test_nfs_ganesha_is_judged_by_its_own_facts():
    assert ids("nfs", {}, **GANESHA) == []
    assert ids("nfs", {"backend": "ganesha"}, **{**GANESHA, "nfs__unit": {"active": "active"}}) == [
        ("NFS014", "refuse")
    ]


@pytest.mark.parametrize(
    ("served", "commands"),
    [
        pytest.param([], ("systemctl disable --now nfs-server.service",), id="nobody-uses-it"),
        pytest.param([{"path": "/a", "client": "*"}], (), id="it-serves"),
        pytest.param(None, (), id="not-told"),
    ],
)
def test_a_server_that_somebody_may_use_is_not_stopped_by_a_command(served, commands):
    changes = {**GANESHA, "nfs__unit": {"active": "active"}, "nfs__served": served}
    assert first("nfs", {"backend": "ganesha"}, **changes).commands == commands


STOP_GANESHA = "systemctl disable --now nfs-ganesha.service"


@pytest.mark.parametrize(
    ("config", "commands"),
    [
        pytest.param({"exists": True, "blocks": ["NFSV4"]}, (STOP_GANESHA,), id="empty"),
        pytest.param({"exists": True, "blocks": ["Export"]}, (), id="exports"),
        pytest.param({"exists": True, "includes": ["/etc/x"]}, (), id="includes"),
        pytest.param(None, (), id="not-told"),
    ],
)
def test_nfs_ganesha_that_somebody_may_use_is_not_stopped_by_a_command(config, commands):
    finding = next(
        f
        for f in compare(
            "nfs", machine(nfs__ganesha_unit={"active": "active"}, nfs__ganesha=config), {"backend": "kernel"}
        ).findings
        if f.id == "NFS014"
    )
    assert finding.commands == commands


@pytest.mark.parametrize(
    ("config", "foreign"),
    [
        ({"exists": False}, False),
        ({"exists": True}, False),
        ({"exists": True, "blocks": ["EXPORT"], "includes": ["/etc/ganesha/mlinfra_gpu_launch.conf"]}, False),
        ({"exists": True, "blocks": ["EXPORT"]}, True),
        ({"exists": True, "includes": ["/etc/ganesha/theirs.conf"]}, True),
    ],
)
def test_whose_configuration_it_is(config, foreign):
    assert ids("nfs", {}, **GANESHA, nfs__ganesha=config) == ([("NFS015", "refuse")] if foreign else [])


@pytest.mark.parametrize(
    ("fact", "also"),
    [
        ("nfs.packages", {}),
        ("nfs.config_files", {}),
        ("nfs.unit", {}),
        ("nfs.listening", {}),
        ("nfs.answer", {}),
        ("nfs.served", {}),
        ("nfs.folders", {}),
        ("nfs.hung", {}),
        ("nfs.ganesha", GANESHA),
        ("nfs.ganesha_unit", GANESHA),
        ("nfs.written", GANESHA),
    ],
)
def test_each_fact_that_matters_is_missed(fact, also):
    report = compare("nfs", machine(**{**also, fact.replace(".", "__"): None}), {})
    assert [u.fact for u in report.unknown] == [fact]


def test_a_folder_that_was_not_looked_at_is_unknown():
    report = compare("nfs", machine(nfs__folders={}), {})
    assert [u.fact for u in report.unknown] == [f"nfs.folders.{KUBEDATA}"]


def test_a_cluster_that_does_not_answer_is_unknown_with_its_reason():
    observed = machine(nfs__volume=None, nfs__claim=None, unknown=[{"fact": "nfs.objects", "reason": "silent"}])
    report = compare("nfs", observed, {})
    assert [(u.fact, u.reason) for u in report.unknown] == [
        ("nfs.objects.claim", "silent"),
        ("nfs.objects.volume", "silent"),
    ]
    coming = compare("nfs", observed, {"provided": ["cluster"]})
    assert [(f.id, f.act, f.found) for f in coming.findings] == [("NFS010", "converge", "not observed: silent")]
    assert ids("nfs", {"kubeconfig": ""}, nfs__volume=None, nfs__claim=None) == []


def test_a_failed_server_says_how_it_ended():
    unit = {"active": "failed", "enabled": "enabled", "result": "start-limit-hit"}
    found = first("nfs", {}, nfs__unit=unit)
    assert (found.id, found.found) == ("NFS003", "failed, start-limit-hit")
    assert found.commands == ("systemctl start nfs-server.service",)


def test_without_exports_there_is_no_source_to_compare():
    found = ids("nfs", {"exports": []}, nfs__volume={**machine()["nfs"]["volume"], "server": "x"})
    assert found == [("NFS011", "refuse")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"exports": [], "problems": ["nfs_server_exports[0]: path 'a' is relative"]}, ["path 'a' is relative"]),
        ({"exports": []}, ["no export"]),
        ({"grace_period": 0}, ["0 seconds"]),
        ({"grace_period": 181}, ["181 seconds"]),
        ({"grace_period": "180"}, []),
        ({"proxy_has_user": True}, ["a user or password"]),
    ],
)
def test_inputs_that_work_on_no_machine(wanted, found):
    texts = [f.found for f in compare("nfs", machine(), wanted).findings if (f.id, f.act) == ("NFS011", "refuse")]
    assert len(texts) == len(found)
    assert all(word in text for word, text in zip(found, texts))


@pytest.mark.parametrize(
    ("has", "wants", "same"),
    [
        ("100Gi", "100Gi", True),
        ("1Ti", "1024Gi", True),
        ("1k", "1000", True),
        ("1.5G", "1500M", True),
        ("", "100Gi", False),
        ("1G", "1Gi", False),
        ("x", "y", False),
    ],
)
def test_sizes(has, wants, same):
    assert same_size(has, wants) is same


def test_no_size():
    assert size_of("many") is None
