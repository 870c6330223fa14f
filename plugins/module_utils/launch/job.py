# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Job that the agent makes of a queue's config, and the Secret before it."""

from __future__ import annotations

import re
from typing import Any

from . import environment
from .errors import Refused
from .posting import BATCH, api_path, override_command, send
from .run import Run
from .shapes import harden, label_pods, mapping, restricted, sequence, updated
from .tree import child
from .version import AgentRules

API_VERSIONS = ("batch/v1", "batch/v1beta1")
_POD = "spec.template.spec"
_BASE_IMAGES = ("accelerator", "cuda")


def take_builder(config: dict[str, Any], rules: AgentRules) -> None:
    """Take the builder's settings out of a config, as the agent does before anything else.

    Raises:
        Refused: they have a shape on which the agent fails, although it builds nothing for an image.
    """
    builder = mapping(config.pop("builder", {}), "builder")
    for name in _BASE_IMAGES:
        path = child("builder", name)
        image = mapping(builder.get(name, {}), path).get("base_image")
        if rules.checks_builder and image not in (None, "") and not isinstance(image, str):
            raise Refused(child(path, "base_image"), "must be text; the agent fails on it")
        if image:
            return


def namespace_of(config: dict[str, Any], default: str) -> Any:
    """Return the namespace that the agent posts to; it takes numbers, too.

    Raises:
        Refused: it has a shape on which the agent fails.
    """
    own = mapping(config.get("metadata", {}), "metadata").get("namespace")
    path = "metadata.namespace" if own else "namespace"
    namespace = own or config.get("namespace") or default
    if isinstance(namespace, (list, dict)):
        raise Refused(path, "must be text; the agent fails on it")
    return namespace


def build_job(
    config: dict[str, Any], run: Run, rules: AgentRules, namespace: Any
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the Secret and the Job, and their API paths; the config is consumed.

    Raises:
        Refused: the config has a shape on which the agent fails.
    """
    job: dict[str, Any] = {"apiVersion": BATCH, "kind": "Job", **config}
    spec = updated({"backoffLimit": 0, "ttlSecondsAfterFinished": 60}, job.get("spec", {}), "spec")
    template = mapping(spec.get("template", {}), "spec.template")
    pod = updated({"restartPolicy": "Never"}, template.get("spec", {}), _POD)
    job["metadata"] = _metadata(job.get("metadata", {}), run, rules, namespace)
    secret = environment.secret_name(run)
    containers = pod["containers"] = _containers(pod.get("containers", [{}]), run, rules)
    template["spec"] = pod
    spec["template"] = template
    job["spec"] = spec
    label_pods(job, {"wandb.ai/monitor": "true", "wandb.ai/agent": run.agent_name})
    if rules.hardened:
        harden(job)
    _add_environment(containers, run, secret)
    sent, posted = send(job, namespace)
    path = api_path("api", "v1", "namespaces", namespace, "secrets")
    return [_secret(secret, namespace), *sent], [path, *posted]


def _metadata(given: Any, run: Run, rules: AgentRules, namespace: Any) -> dict[str, Any]:
    metadata = mapping(given, "metadata")
    labels = mapping(metadata.setdefault("labels", {}), "metadata.labels")
    labels.update({"wandb.ai/run-id": run.run_id, "wandb.ai/monitor": "true", "wandb.ai/agent": run.agent_name})
    if not metadata.get("name"):
        metadata["generateName"] = dns_name(f"launch-{run.entity}-{run.project}-")
    if rules.writes_namespace:
        metadata["namespace"] = namespace
    return metadata


def dns_name(text: str) -> str:
    """Return the text as the agent makes names of it: digits are lost, too."""
    return re.sub(r"[^a-z.\-]", "", text.replace("_", "-").lower())[:200]


def _containers(given: Any, run: Run, rules: AgentRules) -> list[Any]:
    entries = sequence(given, f"{_POD}.containers")
    if not entries:
        raise Refused(f"{_POD}.containers", "the list is empty (the agent says: list index out of range)")
    for position, entry in enumerate(entries):
        path = child(f"{_POD}.containers", position)
        container = mapping(entry, path)
        container.setdefault("name", f"launch{position}")
        if position == 0:
            container["image"] = run.image
        override_command(container, run)
        if not rules.hardened:
            container.setdefault("securityContext", restricted())
    return entries


def _add_environment(containers: list[dict[str, Any]], run: Run, secret: str) -> None:
    """Add the run's variables; last, so that what walks over the Job has less to walk over."""
    values = environment.variables(run)
    for position, container in enumerate(containers):
        own = container.get("env") or []
        path = child(child(f"{_POD}.containers", position), "env")
        container["env"] = [*sequence(own, path), *environment.as_entries(values, secret)]


def _secret(name: str, namespace: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {"wandb.ai/created-by": "launch-agent"}},
        "type": "kubernetes.io/basic-auth",
    }
