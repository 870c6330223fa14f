# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a role as a play has them: whether they have the documented types, and which state they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML, and the tag by which Ansible's files keep braces from being templates."""


def _unsafe(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_constructor("!unsafe", _unsafe)
ROLES = Path(__file__).absolute().parents[2] / "roles"
# The component of node_state that a role keeps, for the roles that compare before they act.
COMPONENT_OF = {
    "docker": "docker",
    "nvidia_ctk": "nvidia_ctk",
    "minikube_gpu": "cluster",
    "nfs_server": "nfs",
    "launch_agent": "agent",
}


def check(role: str, task_vars: Mapping[str, Any], templar: Any) -> tuple[list[str], list[str]]:
    """Return what is wrong with a role's inputs, and the variables that look like an input and are none.

    Raises:
        AnsibleActionFail: no such role here.
    """
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.names import unknown_inputs

    options = _options(role)
    given = {name: templar.template(task_vars[name]) for name in options if name in task_vars}
    checked = ArgumentSpecValidator(options).validate(given)
    found = [name for name in task_vars if name.startswith(f"{role}_")]
    wrong = [f"role {role}: {message}" for message in checked.error_messages]
    return wrong, unknown_inputs(found, list(options), role)


def wanted_states(roles: list[str], task_vars: Mapping[str, Any], templar: Any) -> dict[str, Any]:
    """Return the states that the roles' inputs ask for, by component.

    Each role says it in a variable of its own, __<role>_wanted, which is there once the role or its inputs.yml is
    part of the play. What a role sets up counts as provided for those after it in the list.

    Raises:
        AnsibleActionFail: a role without a wanted state, or one that the play doesn't know yet.
    """
    states: dict[str, Any] = {}
    for role in roles:
        if role not in COMPONENT_OF:
            names = ", ".join(COMPONENT_OF)
            raise AnsibleActionFail(f"node_state: role '{role}' has no state to compare; one of {names}")
        name = f"__{role}_wanted"
        if name not in task_vars:
            raise AnsibleActionFail(
                f"node_state: the play doesn't know role '{role}': {name} is not defined; "
                f"import_role {role} with tasks_from inputs.yml first"
            )
        state = templar.template(task_vars[name])
        if not isinstance(state, Mapping):
            raise AnsibleActionFail(f"node_state: {name} must be a mapping, not {type(state).__name__}")
        provided = state.get("provided", [])
        known = [*states, *provided] if isinstance(provided, list) else provided  # the comparison says what is wrong
        states[COMPONENT_OF[role]] = {**state, "provided": known}
    return states


def due_roles(roles: list[str], components: list[str]) -> list[str]:
    """Return those of the roles whose component is among these."""
    return [role for role in roles if COMPONENT_OF[role] in components]


def _options(role: str) -> Mapping[str, Any]:
    path = ROLES / role / "meta/argument_specs.yml"
    if not path.is_file():
        raise AnsibleActionFail(f"no role '{role}' with argument specs in this collection")
    # Not by Ansible's loader: our own file needs no tags, vault or copies, which cost most of this task.
    with path.open("rb") as spec:
        options: Mapping[str, Any] = yaml.load(spec, Loader)["argument_specs"]["main"]["options"]
    return options
