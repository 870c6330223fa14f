# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables that the agent adds to the containers of a run, in its order."""

from __future__ import annotations

import json
from typing import Any

from .run import Run

MAX_LENGTH = 32670
CLEAR_KEY = "<WANDB_API_KEY>"  # stands where the agent writes its key in clear text
API_KEY = "WANDB_API_KEY"
NAMES = (
    "WANDB_BASE_URL",
    API_KEY,
    "WANDB_PROJECT",
    "WANDB_ENTITY",
    "WANDB_LAUNCH",
    "WANDB_RUN_ID",
    "WANDB_DOCKER",
    "WANDB_NAME",
    "WANDB_USERNAME",
    "WANDB_SWEEP_ID",
    "WANDB_RESUME",
    "WANDB_LAUNCH_QUEUE_NAME",
    "WANDB_LAUNCH_QUEUE_ENTITY",
    "WANDB_LAUNCH_TRACE_ID",
    "WANDB_CONFIG",
    "WANDB_LAUNCH_FILE_OVERRIDES",
    "WANDB_ARTIFACTS",
)


def variables(run: Run) -> dict[str, str]:
    """Return the variables of a run; the key is a stand-in."""
    optional = {
        "WANDB_NAME": run.name,
        "WANDB_USERNAME": run.author,
        "WANDB_LAUNCH_QUEUE_NAME": run.queue or None,
        "WANDB_LAUNCH_QUEUE_ENTITY": run.queue_entity or None,
        "WANDB_LAUNCH_TRACE_ID": run.trace_id or None,
    }
    out = {
        "WANDB_BASE_URL": run.base_url,
        API_KEY: CLEAR_KEY,
        "WANDB_PROJECT": run.project,
        "WANDB_ENTITY": run.entity,
        "WANDB_LAUNCH": "True",
        "WANDB_RUN_ID": run.run_id,
        "WANDB_DOCKER": run.image,
        **{name: value for name, value in optional.items() if value is not None},
    }
    out.update(_chunks("WANDB_CONFIG", run.overrides.get("run_config", {})))
    out.update(_chunks("WANDB_LAUNCH_FILE_OVERRIDES", run.overrides.get("files", {})))
    out["WANDB_ARTIFACTS"] = json.dumps(run.overrides.get("artifacts", {}))
    return out


def _chunks(name: str, value: Any) -> dict[str, str]:
    text = json.dumps(value)
    if len(text) <= MAX_LENGTH:
        return {name: text}
    starts = range(0, len(text), MAX_LENGTH)
    return {f"{name}_{i}": text[start : start + MAX_LENGTH] for i, start in enumerate(starts)}


def secret_name(run: Run) -> str:
    """Return the name of the Secret that holds the agent's key for a run."""
    return f"wandb-api-key-{run.agent_env.get('WANDB_RELEASE_NAME') or run.run_id}"


def as_entries(values: dict[str, str], secret: str = "") -> list[dict[str, Any]]:
    """Return entries of a container's env; with a secret the key is a reference to it."""
    entries: list[dict[str, Any]] = []
    for name, value in values.items():
        if name == API_KEY and secret:
            reference = {"secretKeyRef": {"name": secret, "key": "password"}}
            entries.append({"name": name, "valueFrom": reference})
        else:
            entries.append({"name": name, "value": value})
    return entries
