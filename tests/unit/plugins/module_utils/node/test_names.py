# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that look like inputs."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.names import unknown_inputs

DOCKER = ["docker_source", "docker_settings", "docker_users"]


@pytest.mark.parametrize(
    ("role", "found", "known", "texts"),
    [
        pytest.param("docker", DOCKER, DOCKER, [], id="all-known"),
        pytest.param("docker", [], DOCKER, [], id="nothing"),
        pytest.param(
            "docker",
            ["docker_setings", "docker_users"],
            DOCKER,
            ["docker_setings is not an input of docker; did you mean docker_settings?"],
            id="typo",
        ),
        pytest.param("docker", ["docker_q"], DOCKER, ["docker_q is not an input of docker"], id="nothing-near"),
        pytest.param(
            "minikube_gpu",
            ["minikube_gpu_cpu"],
            ["minikube_gpu_cpus", "minikube_gpu_count"],
            ["minikube_gpu_cpu is not an input of minikube_gpu; did you mean minikube_gpu_cpus?"],
            id="role-of-two-words",
        ),
        pytest.param("x", ["x_b", "x_a"], [], ["x_a is not an input of x", "x_b is not an input of x"], id="sorted"),
    ],
)
def test_texts(role, found, known, texts):
    assert unknown_inputs(found, known, role) == texts
