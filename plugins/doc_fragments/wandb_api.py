# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that talk to a W&B server."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment."""

    DOCUMENTATION = r"""
options:
  base_url:
    description: Address of the W&B server.
    type: str
    default: https://api.wandb.ai
  api_key:
    description:
      - Key of the account. It is sent in one header and never shown.
      - Without it, the environment variable E(WANDB_API_KEY) of the machine that runs the module.
    type: str
  ca_path:
    description: File with the certificates to trust; without it, those of the machine.
    type: path
  timeout:
    description: Seconds that one request may take.
    type: int
    default: 10
"""
