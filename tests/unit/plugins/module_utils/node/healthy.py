# SPDX-License-Identifier: GPL-3.0-or-later
"""The healthy host of tests/fixtures/healthy, changed at a few places, against what is wanted of it."""

from pathlib import Path

import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import COMPONENTS

from .test_catalogue import changed

FOLDER = Path(__file__).resolve().parents[4] / "fixtures/healthy"
PARTS = {name: yaml.safe_load((FOLDER / f"{name}.yml").read_text()) for name in COMPONENTS}


def report(component, observed=None, unknown=(), **wanted):
    """Compare; observed maps dotted paths to other values, unknown is what could not be read."""
    seen = changed({name: part["observed"] for name, part in PARTS.items()}, observed or {})
    notes = [{"fact": fact, "reason": "killed"} for fact in unknown]
    return compare(component, {**seen, "unknown": notes}, {**PARTS[component]["wanted"], **wanted})


def raised(component, observed=None, **wanted):
    """Return (id, act, severity) of every finding."""
    return [(f.id, f.act, f.severity) for f in report(component, observed, **wanted).findings]
