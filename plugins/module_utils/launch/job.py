# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Job that the agent makes of a queue's config, and the Secret before it."""

from __future__ import annotations

import re
from typing import Any

from . import environment
from .errors import Refused
from .run import Run
from .shapes import harden, label_pods, mapping, restricted, sequence
from .tree import child
from .version import AgentRules

API_VERSIONS = ("batch/v1", "batch/v1beta1")
_POD = "spec.template.spec"
_PLURALS = {"Job": "jobs", "CronJob": "cronjobs"}


def namespace_of(config: dict[str, Any], default: str) -> str:
    """Return the namespace that the agent posts to."""
    metadata = mapping(config.get("metadata", {}), "metadata")
    return str(metadata.get("namespace") or config.get("namespace") or default)


def build_job(config: dict[str, Any], run: Run, rules: AgentRules, namespace: str) -> list[dict[str, Any]]:
    """Return the Secret and the Job; the config is consumed.

    Raises:
        Refused: the config has a shape on which the agent fails.
    """
    job: dict[str, Any] = {"apiVersion": "batch/v1", "kind": "Job", **config}
    if job["apiVersion"] != "batch/v1":
        raise Refused("apiVersion", f"the agent's client has no API {job['apiVersion']}; use batch/v1")
    if job["kind"] not in _PLURALS:
        raise Refused("kind", f"the agent can't create a {job['kind']!r} of batch/v1")
    spec = {"backoffLimit": 0, "ttlSecondsAfterFinished": 60, **mapping(job.get("spec", {}), "spec")}
    template = mapping(spec.get("template", {}), "spec.template")
    pod = {"restartPolicy": "Never", **mapping(template.get("spec", {}), _POD)}
    job["metadata"] = _metadata(job.get("metadata", {}), run, rules, namespace)
    secret = environment.secret_name(run)
    pod["containers"] = _containers(pod.get("containers", [{}]), run, rules, secret)
    template["spec"] = pod
    spec["template"] = template
    job["spec"] = spec
    label_pods(job, {"wandb.ai/monitor": "true", "wandb.ai/agent": run.agent_name})
    if rules.hardened:
        harden(job)
    return [_secret(secret, namespace), job]


def posted_to(job: dict[str, Any], namespace: str) -> list[str]:
    """Return the API paths of the Secret and the Job."""
    return [f"api/v1/namespaces/{namespace}/secrets", f"apis/batch/v1/namespaces/{namespace}/{_PLURALS[job['kind']]}"]


def _metadata(given: Any, run: Run, rules: AgentRules, namespace: str) -> dict[str, Any]:
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


def _containers(given: Any, run: Run, rules: AgentRules, secret: str) -> list[Any]:
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
        own = container.get("env") or []
        container["env"] = [
            *sequence(own, child(path, "env")),
            *environment.as_entries(environment.variables(run), secret),
        ]
        if not rules.hardened:
            container.setdefault("securityContext", restricted())
    return entries


def override_command(container: dict[str, Any], run: Run) -> None:
    """Put the submitter's arguments and entry point into a container."""
    if run.overrides.get("args"):
        container["args"] = list(run.overrides["args"])
    if run.overrides.get("entry_point"):
        container["command"] = list(run.overrides["entry_point"])


def _secret(name: str, namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {"wandb.ai/created-by": "launch-agent"}},
        "type": "kubernetes.io/basic-auth",
    }
