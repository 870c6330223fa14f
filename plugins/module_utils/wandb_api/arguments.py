# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every module with a W&B server has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import env_fallback

from .api import WandbApi
from .client import Client

API_ARGUMENTS: dict[str, dict[str, Any]] = {
    "base_url": {"type": "str", "default": "https://api.wandb.ai"},
    "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["WANDB_API_KEY"])},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 10},
}


def connect(params: Mapping[str, Any], tries: int = 3) -> WandbApi:
    """Return the API of the server that the options name.

    Raises:
        ApiError: the address, the key or the certificates can't be used.
    """
    key, timeout = params["api_key"] or "", params["timeout"]
    return WandbApi(Client(params["base_url"], key, ca_path=params["ca_path"], timeout=timeout, tries=tries))
