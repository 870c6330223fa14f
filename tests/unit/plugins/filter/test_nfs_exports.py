# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands over everything a role needs, and refuses only what is no list of exports."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter.nfs_exports import FilterModule

nfs_exports = FilterModule().filters()["nfs_exports"]


def test_result_serves_both_servers_and_the_ledger():
    plan = nfs_exports([{"path": "/srv/a"}], "192.168.49.0/24", "rw,fsid=7")
    assert plan["refusals"] == []
    assert plan["exports"] == [{"path": "/srv/a", "network": "192.168.49.0/24", "options": ["rw", "fsid=7"]}]
    assert plan["lines"] == ["/srv/a 192.168.49.0/24(rw,fsid=7)"]
    assert plan["ganesha_lines"][0] == "EXPORT {"
    assert len(plan["ganesha_refusals"]) == 1
    assert plan["folders"] == [
        {"kind": "directory", "subject": "/srv", "exported": False},
        {"kind": "directory", "subject": "/srv/a", "exported": True},
    ]


def test_a_wrong_export_is_told_and_not_rendered():
    plan = nfs_exports([{"path": "srv"}], "192.168.49.0/24", "rw")
    assert len(plan["refusals"]) == 1
    assert plan["lines"] == plan["ganesha_lines"] == plan["folders"] == []


@pytest.mark.parametrize("items", ["/srv/a", {"path": "/srv/a"}, None, 7])
def test_something_else_than_a_list_is_an_error(items):
    with pytest.raises(AnsibleFilterError, match="needs a list of exports"):
        nfs_exports(items, "192.168.49.0/24", "rw")


def test_a_text_is_no_boolean():
    with pytest.raises(AnsibleFilterError, match="needs a boolean"):
        nfs_exports([], "192.168.49.0/24", "rw", "false")
