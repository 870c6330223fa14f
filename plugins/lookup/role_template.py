# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: the text that a template of a role of this collection gives."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_template
author: Contributors to mlinfra.gpu_launch (@mlinfra)
version_added: 1.0.0
short_description: The text that a template of a role of this collection gives
description:
  - Renders a template of a role, as the module M(ansible.builtin.template) writes it.
  - It works at the level of a play too, where a role's wanted state is compared before the role runs.
  - Unlike P(ansible.builtin.template#lookup) it copies no variables, which is most of the time that takes.
options:
  _terms:
    description: Templates, each as C(ROLE/FILE), without the collection's name.
    type: list
    elements: str
    required: true
  extra:
    description: Variables for the templates alone.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the unit that the role would write
  ansible.builtin.debug:
    msg: "{{ lookup('mlinfra.gpu_launch.role_template', 'minikube_gpu/minikube-gpu.service.j2') }}"
"""

RETURN = r"""
_raw:
  description: The texts, with the line ends that the templates have.
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.template import generate_ansible_template_vars

try:
    from ansible.template import trust_as_template as trusted
except ImportError:  # before ansible-core 2.19 every text is a template
    trusted = str  # type: ignore[assignment]

ROLES = Path(__file__).absolute().parents[2] / "roles"


class LookupModule(LookupBase):
    """Renders templates of roles beside the plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        """Return one text per template."""
        self.set_options(var_options=variables, direct=kwargs)  # type: ignore[no-untyped-call]
        extra = self.get_option("extra")  # type: ignore[no-untyped-call]
        return [self._render(term, {**variables, **extra}) for term in terms]

    def _render(self, term: str, variables: dict[str, Any]) -> str:
        role, dummy, name = term.partition("/")
        path = ROLES / role / "templates" / name
        if not path.is_file():
            raise AnsibleLookupError(f"role_template: no template '{name}' in role '{role}' of this collection")
        own = generate_ansible_template_vars(name, str(path))  # ansible_managed among them, if nobody has set it
        known = {**own, **variables, **{key: own[key] for key in own if key != "ansible_managed"}}
        templar: Any = self._templar
        text = templar.copy_with_new_env(available_variables=known).template(
            trusted(path.read_text(encoding="utf-8")), escape_backslashes=False
        )
        return str(text)
