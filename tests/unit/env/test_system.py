# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from tests.env import children, system

BEGIN, END = ["create", "test site"], ["destroy", "release"]


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Replace everything that acts by a table of steps that fail; return what was called."""
    seen = []

    def install(*broken, interrupted=""):
        def step(name):
            seen.append(name)
            if name == interrupted:
                raise children.Ended(2)
            return name not in broken

        monkeypatch.setenv("GPU_LAUNCH_LAB_CACHE", str(tmp_path))
        monkeypatch.setattr(system, "listen", lambda: None)
        monkeypatch.setattr(system, "create", lambda chain: step("create"))
        monkeypatch.setattr(system, "molecule", lambda action, name, group: step(f"{action} {name}"))
        monkeypatch.setattr(system, "python", lambda *arguments: step(" ".join(arguments)))
        monkeypatch.setattr(system, "destroy", lambda chain: step("destroy"))
        monkeypatch.setattr(system, "release", lambda: step("release"))
        monkeypatch.setattr(system, "CHILDREN", children.Children(patience=1))
        return seen

    return install


ALL = [*BEGIN, "tests.lab demo", "pytest tests/integration/lab", "cleanup site", *END]


@pytest.mark.parametrize(
    ("broken", "ran"),
    [
        pytest.param([], ALL, id="nothing-fails"),
        pytest.param(["create"], ["create", *END], id="no-host"),
        pytest.param(["test site"], [*BEGIN, *END], id="not-converged"),
        pytest.param(["tests.lab demo"], ALL, id="the-tests-tell-more-than-the-demo"),
        pytest.param(["pytest tests/integration/lab"], ALL, id="the-removal-is-tested-all-the-same"),
        pytest.param(["cleanup site"], ALL, id="not-removable"),
        pytest.param(["destroy"], ALL, id="the-host-stays"),
        pytest.param(["release"], ALL, id="the-lab-stays"),
    ],
)
def test_steps(calls, broken, ran):
    seen = calls(*broken)
    assert system.main() == (1 if broken else 0)
    assert seen == ran


def test_an_interrupted_run_takes_its_host_away_and_starts_nothing_else(calls):
    seen = calls(interrupted="tests.lab demo")
    assert system.main() == 128 + 2
    assert seen == [*BEGIN, "tests.lab demo", *END]
    assert system.CHILDREN.ending
