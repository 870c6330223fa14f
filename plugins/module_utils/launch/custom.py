# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom resources (PyTorchJob, Volcano Job...): what the agent adds to them, and what it leaves out."""

from __future__ import annotations

from typing import Any

from . import environment
from .errors import Refused
from .posting import api_path, override_command
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
    metadata = mapping(config.setdefault("metadata", {}), "metadata")
    labels = mapping(metadata.setdefault("labels", {}), "metadata.labels")
    own = {"wandb.ai/monitor": "true", "wandb.ai/agent": run.agent_name}
    labels.update(own)
    label_pods(config, own)
    _override_commands(config, run)
    if rules.hardened:
        harden(config)
    _add_environment(config, run)
    if "/" not in api_version:
        raise Refused("apiVersion", f"{api_version!r} has no group: not enough values to unpack (expected at least 2)")
    return config


def posted_to(resource: dict[str, Any], namespace: Any) -> list[str]:
    """Return the API path: the kind in lower case with an s, whatever its real plural is.

    Raises:
        Refused: the config overrides a part of the path with null, or the kind with what isn't text.
    """
    group, version = resource["apiVersion"].split("/")[:2]
    parts = {"group": resource.get("group", group), "version": resource.get("version", version)}
    for name, value in parts.items():
        if value is None:
            raise Refused(name, "is null, and the agent's client needs a value")
    kind = resource.get("kind", parts["version"])
    if not isinstance(kind, str):
        raise Refused("kind" if "kind" in resource else "version", "must be text; the agent fails on it")
    return [api_path("apis", parts["group"], parts["version"], "namespaces", namespace, f"{kind.lower()}s")]


def _add_environment(config: dict[str, Any], run: Run) -> None:
    values = environment.variables(run)
    for container, path in containers(config):
        env = sequence(container.setdefault("env", []), child(path, "env"))
        env.extend(environment.as_entries(values))
        values.pop("WANDB_RUN_ID", None)  # only the very first container gets it (M)


def _override_commands(config: dict[str, Any], run: Run) -> None:
    overridden = bool(run.overrides.get("args") or run.overrides.get("entry_point"))
    for pod, path in pods(config):
        where = child(path, "spec.containers")
        entries = mapping(pod["spec"], child(path, "spec"))["containers"]
        if not isinstance(entries, (list, dict, str)):
            raise Refused(where, "must be a list; the agent fails on it")
        for position, entry in enumerate(entries if overridden else []):
            override_command(mapping(entry, child(where, position)), run)
