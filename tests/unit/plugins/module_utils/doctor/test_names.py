# SPDX-License-Identifier: GPL-3.0-or-later
"""File names: one for each host, in the folder, and never the overview's."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.names import file_name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        pytest.param("gpu-1.example.org", "gpu-1.example.org", id="plain"),
        pytest.param("../../etc/passwd", "=2E.=2F..=2Fetc=2Fpasswd", id="leaves-the-folder"),
        pytest.param("..", "=2E.", id="folder-above"),
        pytest.param("index", "=69ndex", id="overview"),
        pytest.param("INDEX", "=49NDEX", id="overview-without-case"),
        pytest.param("fe80::1", "fe80=3A=3A1", id="address"),
        pytest.param("a=2Fb", "a=3D2Fb", id="looks-escaped"),
        pytest.param("ü\udc80\n", "=C3=BC=ED=B2=80=0A", id="other-letters"),
        pytest.param("", "", id="empty"),
    ],
)
def test_file_name(host, name):
    assert file_name(host) == name


def test_no_two_hosts_share_a_name():
    hosts = ["a/b", "a=2Fb", "a_b", "a b", "index", "=69ndex"]
    assert len({file_name(host) for host in hosts}) == len(hosts)
