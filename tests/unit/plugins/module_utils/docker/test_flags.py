# SPDX-License-Identifier: GPL-3.0-or-later
"""A key of daemon.json that is also a flag keeps dockerd from starting."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.flags import argv_of_show, conflicts

SHOW = (
    "{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock "
    "--data-root /data --add-runtime x=y $DOCKER_OPTS ; ignore_errors=no ; pid=0 }"
)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        pytest.param(["hosts"], ["hosts (flag -H)"], id="short-flag"),
        pytest.param(["data-root", "debug"], ["data-root (flag --data-root)"], id="long-flag"),
        pytest.param(["containerd"], ["containerd (flag --containerd)"], id="flag-with-value"),
        pytest.param(["runtimes"], [], id="runtimes-are-merged"),
        pytest.param(["log-driver"], [], id="no-flag"),
    ],
)
def test_conflicts(keys, found):
    assert conflicts(argv_of_show(SHOW), keys) == found


def test_short_flag_glued_to_its_value():
    assert conflicts(["dockerd", "-Htcp://127.0.0.1", "--insecure-registry=x"], ["hosts", "insecure-registries"]) == [
        "hosts (flag -H)",
        "insecure-registries (flag --insecure-registry)",
    ]


def test_unit_that_is_not_there():
    assert argv_of_show("\n") == []
