# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings on a queue's config: it is posted, and it harms. Ids are those of the checks' catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .environment import NAMES
from .job import API_VERSIONS
from .macros import BUILT_IN, MACRO, is_secret_name
from .placeholders import PLACEHOLDER
from .run import Run
from .tree import Place, child

ERROR = "error"
WARNING = "warning"


class Finding(NamedTuple):
    """One thing that harms, with its way out."""

    id: str
    severity: str
    path: str
    message: str
    fix: str

    def to_dict(self) -> dict[str, str]:
        """Return plain data for Ansible."""
        return self._asdict()


def lint(config: dict[str, Any], places: list[Place], run: Run | None = None) -> list[Finding]:
    """Return the findings on a queue's config, with its placeholders still in.

    The places are those of the config. Of a run its name counts (without one ${run_name} becomes the text None) and the
    agent's environment, whose variables are macros.
    """
    found = [*_top_level(config), *_job(config, places)]
    agent_env, named = (run.agent_env, run.name is not None) if run else ({}, True)
    for place in places:
        found.extend(_macros(place, agent_env, named))
        found.extend(_environment(place))
    return found


def _top_level(config: dict[str, Any]) -> Iterator[Finding]:
    if isinstance(config.get("kubernetes"), dict):
        yield Finding(
            "AGT023",
            ERROR,
            "kubernetes",
            "the outer key makes a plain Job with a stray field of what is below it",
            "give what is below 'kubernetes' as the config",
        )
    if "configFile" in config:
        yield Finding(
            "AGT003",
            WARNING,
            "configFile",
            "a kubeconfig of its own needs a ~/.kube/config of the agent's user as well",
            "remove it; the role gives the agent a kubeconfig",
        )
    version = config.get("apiVersion", "batch/v1")
    if isinstance(version, str) and version not in API_VERSIONS:
        yield Finding(
            "AGT012",
            WARNING,
            "apiVersion",
            f"pods of a {config.get('kind', version)} carry the API key in clear text",
            "use a Job where it can do the work; restrict who may read these objects",
        )
    if isinstance(config.get("metadata"), dict) and "generateName" in config["metadata"]:
        message = "the agent overwrites generateName"
        yield Finding("AGT018", WARNING, "metadata.generateName", message, "set metadata.name with ${run_id} in it")


def _job(config: dict[str, Any], places: list[Place]) -> Iterator[Finding]:
    spec = config.get("spec")
    if config.get("apiVersion", "batch/v1") not in API_VERSIONS or not isinstance(spec or {}, dict):
        return
    spec = spec or {}
    if "activeDeadlineSeconds" not in spec:
        message = "a Job that is never scheduled, or never pulls its image, holds its slot for ever"
        yield Finding("AGT009", WARNING, "spec.activeDeadlineSeconds", message, "set it to the longest run, in seconds")
    completions = spec.get("completions")
    if isinstance(completions, int) and completions > 1:
        message = "the agent takes only one completion for the end: this Job is never seen to finish"
        yield Finding("AGT019", WARNING, "spec.completions", message, "use completions 1, or a custom resource")
    if not any(place.key == "mountPath" and place.value == "/dev/shm" for place in places):
        yield Finding(
            "AGT007",
            WARNING,
            "spec.template.spec.volumes",
            "pods have 64 MB of /dev/shm; data loaders with workers die with a bus error",
            "mount an emptyDir with medium Memory at /dev/shm",
        )


def _macros(place: Place, agent_env: Mapping[str, str], named: bool) -> Iterator[Finding]:
    if place.key is not None and "${" in place.key and MACRO.search(place.key):
        yield Finding("AGT008", WARNING, place.path, "a macro in a key stays as it is", "use macros in values only")
    if not isinstance(place.value, str):
        return
    for name in MACRO.findall(place.value) if "${" in place.value else ():
        if is_secret_name(name):
            message = f"${{{name}}} writes a secret of the agent's environment into the manifest"
            yield Finding("AGT011", ERROR, place.path, message, "reference a Kubernetes Secret with secretKeyRef")
        elif name not in BUILT_IN and name not in agent_env:
            message = f"${{{name}}} is no macro of the agent; it stays, or comes from the agent's environment"
            yield Finding("AGT020", WARNING, place.path, message, f"known are {', '.join(BUILT_IN)}")
        if name == "run_name" and not named:
            message = "${run_name} becomes the text None when a run has no name"
            yield Finding("AGT021", WARNING, place.path, message, "use ${run_id}")
    if "{{" in place.value and "{{" in PLACEHOLDER.sub("", place.value):
        message = "'{{' that is no template variable stays as it is"
        yield Finding("AGT008", WARNING, place.path, message, "a template variable is {{name}}, nothing else")


def _environment(place: Place) -> Iterator[Finding]:
    if place.key != "env" or not isinstance(place.value, list):
        return
    for position, entry in enumerate(place.value):
        if isinstance(entry, dict) and entry.get("name") in NAMES:
            where = child(place.path, position)
            message = f"the agent sets {entry['name']}, too, and its value comes last and wins"
            yield Finding("AGT022", WARNING, where, message, "remove it, or use another name")
