# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many predictions at once: entries of a list, each over the values that stand beside the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import LaunchInputError
from .predict import Prepared, predict_prepared, prepare
from .tree import child

KEYS = (
    "config",
    "template_variables",
    "values",
    "run",
    "agent_version",
    "namespace",
    "gpus_per_node",
    "image_user",
)
MAX_SPECS = 10_000


def predict_each(specs: Any, common: Mapping[str, Any], read: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Return what the agent makes of each entry, in their order.

    An entry's key takes the place of the common one; of a run single keys do. `read` makes a document of a config that
    is text; equal texts are read once.

    Raises:
        LaunchInputError: an entry can't be read or breaks its declaration; the path begins with its position.
    """
    if not isinstance(specs, Sequence) or isinstance(specs, (str, bytes)):
        raise LaunchInputError("specs", "must be a list of mappings")
    if len(specs) > MAX_SPECS:
        raise LaunchInputError("specs", f"{len(specs)} entries; at most {MAX_SPECS} are allowed")
    queues = _Queues(read)
    results = []
    for position, entry in enumerate(specs):
        path = child("specs", position)
        inputs = _merged(entry, common, path)
        try:
            prepared = queues.prepared(inputs.pop("config"), inputs.pop("template_variables", None))
            results.append(predict_prepared(prepared, **inputs).outcome())
        except LaunchInputError as error:
            raise LaunchInputError(child(path, error.path) if error.path else path, error.problem) from error
    return results


class _Queues:
    """Configs with their variables. Runs of one queue repeat them, and checking them is half of the work."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._read = read
        self._known: dict[str, Prepared] = {}

    def prepared(self, config: Any, variables: Any) -> Prepared:
        key = repr((config, variables))
        if key not in self._known:
            document = self._read(config) if isinstance(config, (str, bytes)) else config
            self._known[key] = prepare(document, variables)
        return self._known[key]


def _merged(entry: Any, common: Mapping[str, Any], path: str) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise LaunchInputError(path, f"must be a mapping with {', '.join(KEYS)}")
    for key in entry:
        if key not in KEYS:
            raise LaunchInputError(child(path, str(key)), f"unknown key; known are {', '.join(KEYS)}")
    inputs = {**common, **entry}
    run, own = common.get("run"), entry.get("run")
    if isinstance(run, Mapping) and isinstance(own, Mapping):
        inputs["run"] = {**run, **own}
    if inputs.get("config") is None:
        raise LaunchInputError(child(path, "config"), "is needed, here or beside specs")
    return inputs
