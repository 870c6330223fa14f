# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the playbook submit: what is known of each run, and the table at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.progress import late_text

GPU = re.compile(r"(?:GPU|MIG)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEYS = ("run_id", "item_id", "url", "state", "seconds", "ended", "moved", "gpus", "log", "message", "all_gpus")
KNOWN = ("item_id", "run_id", "state")
EMPTY = {"seconds": 0, "ended": False, "moved": False, "gpus": [], "log": "", "message": ""}
SAMPLES = {
    "hello_world": "wandb/job_hello_world:main",
    "stable_diffusion": "wandb/job_stable_diffusion_inference:main",
}
MOST = 50  # each round of the watch lies inside the one before, and costs Ansible more than that one: 200 took 105 s
INPUTS = ("entity", "queue", "key", "example", "image", "job", "values", "args", "count", "timeout")


def _listed(value: Any, name: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"{name} needs a list of runs, not {type(value).__name__}")
    return value


def launch_runs(runs: Any, seen: Any = None, seconds: float = 0, outputs: Any = None) -> list[dict[str, Any]]:
    """Return the runs with what was seen of them, and what their pods said; the longer of two logs is kept."""
    records = [{**EMPTY, **{key: run[key] for key in KEYS if key in run}} for run in _listed(runs, "launch_runs")]
    news = {run["run_id"]: run for run in seen or []}
    for record in records:
        new = news.get(record["run_id"])
        if new is not None:
            _update(record, new, seconds)
        for output in outputs or []:
            if output.get("item", {}).get("run_id") == record["run_id"]:
                _hear(record, output)
    return records


def _update(record: dict[str, Any], new: Mapping[str, Any], seconds: float) -> None:
    record.update(state=new["state"], ended=new["ended"], moved=new["moved"])
    if new["moved"]:
        record["seconds"] = round(seconds)
    why = new["message"] or late_text(new["state"], seconds)
    record["message"] = "" if new["ok"] else f"run {record['run_id']}: {why}"


def _hear(record: dict[str, Any], output: Mapping[str, Any]) -> None:
    log = str(output.get("log") or "")
    if len(log) > len(record["log"]):
        record["log"] = log
    found = [*record["gpus"], *GPU.findall(f"{output.get('stdout') or ''} {log}")]
    record["gpus"] = list(dict.fromkeys(found))


def launch_runs_known(runs: Any) -> list[dict[str, str]]:
    """Return the runs as launch_run_info takes them."""
    return [{key: str(run.get(key) or "") for key in KNOWN} for run in _listed(runs, "launch_runs_known")]


def launch_run_pods(pods: Any, runs: Any) -> list[dict[str, Any]]:
    """Return, for runs that just moved, the containers to ask; a pod names its run in the environment of its first."""
    wanted = {run["run_id"] for run in _listed(runs, "launch_run_pods") if run.get("moved")}
    found = []
    for pod in _listed(pods, "launch_run_pods"):
        place = {key: pod["metadata"][key] for key in ("namespace", "name")}
        phase = (pod.get("status") or {}).get("phase")
        for container in pod["spec"]["containers"]:
            names = {entry["name"]: entry.get("value") for entry in container.get("env") or []}
            if names.get("WANDB_RUN_ID") in wanted and phase in ("Running", "Succeeded", "Failed"):
                run_id, running = names["WANDB_RUN_ID"], phase == "Running"
                found.append({**place, "run_id": run_id, "container": container["name"], "running": running})
    return found


def launch_submit_plan(inputs: Any) -> dict[str, Any]:
    """Return image or job of the runs, their count, and everything that is wrong with the inputs of the playbook."""
    if not isinstance(inputs, Mapping):
        raise AnsibleFilterError(f"launch_submit_plan needs a mapping, not {type(inputs).__name__}")
    given = {name: inputs.get(name) for name in INPUTS}
    problems = [*_missing(given), *_what(given), *_shapes(given)]
    what = {name: str(given[name]) for name in ("image", "job") if given[name]}
    if not what:
        what = {"image": SAMPLES.get(str(given["example"] or "hello_world"), "")}
    overrides = {"args": [str(value) for value in given["args"]]} if given["args"] and not problems else {}
    return {"what": what, "overrides": overrides, "problems": problems}


def _missing(given: Mapping[str, Any]) -> list[str]:
    texts = {
        "entity": "launch_agent_entity is not set: the team or user that owns the queue",
        "queue": "no queue: set submit_queue, or launch_agent_queues as for site.yml",
        "key": "no API key: set WANDB_API_KEY where Ansible runs, or launch_agent_api_key from a vault",
    }
    return [text for name, text in texts.items() if not given[name]]


def _what(given: Mapping[str, Any]) -> list[str]:
    named = [f"submit_{name}" for name in ("example", "image", "job") if given[name]]
    found = [f"{' and '.join(named)} are set: only one of them says what to run"] if len(named) > 1 else []
    if given["example"] and given["example"] not in SAMPLES:
        found.append(f"submit_example is {given['example']!r}: known are {', '.join(SAMPLES)}")
    return found


def _shapes(given: Mapping[str, Any]) -> list[str]:
    found = []
    if not isinstance(given["values"] or {}, Mapping):
        found.append("submit_values must be a mapping of variable to value, such as {gpus: 2}")
    if not isinstance(given["args"] or [], list):
        found.append("submit_args must be a list")
    for name, most in (("count", MOST), ("timeout", 10**9)):
        value = str(given[name])
        if not (value.isascii() and value.isdigit() and 1 <= int(value[:12]) <= most):
            found.append(f"submit_{name} is {value!r}: a whole number from 1 to {most}")
    return found


def launch_runs_table(runs: Any) -> list[str]:
    """Return the lines of a table over the runs."""
    rows = [("RUN", "STATE", "SECONDS", "GPUS")]
    for run in _listed(runs, "launch_runs_table"):
        gpus = ", ".join(run.get("gpus") or []) or "-"
        rows.append((str(run.get("run_id")), str(run.get("state")), f"{run.get('seconds', 0):.0f}", gpus))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "launch_run_pods": launch_run_pods,
            "launch_runs": launch_runs,
            "launch_runs_known": launch_runs_known,
            "launch_runs_table": launch_runs_table,
            "launch_submit_plan": launch_submit_plan,
        }
