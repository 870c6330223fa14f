# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inputs of several roles ask for together."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import role_inputs


class AsIs:
    """Stands for Ansible's templating, of values without a template."""

    def template(self, value):
        return value


def states(*roles, **more):
    known = {f"__{role}_wanted": {"of": role} for role in role_inputs.COMPONENT_OF}
    return role_inputs.wanted_states(list(roles), {**known, **more}, AsIs())


def test_what_a_role_sets_up_is_provided_for_those_after_it():
    found = states("docker", "nvidia_ctk", "launch_agent")
    assert {name: state["provided"] for name, state in found.items()} == {
        "docker": [],
        "nvidia_ctk": ["docker"],
        "agent": ["docker", "nvidia_ctk"],
    }
    assert found["agent"]["of"] == "launch_agent"


def test_what_else_is_provided_stays():
    own = {"provided": ["cluster"]}
    assert states("launch_agent", __launch_agent_wanted=own)["agent"]["provided"] == ["cluster"]
    assert states("docker", "launch_agent", __launch_agent_wanted=own)["agent"]["provided"] == ["docker", "cluster"]


@pytest.mark.parametrize("value", ["cluster", 1])
def test_what_is_no_list_is_left_to_the_comparison_to_refuse(value):
    assert states("docker", "nfs_server", __nfs_server_wanted={"provided": value})["nfs"]["provided"] == value


def test_a_role_is_due_with_its_component():
    asked = ["docker", "minikube_gpu", "launch_agent"]
    assert role_inputs.due_roles(asked, ["cluster", "nfs", "docker"]) == ["docker", "minikube_gpu"]
    assert role_inputs.due_roles(asked, []) == []
