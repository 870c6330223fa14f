# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module predicts is what the agent's own code posts, or the agent's own code fails where it says so.

The seed is fixed; GPU_LAUNCH_ORACLE_SEED takes another, GPU_LAUNCH_ORACLE_CASES more cases, GPU_LAUNCH_ORACLE_RELEASES
other releases of the agent.
"""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.placeholders import fill
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.variables import (
    choose_values,
    read_declarations,
)

from .configs import CONFIGS, RUNS
from .oracle import Agent, Outcome, agent, pinned_release

CASES = int(os.environ.get("GPU_LAUNCH_ORACLE_CASES", "500"))
SEED = int(os.environ.get("GPU_LAUNCH_ORACLE_SEED", "1"))
RELEASES = os.environ.get("GPU_LAUNCH_ORACLE_RELEASES", pinned_release()).split()
GOLDENS = Path(__file__).parents[2] / "fixtures/launch/goldens"
RECORDED = [
    pytest.param(release, path, id=f"{release}-{path.stem}")
    for release in RELEASES
    for path in sorted((GOLDENS / release).glob("*.json"))
]


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def real(release: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with agent(release, tmp_path_factory.mktemp("agent")) as running:
        yield running


def predicted(config: Any, run: Any, release: str) -> Outcome:
    result = predict(config, {}, {}, run, release).to_dict()
    return {key: result[key] for key in ("refused", "manifests", "posted_to")}


def exact(outcome: Outcome) -> str:
    """Return text that tells 1, 1.0 and true apart; of a refusal only that there is one."""
    refused = outcome["refused"] is not None
    return json.dumps({**outcome, "refused": refused}, sort_keys=True, indent=1)


def test_prediction_is_what_the_agent_does(real: Agent, release: str) -> None:
    seen: Counter[str] = Counter()

    @seed(SEED)
    @settings(
        max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
    )
    @given(config=CONFIGS, run=RUNS)
    def compare(config: Any, run: Any) -> None:
        ours = predicted(copy.deepcopy(config), run, release)
        theirs = real.outcome(config, run)
        assert exact(ours) == exact(theirs), (theirs["refused"], ours["refused"])
        seen["refused" if theirs["refused"] is not None else theirs["manifests"][-1].get("kind", "")] += 1

    compare()
    print(f"{release}: {sum(seen.values())} equal: {dict(seen.most_common(6))}")
    assert sum(seen.values()) >= CASES
    assert seen["refused"] < 0.7 * CASES, "most cases must show what is posted"


@pytest.mark.parametrize(("release", "path"), RECORDED, indirect=["release"])
def test_the_agent_still_does_what_was_recorded(real: Agent, path: Path) -> None:
    """A check of this harness: what it sees is what was recorded over HTTP."""
    golden = json.loads(path.read_text(encoding="utf-8"))
    values = choose_values(read_declarations(golden["template_variables"]), golden["values"])
    run = {"agent_env": {}, **golden["run"]}
    seen = real.outcome(fill(golden["config"], values), {key: run[key] for key in run if run[key] is not None})
    assert exact(seen) == exact({key: golden["expected"][key] for key in seen})
