# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the playbook submit: what is known of each run, and the table at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

GPU = re.compile(r"GPU-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEYS = ("run_id", "item_id", "state", "seconds", "gpus", "log", "message")


def launch_runs(
    runs: Any, run_id: str = "", seen: Mapping[str, Any] | None = None, log: str = ""
) -> list[dict[str, Any]]:
    """Return the runs with what was seen of one of them; the longer of two logs is kept."""
    if not isinstance(runs, Sequence) or isinstance(runs, (str, bytes)):
        raise AnsibleFilterError(f"launch_runs needs a list of runs, not {type(runs).__name__}")
    records = [{"seconds": 0, "gpus": [], "log": "", "message": "", **_known(run)} for run in runs]
    for record in records:
        if run_id and record["run_id"] == run_id:
            _update(record, seen or {}, log)
    return records


def _known(run: Mapping[str, Any]) -> dict[str, Any]:
    return {key: run[key] for key in (*KEYS, "all_gpus") if key in run}


def _update(record: dict[str, Any], seen: Mapping[str, Any], log: str) -> None:
    states = seen.get("states") or []
    record["state"] = seen.get("state") or record["state"]
    record["message"] = f"run {record['run_id']}: {seen.get('msg') or record['state']}"
    record["seconds"] += states[-1]["seconds"] if states else 0
    if len(log) >= len(record["log"]):
        record["log"] = log
        record["gpus"] = list(dict.fromkeys(GPU.findall(log)))


def launch_runs_table(runs: Any) -> list[str]:
    """Return the lines of a table over the runs."""
    if not isinstance(runs, Sequence) or isinstance(runs, (str, bytes)):
        raise AnsibleFilterError(f"launch_runs_table needs a list of runs, not {type(runs).__name__}")
    rows = [("RUN", "STATE", "SECONDS", "GPUS")]
    for run in runs:
        gpus = ", ".join(run.get("gpus") or []) or "-"
        rows.append((str(run.get("run_id")), str(run.get("state")), f"{run.get('seconds', 0):.0f}", gpus))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"launch_runs": launch_runs, "launch_runs_table": launch_runs_table}
