# SPDX-License-Identifier: GPL-3.0-or-later
"""The exports."""

import pytest

from .machines import first, ids

OWN = "/etc/exports.d/mlinfra_gpu_launch.exports"
WANTED = {"exports": [{"path": "/srv/nfs/kubedata"}], "network": "192.168.49.0/24", "file": OWN}


def line(**changes):
    return {
        "path": "/srv/nfs/kubedata",
        "client": "10.0.0.0/8",
        "options": [],
        "file": "/etc/exports",
        "line": 7,
        **changes,
    }


@pytest.mark.parametrize("name", ["reference", "bare"])
def test_cluster_network_only(name):
    assert ids("nfs", WANTED, name) == []


@pytest.mark.parametrize("network", ["*", "0.0.0.0/0", "::/0", " * ", ""])
def test_everyone_takes_an_explicit_input(network):
    wanted = {**WANTED, "network": network}
    assert ids("nfs", wanted) == [("NFS001", "refuse")]
    assert ids("nfs", {**wanted, "allow_everyone": True}) == []


def test_network_of_an_export_counts_more():
    wanted = {**WANTED, "exports": [{"path": "/a", "network": "*", "options": "rw"}]}
    assert ids("nfs", wanted) == [("NFS001", "refuse")]


def test_foreign_lines_are_told_with_file_and_number():
    assert first("nfs", WANTED, nfs__exports=[line()]).found == "/etc/exports:7 exports it too"
    assert ids("nfs", WANTED, nfs__exports=[line(client="*")]) == [("NFS001", "tell"), ("NFS002", "tell")]
    assert ids("nfs", WANTED, nfs__exports=[line(path="/other")]) == []


def test_kernel_backend_needs_a_kernel_with_it():
    assert ids("nfs", {**WANTED, "backend": "kernel"}, "bare") == [("NFS003", "refuse")]
    assert ids("nfs", {**WANTED, "backend": "kernel"}) == []
