# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom resources (PyTorchJob, Volcano Job...): what the agent adds to them, and what it leaves out."""

from __future__ import annotations

from typing import Any

from . import environment
from .errors import Refused
from .job import override_command
from .run import Run
from .shapes import containers, harden, label_pods, mapping, pods, sequence
from .tree import child
from .version import AgentRules


def build_custom(config: dict[str, Any], run: Run, rules: AgentRules) -> dict[str, Any]:
    """Return the resource; the config is consumed. The key is in it in clear text.

    Raises:
        Refused: the config has a shape on which the agent fails.
    """
    api_version = config.get("apiVersion")
    if not isinstance(api_version, str):
        raise Refused("apiVersion", "must be text such as kubeflow.org/v1; the agent fails on it")
    _add_environment(config, run)
    metadata = mapping(config.setdefault("metadata", {}), "metadata")
    labels = mapping(metadata.setdefault("labels", {}), "metadata.labels")
    own = {"wandb.ai/monitor": "true", "wandb.ai/agent": run.agent_name}
    labels.update(own)
    label_pods(config, own)
    _override_commands(config, run)
    if rules.hardened:
        harden(config)
    if "/" not in api_version:
        raise Refused("apiVersion", f"{api_version!r} has no group: not enough values to unpack (expected at least 2)")
    if not isinstance(config.get("kind", ""), str):
        raise Refused("kind", "must be text; the agent fails on it")
    return config


def posted_to(resource: dict[str, Any], namespace: str) -> list[str]:
    """Return the API path: the kind in lower case with an s, whatever its real plural is."""
    group, version = resource["apiVersion"].split("/")[:2]
    group, version = resource.get("group", group), resource.get("version", version)
    return [f"apis/{group}/{version}/namespaces/{namespace}/{resource.get('kind', version).lower()}s"]


def _add_environment(config: dict[str, Any], run: Run) -> None:
    values = environment.variables(run)
    for container, path in containers(config):
        env = sequence(container.setdefault("env", []), child(path, "env"))
        env.extend(environment.as_entries(values))
        values.pop("WANDB_RUN_ID", None)  # only the very first container gets it (M)


def _override_commands(config: dict[str, Any], run: Run) -> None:
    for pod, path in pods(config):
        if not isinstance(pod["spec"], dict):
            continue
        where = child(path, "spec.containers")
        for position, entry in enumerate(sequence(pod["spec"]["containers"], where)):
            override_command(mapping(entry, child(where, position)), run)
