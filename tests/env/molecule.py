# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the Molecule scenarios in the order in which they build on each other, and always remove their hosts.

Usage: python3 -m tests.env.molecule [SCENARIO ...]. Named scenarios run alone, one chain after the other.
Scenarios of one chain share hosts: the first that fails ends its chain. The chains have hosts, notes and logs of their
own and run side by side, for most of the time is waiting.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import config
from tests.lab.claim import claim

from .children import Children, Ended, ignore, listen

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Chain:
    """Scenarios on the hosts of one group of molecule/inventory, in this order."""

    group: str
    scenarios: tuple[str, ...]


CHAINS = (
    Chain("mol_cluster", ("kube_client", "minikube_gpu", "nfs_server", "launch_agent")),
    Chain("mol_engine", ("docker", "nvidia_ctk")),
)
SITE = Chain("mol_site", ("site",))  # make system runs it; by name here as well
OPTIONS = {
    "prepare": ("--force",),  # scenarios share their state: it says "prepared" once the first of them is
    "test": ("--destroy", "never"),  # the next scenario of the chain goes on with the same hosts
}
LATER = {"site": ("cleanup",)}  # not in its test sequence: the system tests come before
CHILDREN = Children(patience=60)
TAIL = 150  # lines of a failed scenario's log that are shown


def log_folder() -> Path:
    """Return the folder of the logs, outside the tree."""
    folder = config.cache_dir() / "logs" / "molecule"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def notes(group: str) -> Path:
    """Return Molecule's own folder for a chain: the chains side by side must not share their state."""
    return Path(os.environ.get("MOLECULE_EPHEMERAL_DIRECTORY") or ROOT / ".ansible" / "molecule") / group


def molecule(action: str, scenario: str, group: str) -> bool:
    """Run one Molecule command; its output goes to a log, whose end is shown when it fails."""
    what = f"{action} {group if scenario == 'default' else scenario}"
    log = log_folder() / f"{'-'.join(reversed(what.split()))}.log"
    print(f"molecule: {what} ...", flush=True)
    began = time.monotonic()
    command = ["molecule", action, "--scenario-name", scenario, *OPTIONS.get(action, ())]
    environment = {"MOLECULE_EPHEMERAL_DIRECTORY": str(notes(group)), "MOL_GROUP": group}
    with log.open("wb") as out:
        passed = CHILDREN.run(
            command, environment=environment, folder=ROOT, output=out, anyway=action == "destroy"
        )  # fmt: skip
    took = time.monotonic() - began
    lines = [f"molecule: {what}: {'ok' if passed else 'FAILED'} after {took:.0f} s"]
    if not passed:
        text = log.read_text(encoding="utf-8", errors="replace")
        lines += [f"    {line}" for line in text.splitlines()[-TAIL:]]
    print("\n".join([*lines, f"molecule: log {log}"]), flush=True)
    return passed


def actions(scenario: str) -> list[str]:
    """Return the Molecule commands of a scenario."""
    prepared = (ROOT / "molecule" / scenario / "prepare.yml").exists()
    return [*(["prepare"] if prepared else []), "test", *LATER.get(scenario, ())]


def create(chain: Chain) -> bool:
    """Make the hosts anew: an aborted run leaves its own behind, and all scenarios want hosts nobody has touched."""
    fresh = molecule("destroy", "default", chain.group)
    forget(chain)
    return fresh and molecule("create", "default", chain.group)


def destroy(chain: Chain) -> bool:
    """Remove the hosts."""
    removed = molecule("destroy", "default", chain.group)
    forget(chain)
    return removed


def forget(chain: Chain) -> None:
    """Remove Molecule's notes of earlier runs: it would take a new host for one that is prepared."""
    shutil.rmtree(notes(chain.group), ignore_errors=True)


def run_chain(chain: Chain) -> dict[str, str]:
    """Create the hosts, run scenarios until one fails, destroy the hosts; return the state of each step."""
    with claimed(chain):
        return _run_claimed(chain)


def claimed(chain: Chain) -> AbstractContextManager[None]:
    """Keep the hosts of a chain to this run: checkouts that share the cache share them as well."""
    lock = config.cache_dir() / "locks" / f"{chain.group}.lock"
    return claim(lock, f"lab hosts of {chain.group}", lambda: CHILDREN.ending)


def _run_claimed(chain: Chain) -> dict[str, str]:
    states = dict.fromkeys((f"create {chain.group}", *chain.scenarios), "not run")
    try:
        made = create(chain)
        states[f"create {chain.group}"] = "passed" if made else "failed"
        for name in chain.scenarios if made else ():
            passed = all(molecule(action, name, chain.group) for action in actions(name))
            states[name] = "passed" if passed else "failed"
            if not passed:
                break
    finally:
        states[f"destroy {chain.group}"] = "passed" if destroy(chain) else "failed"
    return states


def run_chains(chains: Sequence[Chain], lanes: int) -> dict[str, str]:
    """Run the chains, so many at a time; return the state of each step. When somebody interrupts, hosts go first."""
    with ThreadPoolExecutor(max_workers=lanes) as pool:
        try:
            return {name: state for states in pool.map(run_chain, chains) for name, state in states.items()}
        except BaseException:
            CHILDREN.end()
            pool.shutdown(cancel_futures=True)
            raise


def release() -> bool:
    """End engine and services, unless there are hosts of somebody else."""
    return CHILDREN.run([sys.executable, "-m", "tests.lab", "down", "--unused"], folder=ROOT, anyway=True)


def chosen(names: Sequence[str]) -> list[Chain]:
    """Return the chains that these scenarios are of, with nothing else in them."""
    known = [*CHAINS, SITE]
    unknown = set(names) - {name for chain in known for name in chain.scenarios}
    if unknown:
        raise SystemExit(f"molecule: no scenario {', '.join(sorted(unknown))}")
    picked = [Chain(chain.group, tuple(name for name in chain.scenarios if name in names)) for chain in known]
    return [chain for chain in picked if chain.scenarios]


def main(names: Sequence[str]) -> int:
    """Run what is asked for; whatever happens, the hosts are gone after it."""
    chains = chosen(names) if names else list(CHAINS)
    listen()
    try:
        states = run_chains(chains, 1 if names else len(chains))
    except Ended as request:
        return 128 + int(request.args[0])
    finally:
        ignore()
        released = release()
    states["release"] = "passed" if released else "failed"
    print("\n".join(f"molecule: {name:<20}{state}" for name, state in states.items()), flush=True)
    return 0 if set(states.values()) == {"passed"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
