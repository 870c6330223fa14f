# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
import yaml

from tests.env import children, molecule

ROOT = Path(__file__).resolve().parents[3]
CLUSTER, ENGINE = molecule.CHAINS


def steps(chain):
    """The commands of a chain in which everything passes."""
    made = [f"{action} default" for action in ("destroy", "create")]
    return [*made, *(f"{do} {name}" for name in chain.scenarios for do in molecule.actions(name)), "destroy default"]


@pytest.fixture
def base(tmp_path, monkeypatch):
    """Molecule's own folder, with what an earlier run of each chain has left in it."""
    for chain in (CLUSTER, ENGINE, molecule.SITE):
        (tmp_path / chain.group).mkdir()
        (tmp_path / chain.group / "state.yml").write_text("prepared: true\n", encoding="utf-8")
    monkeypatch.setenv("MOLECULE_EPHEMERAL_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("GPU_LAUNCH_LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def calls(monkeypatch, base):
    """Replace molecule by a table of commands that fail; return what was called, by chain."""
    seen = {}

    def install(*broken):
        def run(action, scenario, group):
            done = seen.setdefault(group, [])
            done.append(f"{action} {scenario}")
            return not {done[-1], f"{done[-1]} {group}"} & set(broken)

        monkeypatch.setattr(molecule, "molecule", run)
        monkeypatch.setattr(molecule, "listen", lambda: None)
        monkeypatch.setattr(molecule, "release", lambda: seen.setdefault("released", []) is not None)
        monkeypatch.setattr(molecule, "CHILDREN", children.Children(patience=1))
        return seen

    return install


def test_every_scenario_is_in_one_chain():
    scenarios = {path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml")} - {"default"}
    named = [name for chain in (*molecule.CHAINS, molecule.SITE) for name in chain.scenarios]
    assert sorted(named) == sorted(scenarios)


def test_no_two_chains_share_a_host_and_each_scenario_stays_on_its_own():
    groups = yaml.safe_load((ROOT / "molecule/inventory/hosts.yml").read_text(encoding="utf-8"))
    children_of = groups["all"]["children"]["gpu_node"]["children"]
    hosts = {name: set(group["hosts"]) for name, group in children_of.items()}
    assert set(hosts) == {chain.group for chain in (*molecule.CHAINS, molecule.SITE)}
    assert len(set.union(*hosts.values())) == sum(map(len, hosts.values()))
    for chain in (*molecule.CHAINS, molecule.SITE):
        for name in chain.scenarios:
            text = (ROOT / "molecule" / name / "molecule.yml").read_text(encoding="utf-8")
            (limit,) = (line.split("=")[1] for line in text.splitlines() if "--limit=" in line)
            assert set(limit.split(",")) <= hosts[chain.group], name


def test_order(calls):
    seen = calls()
    assert molecule.main([]) == 0
    assert seen == {**{chain.group: steps(chain) for chain in molecule.CHAINS}, "released": []}


def test_hosts_that_another_run_uses_are_waited_for(calls, base, capsys):
    seen = calls()
    with molecule.claimed(ENGINE):
        run = threading.Thread(target=molecule.run_chains, args=[molecule.CHAINS, 2])
        run.start()
        while "waiting: " not in (said := capsys.readouterr().err):
            time.sleep(0.02)
        assert ENGINE.group not in seen
    run.join(20)
    assert f"process {os.getpid()} uses the lab hosts of mol_engine" in said
    assert seen[ENGINE.group] == steps(ENGINE)


def test_chains_run_side_by_side(calls, monkeypatch):
    calls()
    both = threading.Barrier(2, timeout=10)
    firsts = ("prepare docker", "prepare kube_client")
    monkeypatch.setattr(
        molecule, "molecule", lambda action, name, group: f"{action} {name}" not in firsts or both.wait() >= 0
    )
    assert molecule.main([]) == 0


def test_a_new_host_is_never_taken_for_a_prepared_one(calls, base, monkeypatch):
    calls()
    left = []

    def run(action, scenario, group):
        left.append((action, (base / group).exists()))
        return True

    monkeypatch.setattr(molecule, "molecule", run)
    molecule.main(["docker"])
    assert left[:2] == [("destroy", True), ("create", False)]


def test_a_failure_ends_its_chain_only_and_the_hosts_are_removed(calls, capsys):
    seen = calls("test minikube_gpu")
    assert molecule.main([]) == 1
    assert seen[CLUSTER.group][-2:] == ["test minikube_gpu", "destroy default"]
    assert seen[ENGINE.group] == steps(ENGINE)
    assert "nfs_server          not run" in capsys.readouterr().out


def test_hosts_are_removed_when_they_can_not_be_made(calls):
    seen = calls("create default mol_engine")
    assert molecule.main([]) == 1
    assert seen[ENGINE.group] == ["destroy default", "create default", "destroy default"]
    assert seen[CLUSTER.group] == steps(CLUSTER)


@pytest.mark.parametrize(
    ("names", "ran"),
    [
        pytest.param(["docker"], {"mol_engine": ["prepare docker", "test docker"]}, id="one-of-a-chain"),
        pytest.param(["site"], {"mol_site": ["test site", "cleanup site"]}, id="the-site-with-its-removal"),
        pytest.param(
            ["docker", "kube_client"],
            {
                "mol_cluster": ["prepare kube_client", "test kube_client"],
                "mol_engine": ["prepare docker", "test docker"],
            },
            id="of-two-chains",
        ),
    ],
)
def test_named_scenarios_run_alone(calls, names, ran):
    seen = calls()
    assert molecule.main(names) == 0
    del seen["released"]
    assert {group: [call for call in calls if not call.endswith("default")] for group, calls in seen.items()} == ran


def test_an_unknown_scenario_is_refused_before_anything_happens(calls):
    seen = calls()
    with pytest.raises(SystemExit, match="no scenario dokcer"):
        molecule.main(["dokcer"])
    assert seen == {}


def test_without_fresh_hosts_nothing_is_tested(calls):
    seen = calls("destroy default mol_engine")
    assert molecule.main(["docker"]) == 1
    assert seen[ENGINE.group] == ["destroy default", "destroy default"]


def test_an_engine_that_stays_is_a_failure(calls, monkeypatch):
    calls()
    monkeypatch.setattr(molecule, "release", lambda: False)
    assert molecule.main(["docker"]) == 1


def test_when_somebody_interrupts_nothing_new_starts_and_hosts_and_lab_are_removed(calls, monkeypatch):
    seen = calls()
    waiting = threading.Event()

    def run(action, scenario, group):
        seen.setdefault(group, []).append(f"{action} {scenario}")
        return action == "destroy" or (action == "create" and waiting.wait(10) and not molecule.CHILDREN.ending)

    class Pool(molecule.ThreadPoolExecutor):
        def map(self, call, chains):
            super().map(call, chains)
            raise children.Ended(15)

    class Told(children.Children):
        def end(self):
            super().end()
            waiting.set()

    monkeypatch.setattr(molecule, "molecule", run)
    monkeypatch.setattr(molecule, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(molecule, "CHILDREN", Told(patience=1))
    assert molecule.main([]) == 128 + 15
    stopped = ["destroy default", "create default", "destroy default"]
    assert seen == {CLUSTER.group: stopped, ENGINE.group: stopped, "released": []}


def test_chains_have_notes_of_their_own(base, monkeypatch, tmp_path):
    given = []

    class Fake:
        def run(self, command, **options):
            given.append((command[1:4], options["environment"], options["anyway"]))
            return True

    monkeypatch.setenv("GPU_LAUNCH_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(molecule, "CHILDREN", Fake())
    assert molecule.molecule("create", "default", "mol_engine")
    assert molecule.molecule("destroy", "default", "mol_site")
    assert given == [
        (
            [action, "--scenario-name", "default"],
            {"MOLECULE_EPHEMERAL_DIRECTORY": str(base / group), "MOL_GROUP": group},
            action == "destroy",  # also after a request to end
        )
        for action, group in (("create", "mol_engine"), ("destroy", "mol_site"))
    ]
