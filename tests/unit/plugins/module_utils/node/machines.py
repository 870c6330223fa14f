# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines to compare with: recorded observations, changed at one place."""

import json
from pathlib import Path

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare

FOLDER = Path(__file__).resolve().parents[4] / "fixtures/observations"


def machine(name="reference", **changes):
    """Return an observation; host__cpus=2 changes observed['host']['cpus']."""
    observed = json.loads((FOLDER / f"{name}.json").read_text())
    for path, value in changes.items():
        *folders, last = path.split("__")
        place = observed
        for folder in folders:
            place = place[folder]
        place[last] = value
    return observed


def ids(component, wanted, name="reference", **changes):
    """Return (id, act) of every finding."""
    return [(f.id, f.act) for f in compare(component, machine(name, **changes), wanted).findings]


def first(component, wanted, name="reference", **changes):
    return compare(component, machine(name, **changes), wanted).findings[0]
