# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that look like inputs."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.names import unknown_inputs

DOCKER = ["docker_source", "docker_settings", "docker_users"]


@pytest.mark.parametrize(
    ("found", "known", "texts"),
    [
        pytest.param(DOCKER, DOCKER, [], id="all-known"),
        pytest.param([], DOCKER, [], id="nothing"),
        pytest.param(
            ["docker_setings", "docker_users"],
            DOCKER,
            ["docker_setings is not an input of docker; did you mean docker_settings?"],
            id="typo",
        ),
        pytest.param(["docker_q"], DOCKER, ["docker_q is not an input of docker"], id="nothing-near"),
        pytest.param(
            ["minikube_gpu_cpu"],
            ["minikube_gpu_cpus", "minikube_gpu_count"],
            ["minikube_gpu_cpu is not an input of minikube_gpu; did you mean minikube_gpu_cpus?"],
            id="role-of-two-words",
        ),
        pytest.param(
            ["docker_userz"],
            ["docker_users"],
            ["docker_userz is not an input of docker; did you mean docker_users?"],
            id="one-input",
        ),
        pytest.param(
            ["a_b_user"],
            ["a_b_users_x", "a_c_y", "a_b_users"],
            ["a_b_user is not an input of a; did you mean a_b_users?"],
            id="inputs-of-several-words",
        ),
        pytest.param(["x_a"], [], ["x_a is not an input of this role"], id="no-input"),
        pytest.param(
            ["zz", "zy"], ["aa"], ["zy is not an input of this role", "zz is not an input of this role"], id="sorted"
        ),
    ],
)
def test_texts(found, known, texts):
    assert unknown_inputs(found, known) == texts


def test_role_may_be_named():
    assert unknown_inputs(["docker_q"], ["docker_a_b", "docker_a_c"], "docker") == [
        "docker_q is not an input of docker"
    ]
