# SPDX-License-Identifier: GPL-3.0-or-later
"""The same exports for nfs-ganesha grant what the kernel's server would grant."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.nfs import ganesha
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.nfs.exports import Defaults, read_exports


def exports(*items):
    found, refusals = read_exports(items, Defaults("192.168.49.0/24", "rw,sync,no_root_squash,insecure", True))
    assert refusals == []
    return found


def rendered(*items):
    return [line.strip() for line in ganesha.render(exports(*items))]


def test_nobody_but_the_named_network_has_access():
    lines = rendered({"path": "/srv/a"})
    assert lines.index("Access_Type = NONE;") < lines.index("CLIENT {")
    assert "Clients = 192.168.49.0/24;" in lines
    assert lines.count("EXPORT {") == lines.count("CLIENT {") == 1
    assert sum(line.count("{") for line in lines) == sum(line.count("}") for line in lines)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        pytest.param("rw,no_root_squash,insecure", ("RW", "No_Root_Squash", "65534", "false"), id="tutorial"),
        pytest.param("ro", ("RO", "Root_Squash", "65534", "true"), id="defaults-of-the-kernel"),
        pytest.param("rw,all_squash,anonuid=7", ("RW", "All_Squash", "7", "true"), id="one-user"),
        pytest.param("rw,no_root_squash,all_squash", ("RW", "All_Squash", "65534", "true"), id="all-outranks"),
    ],
)
def test_rights_follow_the_options(options, wanted):
    access, squash, uid, privileged = wanted
    lines = rendered({"path": "/srv/a", "options": options})
    assert f"Access_Type = {access};" in lines
    assert f"Squash = {squash};" in lines
    assert f"Anonymous_Uid = {uid};" in lines
    assert f"PrivilegedPort = {privileged};" in lines


def test_two_networks_of_one_folder_share_its_block():
    lines = rendered({"path": "/srv/a"}, {"path": "/srv/a", "network": "*", "options": "ro"})
    assert lines.count("EXPORT {") == 1
    assert [line for line in lines if line.startswith("Clients")] == ["Clients = 192.168.49.0/24;", "Clients = *;"]


def test_a_folder_keeps_its_number_when_others_come_and_go():
    alone = ganesha.export_ids(["/srv/nfs/kubedata"])
    among = ganesha.export_ids([f"/srv/{n}" for n in range(200)] + ["/srv/nfs/kubedata"])
    assert alone["/srv/nfs/kubedata"] == among["/srv/nfs/kubedata"]


def test_numbers_are_distinct_and_in_range():
    ids = ganesha.export_ids(f"/srv/{n}" for n in range(3000))
    assert len(set(ids.values())) == 3000
    assert all(0 < number <= 65535 for number in ids.values())


@pytest.mark.parametrize("option", ["fsid=7", "sec=krb5", "subtree_check", "mp"])
def test_an_option_without_counterpart_is_named(option):
    (text,) = ganesha.refusals(exports({"path": "/srv/a", "options": f"rw,{option}"}))
    assert repr(option) in text


def test_options_that_change_nothing_there_pass():
    options = "rw,sync,no_subtree_check,no_root_squash,no_all_squash,insecure,sec=sys,anonuid=1"
    assert ganesha.refusals(exports({"path": "/srv/a", "options": options})) == []
