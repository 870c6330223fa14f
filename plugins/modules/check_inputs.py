#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action of the same name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: check_inputs
short_description: Check the inputs of several roles of this collection in one task
version_added: 1.0.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Validates the variables of a play against the argument specifications of the roles, before any of them runs, and
    fails once with everything that is wrong.
  - Names variables that start like an input of a role and are none, with the nearest real input.
  - Runs on the controller alone; nothing reaches the host.
options:
  roles:
    description: Names of roles of this collection.
    type: list
    elements: str
    required: true
attributes:
  action:
    description: Has an action plugin of the same name, which runs on the controller.
    support: full
  check_mode:
    description: Does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
  platform:
    description: Platforms it works on; the host plays no part.
    platforms: all
    support: full
"""

EXAMPLES = r"""
- name: Check the inputs of two roles
  mlinfra.gpu_launch.check_inputs:
    roles: [docker, nvidia_ctk]
  register: inputs

- name: Tell variables that are no input
  ansible.builtin.debug:
    msg: "{{ inputs.unknown }}"
  when: inputs.unknown | length > 0
"""

RETURN = r"""
argument_errors:
  description: What is wrong, each with the name of the role.
  returned: when something is wrong
  type: list
  elements: str
roles:
  description: The roles that were asked for.
  returned: always
  type: list
  elements: str
unknown:
  description: Variables with a role's prefix that are no input of it.
  returned: always
  type: list
  elements: str
  sample: ["docker_user is not an input of docker; did you mean docker_users?"]
"""
