# SPDX-License-Identifier: GPL-3.0-or-later
"""An export is refused with a text that helps, or becomes exactly one line."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.nfs.exports import Defaults, folders, read_exports

TUTORIAL = "rw,sync,no_subtree_check,no_root_squash,no_all_squash,insecure"
DEFAULTS = Defaults("192.168.49.0/24", TUTORIAL)


def lines(items, **changes):
    exports, refusals = read_exports(items, Defaults(**{**vars(DEFAULTS), **changes}))
    assert refusals == []
    return [export.line for export in exports]


def refusal(item, *earlier):
    exports, refusals = read_exports([*earlier, item], DEFAULTS)
    assert len(exports) == len(earlier)
    assert len(refusals) == 1
    return refusals[0]


@pytest.mark.parametrize(
    ("item", "line"),
    [
        pytest.param({"path": "/srv/nfs/kubedata"}, f"/srv/nfs/kubedata 192.168.49.0/24({TUTORIAL})", id="tutorial"),
        pytest.param({"path": "/data", "network": "10.0.0.7"}, f"/data 10.0.0.7({TUTORIAL})", id="one-address"),
        pytest.param({"path": "/data", "network": "fd00:1::/64"}, f"/data fd00:1::/64({TUTORIAL})", id="ipv6"),
        pytest.param({"path": "/data", "options": "ro"}, "/data 192.168.49.0/24(ro)", id="read-only"),
        pytest.param(
            {"path": "/d_1/a-b.c", "options": "rw,all_squash,anonuid=1000,anongid=100,fsid=7,sec=krb5p:sys"},
            "/d_1/a-b.c 192.168.49.0/24(rw,all_squash,anonuid=1000,anongid=100,fsid=7,sec=krb5p:sys)",
            id="values",
        ),
        pytest.param(
            {"path": "/data", "network": "", "options": None}, f"/data 192.168.49.0/24({TUTORIAL})", id="empty"
        ),
    ],
)
def test_line(item, line):
    assert lines([item]) == [line]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        pytest.param({}, "has no 'path'", id="no-path"),
        pytest.param("/srv/nfs", "write a mapping with the key 'path'", id="text"),
        pytest.param({"path": "/data", "netwrok": "10.0.0.0/8"}, "unknown key 'netwrok'", id="unknown-key"),
        pytest.param({"path": "srv/nfs"}, "is relative; write it from the root", id="relative"),
        pytest.param({"path": "/srv/../etc"}, "write '/etc'", id="dots"),
        pytest.param({"path": "/srv/nfs/"}, "write '/srv/nfs'", id="slash-at-the-end"),
        pytest.param({"path": "/"}, "belongs to the operating system", id="root"),
        pytest.param({"path": "/etc/ssl"}, "belongs to the operating system", id="below-etc"),
        pytest.param({"path": "/var/lib/kubelet"}, "belongs to the operating system", id="kubelet"),
        pytest.param({"path": "/srv/a b"}, "a character that exports files give a meaning", id="blank"),
        pytest.param({"path": "/srv/a\n/etc *(rw)"}, "a character that exports files give a meaning", id="second-line"),
        pytest.param({"path": '/srv/a"; } EXPORT {'}, "a character that exports files give a meaning", id="block"),
        pytest.param({"path": "/srv/é"}, "a character that exports files give a meaning", id="not-ascii"),
        pytest.param({"path": "/data", "network": "cluster"}, "no address or network", id="name"),
        pytest.param({"path": "/data", "network": "10.0.0.1/24"}, "write '10.0.0.0/24'", id="host-bits"),
        pytest.param(
            {"path": "/data", "network": "10.0.0.0/24(rw) *"}, "no address or network", id="network-with-more"
        ),
        pytest.param({"path": "/data", "network": "*"}, "nfs_server_allow_everyone: true", id="everyone"),
        pytest.param(
            {"path": "/data", "network": "0.0.0.0/0"}, "nfs_server_allow_everyone: true", id="everyone-as-network"
        ),
        pytest.param(
            {"path": "/data", "network": "128.0.0.0/1"}, "nfs_server_allow_everyone: true", id="half-of-everyone"
        ),
        pytest.param({"path": "/data", "network": "::/0"}, "nfs_server_allow_everyone: true", id="everyone-ipv6"),
        pytest.param({"path": "/data", "options": "rw,no_root_sqash"}, "did you mean 'no_root_squash'?", id="misspelt"),
        pytest.param({"path": "/data", "options": "rw,zzz"}, "see exports(5)", id="unknown-option"),
        pytest.param({"path": "/data", "options": "rw,ro"}, "both 'ro' and 'rw'", id="contradiction"),
        pytest.param({"path": "/data", "options": "rw,rw"}, "an option twice", id="twice"),
        pytest.param({"path": "/data", "options": "sync"}, "neither 'ro' nor 'rw'", id="neither"),
        pytest.param({"path": "/data", "options": "rw, sync"}, "option ' sync' is unknown", id="blank-in-options"),
        pytest.param(
            {"path": "/data", "options": "rw,anonuid=-1"}, "option 'anonuid' has the value '-1'", id="bad-value"
        ),
        pytest.param({"path": "/data", "options": "rw,anonuid"}, "must be written 'anonuid=VALUE'", id="no-value"),
        pytest.param({"path": "/data", "options": "rw,sync=1"}, "must be written 'sync'", id="value-of-a-flag"),
        pytest.param({"path": "/data", "options": "rw) *(rw"}, "is unknown", id="options-with-more"),
    ],
)
def test_refusal_names_what_to_set(item, words):
    text = refusal(item)
    assert text.startswith("nfs_server_exports[0]: ")
    assert words in text


def test_same_path_and_network_twice_is_refused():
    assert "twice; keep one" in refusal({"path": "/data", "options": "ro"}, {"path": "/data"})


def test_same_path_for_two_networks_is_two_lines():
    assert len(lines([{"path": "/data"}, {"path": "/data", "network": "10.1.0.0/16"}])) == 2


@pytest.mark.parametrize("network", ["*", "0.0.0.0/0"])
def test_everyone_takes_an_explicit_input(network):
    assert lines([{"path": "/data"}], network=network, allow_everyone=True) == [f"/data {network}({TUTORIAL})"]


def test_one_wrong_export_does_not_hide_the_others():
    exports, refusals = read_exports([{"path": "a"}, {"path": "/b"}, {"path": "/c", "options": "x"}], DEFAULTS)
    assert [export.path for export in exports] == ["/b"]
    assert [text.split(":")[0] for text in refusals] == ["nfs_server_exports[0]", "nfs_server_exports[2]"]


def test_folders_come_from_the_top_down():
    exports, dummy = read_exports([{"path": "/srv/nfs/a"}, {"path": "/srv"}], DEFAULTS)
    assert folders(exports) == [("/srv", True), ("/srv/nfs", False), ("/srv/nfs/a", True)]
