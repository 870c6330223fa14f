# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that cuts a kubeconfig down to its current context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.kubeconfig import minified


def launch_kubeconfig(text: Any, namespace: str = "") -> dict[str, Any]:
    """Return the current context of a kubeconfig; messages hold no credential."""
    if not isinstance(text, (str, bytes)):
        raise AnsibleFilterError(f"launch_kubeconfig needs the text of a kubeconfig, not {type(text).__name__}")
    try:
        return minified(yaml.safe_load(str.__str__(text) if isinstance(text, str) else text), str(namespace))
    except yaml.YAMLError:  # its text quotes the line, which may hold a credential
        raise AnsibleFilterError("launch_kubeconfig: the text is not YAML") from None
    except LaunchInputError as error:
        raise AnsibleFilterError(f"launch_kubeconfig: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"launch_kubeconfig": launch_kubeconfig}
