# SPDX-License-Identifier: GPL-3.0-or-later
"""What Molecule's scenario `site` compares: the ids that check mode said, and those that the run then acted on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TASKS = str(Path(__file__).resolve().parents[3] / "molecule/site/tasks/prediction.yml")
COMPARED = "Prediction | A run acts on what check mode has said, and on nothing else"


def look(**acts: str) -> dict[str, Any]:
    return {"findings": [{"id": check, "act": act} for check, act in acts.items()]}


SAID = {"__docker_seen": look(DOC010="converge"), "__launch_agent_seen": look(AGT003="tell", AGT015="converge")}


@pytest.fixture
def runs(
    play: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, Any]], tuple[Any, Any]]:
    """Play the tasks in check mode after SAID, then for real after a run that saw something else, then once more."""
    monkeypatch.setenv("MOLECULE_EPHEMERAL_DIRECTORY", str(tmp_path))

    def both(seen: dict[str, Any]) -> tuple[Any, Any]:
        tasks = [{"name": "Compare", "ansible.builtin.import_tasks": TASKS}]
        said = play(tasks, "--check", **SAID)
        assert said.rc == 0, said.output
        assert (tmp_path / "site-prediction.json").exists()
        first = play(tasks, **seen)
        assert not (tmp_path / "site-prediction.json").exists()
        return first, play(tasks)

    return both


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(SAID, id="the-same"),
        pytest.param(
            {**SAID, "__launch_agent_seen": look(AGT003="converge", AGT015="converge")},
            id="what-an-earlier-role-had-to-make",
        ),
    ],
)
def test_a_run_that_does_what_was_said(runs: Callable[[dict[str, Any]], tuple[Any, Any]], seen: dict[str, Any]) -> None:
    first, second = runs(seen)
    assert first.rc == 0, first.output
    assert "skipped" not in first[COMPARED]
    assert second.rc == 0, second.output
    assert second[COMPARED]["skipped"]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        pytest.param({**SAID, "__docker_seen": {}}, "said, and not acted on: ['DOC010']", id="left-undone"),
        pytest.param(
            {**SAID, "__nfs_server_findings": look(NFS009="converge")["findings"]}, "not said: ['NFS009']", id="more"
        ),
    ],
)
def test_a_run_that_does_something_else(
    runs: Callable[[dict[str, Any]], tuple[Any, Any]], seen: dict[str, Any], words: str
) -> None:
    first, _ = runs(seen)
    assert first.rc == 2
    assert words in first[COMPARED]["msg"]
