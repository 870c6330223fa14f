# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the Molecule scenarios in the order in which they build on each other, and always remove their hosts.

Usage: python3 -m tests.env.molecule [SCENARIO ...]. Named scenarios run alone, one after the other.
Scenarios of one chain share a host: the first that fails ends its chain. The chains have hosts of their own and run
side by side, for most of the time is waiting.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CHAINS = (
    ("docker", "nvidia_ctk", "kube_client", "minikube_gpu", "nfs_server", "launch_agent"),  # mol-cluster, mol-trixie
    ("site",),  # on mol-site
)
OPTIONS = {
    "prepare": ("--force",),  # scenarios share their state: it says "prepared" once the first of them is
    "test": ("--destroy", "never"),  # the next scenario of the chain goes on with the same hosts
}
RUNNING: set[subprocess.Popen[bytes]] = set()
TAIL = 150  # lines of a failed scenario's log that are shown


def log_folder() -> Path:
    """Return the folder of the logs, outside the tree."""
    cache = os.environ.get("GPU_LAUNCH_LAB_CACHE") or str(Path("~/.cache/mlinfra-gpu-launch").expanduser())
    folder = Path(cache) / "logs" / "molecule"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def molecule(action: str, scenario: str) -> bool:
    """Run one Molecule command; its output goes to a log, whose end is shown when it fails."""
    log = log_folder() / f"{scenario}-{action}.log"
    print(f"molecule: {action} {scenario} ...", flush=True)
    began = time.monotonic()
    with log.open("wb") as out:
        command = ["molecule", action, "--scenario-name", scenario]
        command += OPTIONS.get(action, ())
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as child:
            RUNNING.add(child)
            passed = child.wait() == 0
            RUNNING.discard(child)
    print(f"molecule: {action} {scenario}: {'ok' if passed else 'FAILED'} after {time.monotonic() - began:.0f} s")
    if not passed:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join(f"    {line}" for line in lines[-TAIL:]))
    print(f"molecule: log {log}", flush=True)
    return passed


def actions(scenario: str) -> list[str]:
    """Return the Molecule commands of a scenario."""
    prepared = (ROOT / "molecule" / scenario / "prepare.yml").exists()
    return ["prepare", "test"] if prepared else ["test"]


def run_chain(chain: tuple[str, ...]) -> dict[str, str]:
    """Run scenarios until one fails; return each one's state."""
    states = dict.fromkeys(chain, "not run")
    for name in chain:
        states[name] = "passed" if all(molecule(action, name) for action in actions(name)) else "failed"
        if states[name] == "failed":
            break
    return states


def run_chains(chains: tuple[tuple[str, ...], ...], lanes: int) -> dict[str, str]:
    """Run the chains, so many at a time; return the state of each scenario."""
    with ThreadPoolExecutor(max_workers=lanes) as pool:
        try:
            return {name: state for states in pool.map(run_chain, chains) for name, state in states.items()}
        except BaseException:  # somebody interrupts: the hosts are removed as soon as nothing works on them
            pool.shutdown(wait=False, cancel_futures=True)
            for child in list(RUNNING):
                child.terminate()
            raise


def forget() -> None:
    """Remove Molecule's notes of earlier runs: it would take a new host for one that is prepared."""
    notes = os.environ.get("MOLECULE_EPHEMERAL_DIRECTORY")
    if notes:
        shutil.rmtree(notes, ignore_errors=True)


def stop(*_: Any) -> None:
    """Turn a request to end into an exception, so that the hosts are removed."""
    raise KeyboardInterrupt


def main(names: list[str]) -> int:
    """Create the hosts, run what is asked for, destroy the hosts. All scenarios want hosts that nobody has touched."""
    signal.signal(signal.SIGTERM, stop)
    chains = tuple((name,) for name in names) if names else CHAINS
    states: dict[str, str] = {"create": "failed"}
    removed = False
    try:
        fresh = bool(names) or molecule("destroy", "default")  # an aborted run leaves its hosts behind
        forget()
        if fresh and molecule("create", "default"):
            states = {"create": "passed", **run_chains(chains, 1 if names else len(chains))}
    finally:
        removed = molecule("destroy", "default")
        forget()
    states["destroy"] = "passed" if removed else "failed"
    print("\n".join(f"molecule: {name:<14}{state}" for name, state in states.items()), flush=True)
    return 0 if set(states.values()) == {"passed"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
