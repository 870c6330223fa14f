# SPDX-License-Identifier: GPL-3.0-or-later
"""What nfs_server decides from what it has seen: whose server, volume and claim it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

try:
    from ansible.template import trust_as_template
except ImportError:  # before core 2.19
    trust_as_template = None

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import states_of
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.nfs import ExportWanted, NfsWanted

ROLE = Path(__file__).resolve().parents[3] / "roles" / "nfs_server"
OWN = "/etc/exports.d/mlinfra_gpu_launch.exports"
HAS_TRUST = trust_as_template is not None
OPTIONS = ("rw", "sync", "no_subtree_check", "no_root_squash", "no_all_squash", "insecure")


def decided(name, **facts):
    """Return a variable of the role, templated with its defaults and some facts."""
    loader = DataLoader()
    trust = {"trusted_as_template": True} if HAS_TRUST else {}
    files = [loader.load_from_file(f"{ROLE}/{part}/main.yml", **trust) for part in ("defaults", "vars")]
    known = {**files[0], **files[1]}
    known.update(facts)
    return Templar(loader, variables=known).template(known[name])


def written(template):
    """Return the expression for what Ansible's own module would write."""
    expression = "{{ lookup('ansible.builtin.template', '" + template + "') }}"
    return trust_as_template(expression) if HAS_TRUST else expression


def observed(packages=(), backend="kernel", **more):
    return {"nfs": {"packages": dict.fromkeys(packages, "1"), "backend": backend, **more}}


@pytest.mark.parametrize(
    ("backend", "packages", "lacking"),
    [
        pytest.param("kernel", [], ["nfs-kernel-server"], id="bare"),
        pytest.param("kernel", ["nfs-common", "nfs-kernel-server"], [], id="there"),
        pytest.param("ganesha", ["nfs-ganesha"], ["nfs-ganesha-vfs"], id="in-part"),
    ],
)
def test_apt_is_asked_only_for_what_is_missing(backend, packages, lacking):
    assert decided("__nfs_server_lacking", __nfs_server_observed=observed(packages, backend)) == lacking


def finding(check, act, **evidence):
    return {"id": check, "act": act, "message": f"{check} {act}", "evidence": evidence}


@pytest.mark.parametrize(
    ("verbs", "unread"),
    [([], []), (["start"], []), (["reload"], ["reload"]), (["restart", "reload"], ["restart", "reload"])],
)
def test_a_server_that_is_started_has_read_everything(verbs, unread):
    findings = [finding("NFS003", "converge", verb=verb) for verb in verbs]
    findings += [finding("NFS003", "converge"), finding("NFS009", "converge", verb="reload")]
    assert decided("__nfs_server_unread", __nfs_server_findings=findings) == unread


@pytest.mark.parametrize(
    ("run", "skip", "whole"),
    [
        (["all"], [], True),
        (["nfs_server"], [], True),
        (["nfs_server_configure"], [], False),
        (["all"], ["nfs_server_install"], False),
        (["docker"], [], False),
    ],
)
def test_a_part_of_the_role_may_leave_something_to_do(run, skip, whole):
    assert decided("__nfs_server_whole", ansible_run_tags=run, ansible_skip_tags=skip) is whole


def volume(phase):
    return {"status": {"phase": phase}}


@pytest.mark.parametrize(
    ("volumes", "claims", "made", "released"),
    [
        pytest.param([], [], ["PersistentVolumeClaim", "PersistentVolume"], False, id="none-there"),
        pytest.param([volume("Available")], [], ["PersistentVolumeClaim"], False, id="volume-of-the-tutorial"),
        pytest.param([volume("Bound")], [{}], [], False, id="both-of-the-tutorial"),
        pytest.param([volume("Released")], [], ["PersistentVolumeClaim"], True, id="claim-deleted"),
    ],
)
def test_objects_that_are_made_here(volumes, claims, made, released):
    facts = {"__nfs_server_objects": {"results": [{"resources": volumes}, {"resources": claims}]}}
    assert [entry["object_kind"] for entry in decided("__nfs_server_absent", **facts)] == made
    assert decided("__nfs_server_released", **facts) is released


def test_the_wanted_state_is_one_that_the_comparison_knows():
    wanted = decided("__nfs_server_wanted", nfs_server_proxy={"http": "http://a:b@proxy"}, nfs_server_site=["cluster"])
    read = states_of({"nfs": wanted}, ["nfs"])["nfs"]
    assert read.exports == (ExportWanted("/srv/nfs/kubedata", "192.168.49.0/24", OPTIONS),)
    assert (read.proxy_has_user, read.problems, wanted["provided"]) == (True, (), ["cluster"])
    defaults = NfsWanted()
    same = [
        name for name in vars(defaults) if name not in ("exports", "kernel_files", "ganesha_files", "proxy_has_user")
    ]
    assert {name: getattr(read, name) for name in same} == {name: getattr(defaults, name) for name in same}


@pytest.mark.parametrize(
    ("part", "path", "words"),
    [
        ("kernel_files", OWN, "/srv/nfs/kubedata 192.168.49.0/24(rw,"),
        ("ganesha_files", "/etc/ganesha/mlinfra_gpu_launch.conf", "Clients = 192.168.49.0/24;"),
        ("ganesha_files", "/etc/ganesha/ganesha.conf", "Grace_Period = 30;"),
    ],
)
def test_files_are_known_by_what_the_templates_make(part, path, words):
    text = decided("__text", __text=written(f"{ROLE}/templates/{Path(path).name}.j2"))
    assert words in text
    assert decided("__nfs_server_wanted")[part][path]["sha256"] == [hashlib.sha256(text.encode()).hexdigest()]


def entry(name, state="absent", active=None):
    return {
        "kind": "unit",
        "subject": f"{name}.service",
        "earlier": {"state": state, **({"active": active} if active else {})},
    }


def ganesha(blocks=(), includes=("/etc/ganesha/mlinfra_gpu_launch.conf",)):
    return {"exists": True, "blocks": list(blocks), "includes": list(includes)}


SETTINGS = ("NFS_CORE_PARAM", "NFSV4")


@pytest.mark.parametrize(
    ("unit", "files", "config", "others"),
    [
        pytest.param(entry("nfs-server"), [OWN], None, [], id="alone"),
        pytest.param(
            entry("nfs-server"), [OWN, "/etc/exports", "/etc/exports"], None, ["/etc/exports"], id="lines-added"
        ),
        pytest.param(entry("nfs-server", "present", "active"), ["/etc/exports"], None, [], id="ran-before"),
        pytest.param(entry("nfs-ganesha"), ["/etc/exports"], ganesha(SETTINGS), [], id="ganesha-alone"),
        pytest.param(entry("nfs-ganesha"), [], ganesha(["EXPORT"]), ["/etc/ganesha/ganesha.conf"], id="ganesha-export"),
        pytest.param(
            entry("nfs-ganesha"), [], ganesha(includes=["/x"]), ["/etc/ganesha/ganesha.conf"], id="ganesha-include"
        ),
    ],
)
def test_a_server_that_others_use_by_now(unit, files, config, others):
    facts = {
        "__ledger_entries": [unit],
        "__nfs_server_now": {"observed": {"nfs": {"exports": [{"file": name} for name in files], "ganesha": config}}},
    }
    assert decided("__nfs_server_others", **facts) == others


ENTRIES = [
    {"kind": "package", "subject": "nfs"},
    {"kind": "file", "subject": OWN},
    {"kind": "directory", "subject": "/srv/x"},
    {"kind": "kube_object", "subject": "PersistentVolume nfs-pv"},
]


@pytest.mark.parametrize(
    ("unit", "config", "stays"),
    [
        pytest.param(entry("nfs-server"), None, ["package", "unit"], id="kernel"),
        pytest.param(entry("nfs-ganesha"), ganesha(["EXPORT"]), ["directory", "file", "package", "unit"], id="ganesha"),
    ],
)
def test_what_stays_for_others(unit, config, stays):
    facts = {
        "__ledger_entries": [unit, *ENTRIES],
        "__nfs_server_now": {"observed": {"nfs": {"exports": [{"file": "/etc/exports"}], "ganesha": config}}},
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
