# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.env import molecule

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """What an earlier run has left in Molecule's own folder."""
    folder = tmp_path / "molecule"
    folder.mkdir()
    (folder / "state.yml").write_text("prepared: true\n", encoding="utf-8")
    monkeypatch.setenv("MOLECULE_EPHEMERAL_DIRECTORY", str(folder))
    return folder


@pytest.fixture
def calls(monkeypatch, notes):
    """Replace molecule by a table of commands that fail; return what was called."""
    seen = []

    def install(*broken):
        def run(action, scenario):
            seen.append(f"{action} {scenario}")
            return seen[-1] not in broken

        monkeypatch.setattr(molecule, "molecule", run)
        return seen

    return install


def test_every_scenario_is_in_a_chain():
    scenarios = {path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml")} - {"default"}
    assert scenarios == {name for chain in molecule.CHAINS for name in chain}


def test_order(calls):
    seen = calls()
    assert molecule.main([]) == 0
    assert [call for call in seen if call != "test site"] == [
        "destroy default",  # hosts of an aborted run
        "create default",
        *(f"{action} {name}" for name in molecule.CHAINS[0] for action in ("prepare", "test")),
        "destroy default",
    ]
    assert "test site" in seen[2:-1]


def test_chains_run_side_by_side(monkeypatch, notes):
    both = threading.Barrier(2, timeout=10)
    firsts = ("prepare docker", "test site")
    monkeypatch.setattr(molecule, "molecule", lambda action, name: f"{action} {name}" not in firsts or both.wait() >= 0)
    assert molecule.main([]) == 0


def test_a_new_host_is_never_taken_for_a_prepared_one(calls, notes, monkeypatch):
    calls()
    left = []
    monkeypatch.setattr(molecule, "run_chains", lambda chains, lanes: left.append(notes.exists()) or {})
    molecule.main([])
    assert left == [False]


def test_a_failure_ends_its_chain_only_and_the_hosts_are_removed(calls, capsys):
    seen = calls("test nvidia_ctk")
    assert molecule.main([]) == 1
    roles = [call for call in seen[2:] if call != "test site"]
    assert roles == ["prepare docker", "test docker", "prepare nvidia_ctk", "test nvidia_ctk", "destroy default"]
    assert "test site" in seen[2:-1]
    assert "minikube_gpu  not run" in capsys.readouterr().out


def test_hosts_are_removed_when_they_can_not_be_made(calls):
    seen = calls("create default")
    assert molecule.main([]) == 1
    assert seen[1:] == ["create default", "destroy default"]


def test_a_named_scenario_uses_the_hosts_that_are_there(calls):
    seen = calls()
    assert molecule.main(["docker"]) == 0
    assert seen == ["create default", "prepare docker", "test docker", "destroy default"]


def test_without_fresh_hosts_nothing_is_tested(calls):
    seen = calls("destroy default")
    assert molecule.main([]) == 1
    assert seen == ["destroy default", "destroy default"]


def test_hosts_that_stay_are_a_failure(calls):
    calls("destroy default")
    assert molecule.main(["docker"]) == 1


def test_hosts_are_removed_when_somebody_interrupts(calls, monkeypatch):
    seen = calls()
    monkeypatch.setattr(molecule, "run_chain", molecule.stop)
    with pytest.raises(KeyboardInterrupt):
        molecule.main([])
    assert seen[1:] == ["create default", "destroy default"]
