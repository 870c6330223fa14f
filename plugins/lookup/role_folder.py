# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: the folder of a role of this collection."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_folder
author: Contributors to mlinfra.gpu_launch (@mlinfra)
version_added: 1.0.0
short_description: The folder of a role of this collection
description:
  - Returns where a role of this collection lies on the controller.
  - Unlike C(role_path), which is set inside the role's own tasks only, it works at the level of a play. The wanted
    state of a role is compared there, before the role runs.
options:
  _terms:
    description: Names of roles, without the collection's name.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the unit that the role would write
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', folder ~ '/templates/minikube-gpu.service.j2') }}"
  vars:
    folder: "{{ lookup('mlinfra.gpu_launch.role_folder', 'minikube_gpu') }}"
"""

RETURN = r"""
_raw:
  description: Absolute paths.
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

ROLES = Path(__file__).absolute().parents[2] / "roles"


class LookupModule(LookupBase):
    """Finds roles beside the plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        """Return one folder per name."""
        known = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
        for term in terms:
            if term not in known:
                raise AnsibleLookupError(f"role_folder: no role '{term}' in this collection; it has {', '.join(known)}")
        return [str(ROLES / term) for term in terms]
