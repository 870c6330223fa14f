# SPDX-License-Identifier: GPL-3.0-or-later
"""What nfs_server decides from what it has seen: whose server, volume and claim it is."""

from __future__ import annotations

import base64
import inspect
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROLE = Path(__file__).resolve().parents[3] / "roles" / "nfs_server"
OWN = "/etc/exports.d/mlinfra_gpu_launch.exports"
HAS_TRUST = "trusted_as_template" in inspect.signature(DataLoader.load_from_file).parameters  # from core 2.19
SOURCE = {"server": "192.168.49.1", "path": "/srv/nfs/kubedata"}


def decided(name, **facts):
    """Return a variable of the role, templated with its defaults and some facts."""
    loader = DataLoader()
    trust = {"trusted_as_template": True} if HAS_TRUST else {}
    files = [loader.load_from_file(f"{ROLE}/{part}/main.yml", **trust) for part in ("defaults", "vars")]
    known = {**files[0], **files[1]}
    return Templar(loader, variables={**known, **facts}).template(known[name])


def seen(kernel="available", active="inactive", packages=()):
    unit = {"load": "loaded", "active": active}
    nfs = {"kernel_server": kernel, "packages": dict.fromkeys(packages, "1"), "unit": unit}
    return {"observed": {"nfs": nfs}}


@pytest.mark.parametrize(
    ("facts", "rival"),
    [
        pytest.param({"__nfs_server_seen": seen()}, "", id="alone"),
        pytest.param({"__nfs_server_seen": seen(), "__nfs_server_ganesha_unit": {"skipped": True}}, "", id="not-asked"),
        pytest.param(
            {"__nfs_server_seen": seen(), "__nfs_server_ganesha_unit": {"stdout": "inactive"}}, "", id="ganesha-is-off"
        ),
        pytest.param(
            {"__nfs_server_seen": seen(), "__nfs_server_ganesha_unit": {"stdout": "active"}},
            "nfs-ganesha",
            id="ganesha",
        ),
        pytest.param({"__nfs_server_seen": seen("absent", "active")}, "nfs-server", id="kernel"),
        pytest.param({"__nfs_server_seen": seen("active", "active")}, "", id="the-wanted-one"),
        pytest.param(
            {"__nfs_server_seen": {"observed": {"nfs": {"unit": None, "kernel_server": "absent"}}}}, "", id="x"
        ),
    ],
)
def test_the_server_that_holds_the_port(facts, rival):
    assert decided("__nfs_server_rival", **facts) == rival


@pytest.mark.parametrize(
    ("packages", "lacking"),
    [
        pytest.param([], ["nfs-kernel-server"], id="bare"),
        pytest.param(["nfs-common", "nfs-kernel-server"], [], id="there"),
    ],
)
def test_apt_is_asked_only_for_what_is_missing(packages, lacking):
    assert decided("__nfs_server_lacking", __nfs_server_seen=seen(packages=packages)) == lacking


def volume(**spec):
    return {"spec": {"nfs": SOURCE, **spec}}


def claim(name):
    return {"spec": {"volumeName": name}}


OTHERS = {"claimRef": {"namespace": "team", "name": "theirs"}}


def objects(volumes, claims):
    facts = {"__nfs_server_objects": {"results": [{"resources": volumes}, {"resources": claims}]}}
    checks = decided("__nfs_server_object_checks", **facts)
    refused = [check["text"] for check in checks if check["refused"]]
    return refused, [entry["object_kind"] for entry in decided("__nfs_server_absent", **facts)]


@pytest.mark.parametrize(
    ("volumes", "claims", "words", "made"),
    [
        pytest.param([], [], [], ["PersistentVolumeClaim", "PersistentVolume"], id="none-there"),
        pytest.param([volume()], [], [], ["PersistentVolumeClaim"], id="volume-of-the-tutorial"),
        pytest.param([volume()], [claim("nfs-pv")], [], [], id="both-of-the-tutorial"),
        pytest.param(
            [volume(claimRef={"namespace": "default", "name": "nfs-pvc"})], [claim("nfs-pv")], [], [], id="bound"
        ),
        pytest.param([volume(**OTHERS)], [], ["team/theirs"], ["PersistentVolumeClaim"], id="claimed-by-others"),
        pytest.param([volume(nfs={})], [claim("nfs-pv")], ["leads to"], [], id="leads-elsewhere"),
        pytest.param([], [claim("disk-7")], ["disk-7"], ["PersistentVolume"], id="claim-of-another-volume"),
        pytest.param([], [{"spec": {}}], ["uses volume ''"], ["PersistentVolume"], id="claim-without-a-volume"),
    ],
)
def test_volumes_and_claims_of_others(volumes, claims, words, made):
    refused, recorded = objects(volumes, claims)
    assert len(refused) == len(words)
    assert all(word in text for word, text in zip(words, refused))
    assert recorded == made


def entry(name, state="absent", active=None):
    return {
        "kind": "unit",
        "subject": f"{name}.service",
        "earlier": {"state": state, **({"active": active} if active else {})},
    }


def encoded(text):
    return {"content": base64.b64encode(text.encode()).decode()}


INCLUDE = '%include "/etc/ganesha/mlinfra_gpu_launch.conf"\n'


@pytest.mark.parametrize(
    ("unit", "files", "text", "others"),
    [
        pytest.param(entry("nfs-server"), [OWN], "", [], id="alone"),
        pytest.param(
            entry("nfs-server"), [OWN, "/etc/exports", "/etc/exports"], "", ["/etc/exports"], id="lines-added"
        ),
        pytest.param(entry("nfs-server", "present", "active"), ["/etc/exports"], "", [], id="ran-before"),
        pytest.param(entry("nfs-ganesha"), ["/etc/exports"], INCLUDE, [], id="ganesha-alone"),
        pytest.param(entry("nfs-ganesha"), [], f"# EXPORT {{\n{INCLUDE}", [], id="a-comment"),
        pytest.param(
            entry("nfs-ganesha"), [], f"{INCLUDE}Export {{ }}\n", ["/etc/ganesha/ganesha.conf"], id="ganesha-export"
        ),
        pytest.param(
            entry("nfs-ganesha"), [], f'{INCLUDE}%include "x"\n', ["/etc/ganesha/ganesha.conf"], id="ganesha-include"
        ),
    ],
)
def test_a_server_that_others_use_by_now(unit, files, text, others):
    facts = {
        "__ledger_entries": [unit],
        "__nfs_server_wanted": {"file": OWN},
        "__nfs_server_now": {"observed": {"nfs": {"exports": [{"file": name} for name in files]}}},
        "__nfs_server_ganesha_conf": encoded(text),
    }
    assert decided("__nfs_server_others", **facts) == others


ENTRIES = [
    {"kind": "package", "subject": "nfs"},
    {"kind": "file", "subject": OWN},
    {"kind": "directory", "subject": "/srv/x"},
    {"kind": "kube_object", "subject": "PersistentVolume nfs-pv"},
]


@pytest.mark.parametrize(
    ("unit", "text", "stays"),
    [
        pytest.param(entry("nfs-server"), "", ["package", "unit"], id="kernel"),
        pytest.param(
            entry("nfs-ganesha"), f"{INCLUDE}EXPORT {{ }}\n", ["directory", "file", "package", "unit"], id="ganesha"
        ),
    ],
)
def test_what_stays_for_others(unit, text, stays):
    facts = {
        "__ledger_entries": [unit, *ENTRIES],
        "__nfs_server_wanted": {"file": OWN},
        "__nfs_server_now": {"observed": {"nfs": {"exports": [{"file": "/etc/exports"}]}}},
        "__nfs_server_ganesha_conf": encoded(text),
    }
    kept = decided("__nfs_server_serves_others", **facts)
    assert sorted(item["kind"] for item in kept) == stays
    assert all("exports of others" in item["reason"] and unit["subject"] in item["reason"] for item in kept)


KUBECONFIG = "/var/lib/minikube-gpu/.kube/config"
PROFILE = {"ledger": {"minikube_gpu": [{"kind": "profile", "subject": "minikube", "home": "/var/lib/minikube-gpu"}]}}


@pytest.mark.parametrize(
    ("ledger", "run", "skip", "goes"),
    [
        pytest.param(PROFILE, ["all"], [], True, id="whole-removal"),
        pytest.param(PROFILE, ["nfs_server", "minikube_gpu"], [], True, id="both"),
        pytest.param(PROFILE, ["nfs_server"], [], False, id="this-role-alone"),
        pytest.param(PROFILE, ["all"], ["minikube_gpu"], False, id="cluster-is-skipped"),
        pytest.param({"ledger": {}}, ["all"], [], False, id="cluster-of-others"),
    ],
)
def test_objects_that_go_with_their_cluster(ledger, run, skip, goes):
    facts = {"__teardown_ledger": ledger, "ansible_run_tags": run, "ansible_skip_tags": skip}
    assert decided("__nfs_server_cluster_goes", __nfs_server_cluster=KUBECONFIG, **facts) is goes
