# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over queue configs: the same core as the module launch_job_spec, on the controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import TextError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text


def launch_job_spec(
    config: Any,
    template_variables: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    agent_version: str = "0.31.0",
    namespace: str = "default",
    gpus_per_node: int | None = None,
    image_user: str | None = None,
) -> dict[str, Any]:
    """Check a queue's config and predict a run's manifests; see the module of the same name."""
    try:
        document = read_text(config) if isinstance(config, (str, bytes)) else config
        given = (document, template_variables, values, run, str(agent_version), str(namespace))
        return predict(*given, gpus_per_node=gpus_per_node, image_user=image_user).to_dict()
    except (LaunchInputError, TextError) as error:
        raise AnsibleFilterError(f"launch_job_spec: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"launch_job_spec": launch_job_spec}
