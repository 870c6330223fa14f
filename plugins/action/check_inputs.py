# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action: check the inputs of several roles in one task. Its documentation is that of the module of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.names import unknown_inputs


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


class ActionModule(ActionBase):
    """Runs on the controller alone: no connection, no module."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Validate every role, then fail once with everything that is wrong."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        spec = {"roles": {"type": "list", "elements": "str", "required": True}}
        dummy, arguments = self.validate_argument_spec(spec)  # type: ignore[no-untyped-call]
        wrong: list[str] = []
        strange: list[str] = []
        for role in arguments["roles"]:
            options = self._options(role)
            wrong += self._problems(role, options, task_vars)
            found = [name for name in task_vars if name.startswith(f"{role}_")]
            strange += unknown_inputs(found, list(options), role)
        result.update(changed=False, roles=arguments["roles"], unknown=strange)
        if wrong:
            result.update(failed=True, msg="; ".join(wrong), argument_errors=wrong)
        return result

    def _options(self, role: str) -> Mapping[str, Any]:
        path = ROLES / role / "meta/argument_specs.yml"
        if not path.is_file():
            raise AnsibleActionFail(f"check_inputs: no role '{role}' with argument specs in this collection")
        # Not by Ansible's loader: our own file needs no tags, vault or copies, which cost most of this task.
        with path.open("rb") as spec:
            options: Mapping[str, Any] = yaml.load(spec, Loader)["argument_specs"]["main"]["options"]
        return options

    def _problems(self, role: str, options: Mapping[str, Any], task_vars: Mapping[str, Any]) -> list[str]:
        given = {name: self._templar.template(task_vars[name]) for name in options if name in task_vars}
        checked = ArgumentSpecValidator(options).validate(given)
        return [f"role {role}: {message}" for message in checked.error_messages]
