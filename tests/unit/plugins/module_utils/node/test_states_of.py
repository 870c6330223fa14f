# SPDX-License-Identifier: GPL-3.0-or-later
"""One look serves all roles of a site: what any of them wants looked at is looked at."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import states_of


def test_what_anybody_needs_of_the_machine_is_looked_at():
    wanted = {
        "docker": {"requires": {"host": {"free_mib": {"/a": 1}, "thorough": False}}},
        "cluster": {"requires": {"host": {"gpu_cluster": "true", "free_mib": {"/b": 2}, "clock_limit_s": 5}}},
        "agent": {"requires": {"host": {"thorough": True, "clock_limit_s": 9}}},
    }
    host = states_of(wanted, ["host"])["host"]
    assert (host.thorough, host.gpu_cluster, host.clock_limit_s) == (True, True, 5)
    assert host.free_mib == {"/a": 1, "/b": 2}


def test_a_component_says_itself_where_it_is():
    wanted = {"docker": {"socket": "/own.sock"}, "cluster": {"requires": {"docker": {"socket": "/other.sock"}}}}
    assert states_of(wanted, ["docker"])["docker"].socket == "/own.sock"


@pytest.mark.parametrize(
    ("wanted", "place"),
    [({"docker": []}, "docker"), ({"docker": {"requires": []}}, "docker.requires")],
)
def test_shapes_are_checked(wanted, place):
    with pytest.raises(ModelError, match=f"wanted {place}: a mapping is needed"):
        states_of(wanted, ["host"])
