# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose account and whose folder a cluster would live in."""

import os

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.cluster import observe_cluster


def facts(look, user="alex"):
    return observe_cluster(look(cluster={"home": "/srv/m", "socket": "/none", "user": user}))


def passwd(machine, uid):
    machine.write("/etc/passwd", f"alex:x:{uid}:{uid}::/home/alex:/bin/bash\n")


@pytest.mark.parametrize(
    ("user", "expected"),
    [("alex", ("/home/alex", "/bin/bash")), ("minikube", (None, None))],
    ids=["there", "not there"],
)
def test_account(machine, seen, user, expected, look):
    passwd(machine, 1000)
    found = facts(look, user)
    assert (found.user_home, found.user_shell, found.home_owner) == (*expected, None)
    assert seen.missing == ()


@pytest.mark.parametrize(
    ("offset", "owner"), [(0, "alex"), (1, None)], ids=["an account's", "of a number without account"]
)
def test_owner_of_the_home(machine, seen, offset, owner, look):
    machine.mkdir("/srv/m")
    passwd(machine, os.geteuid() + offset)
    assert facts(look).home_owner == owner
