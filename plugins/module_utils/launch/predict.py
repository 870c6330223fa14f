# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a queue's config and a submitted run to the manifests that the agent will post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from . import custom, guard, job, placeholders
from .errors import LaunchInputError, Refused
from .findings import Finding, lint
from .macros import expand
from .run import Run
from .surroundings import Surroundings, fit
from .tree import Place, plain, walk
from .variables import Variable, choose_values, read_declarations
from .version import DEFAULT_AGENT_VERSION, AgentRules, rules_for


@dataclass(frozen=True)
class Prediction:
    """What a queue's config is good for; refused is None when the agent posts the manifests."""

    config: dict[str, Any]
    variables: Mapping[str, Variable]
    findings: list[Finding]
    refused: str | None = None
    refused_path: str | None = None
    manifests: list[dict[str, Any]] = field(default_factory=list)
    posted_to: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible."""
        variables = {name: variable.to_dict() for name, variable in self.variables.items()}
        return {"config": self.config, "template_variables": variables, **self.outcome()}

    def outcome(self) -> dict[str, Any]:
        """Return the same without what the caller has given."""
        return {
            "manifests": self.manifests,
            "posted_to": self.posted_to,
            "refused": self.refused,
            "refused_path": self.refused_path,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def read_config(data: Any, path: str = "") -> dict[str, Any]:
    """Return a queue's config as plain data.

    Raises:
        LaunchInputError: it is no mapping, or holds what JSON can't.
    """
    config = plain(data, path)
    if not isinstance(config, dict):
        found = "nothing" if config is None else type(config).__name__
        raise LaunchInputError(path, f"a queue's config is a mapping (a Job's manifest), not {found}")
    return config


@dataclass(frozen=True)
class Prepared:
    """A config and its variables, read and checked: what many runs of one queue have in common."""

    config: dict[str, Any]
    variables: Mapping[str, Variable]
    places: list[Place]


def prepare(config: Any, template_variables: Any = None) -> Prepared:
    """Return the config and its variables, checked both ways.

    Raises:
        LaunchInputError: the config or a variable breaks its declaration.
    """
    wanted = read_config(config)
    variables = read_declarations(template_variables)
    placeholders.check(wanted, variables)
    return Prepared(wanted, variables, list(walk(wanted)))


def predict(config: Any, template_variables: Any = None, *values: Any, **more: Any) -> Prediction:
    """Return the manifests, or why there are none; the further values are those of predict_prepared.

    Raises:
        LaunchInputError: the config, a variable, a value or the run breaks its declaration.
    """
    return predict_prepared(prepare(config, template_variables), *values, **more)


def predict_prepared(
    prepared: Prepared,
    values: Any = None,
    run: Any = None,
    agent_version: str = DEFAULT_AGENT_VERSION,
    namespace: str = "default",
    gpus_per_node: int | None = None,
    image_user: str | None = None,
) -> Prediction:
    """Return the manifests, or why there are none.

    Without a run only the config, its variables and the values are checked; nothing is predicted.

    Raises:
        LaunchInputError: a value or the run breaks its declaration.
    """
    rules = rules_for(agent_version)
    wanted, places = prepared.config, prepared.places
    submitted = None if run is None else Run.from_dict(run)
    around = Surroundings.from_inputs(gpus_per_node, image_user, prepared.variables)
    findings = sorted({*lint(wanted, places, submitted), *fit(wanted, places, submitted, around)})
    base = Prediction(wanted, prepared.variables, findings)
    if submitted is None and values is None:
        return _checked(base, rules)
    filled = placeholders.fill(wanted, choose_values(prepared.variables, values))
    return _predicted(base, filled, submitted, rules, namespace)


def _checked(base: Prediction, rules: AgentRules) -> Prediction:
    try:
        _always_refused(base.config, rules)
    except Refused as error:
        return _refusal(base, error)
    return base


def _always_refused(config: dict[str, Any], rules: AgentRules) -> None:
    if rules.hardened:
        guard.check(config)
    file = config.get("configFile")
    if file is not None and not (isinstance(file, str) and file.strip()):
        raise Refused("configFile", "must be the path of a kubeconfig; the agent fails on it")
    if config.get("context"):
        raise Refused("context", f"Specified context {config['context']} was not found (true for every context).")


def _predicted(
    base: Prediction, filled: dict[str, Any], run: Run | None, rules: AgentRules, namespace: str
) -> Prediction:
    try:
        if run is None:
            _always_refused(filled, rules)
            return base
        if rules.hardened:
            guard.check(filled)
        job.take_builder(filled, rules)
        expanded = expand(filled, run.macro_table())
        _always_refused(expanded, rules)
        target = job.namespace_of(expanded, namespace)
        if expanded.get("apiVersion", "batch/v1") in job.API_VERSIONS:
            manifests, posted = job.build_job(expanded, run, rules, target)
        else:
            manifests = [custom.build_custom(expanded, run, rules)]
            posted = custom.posted_to(manifests[-1], target)
    except Refused as error:
        return _refusal(base, error)
    return Prediction(base.config, base.variables, base.findings, manifests=manifests, posted_to=posted)


def _refusal(base: Prediction, error: Refused) -> Prediction:
    return Prediction(base.config, base.variables, base.findings, refused=str(error), refused_path=error.path)


__all__ = ["LaunchInputError", "Prediction", "predict", "read_config"]
