# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The composite observation: any subset of components, each in a process of its own.

They wait side by side, and one that crashes costs no other. Each loads only its own code: modules on a host are
compiled anew in every run.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable

from ..node.convert import to_plain
from ..node.observation import COMPONENTS
from ..node.observed.shared import Unit
from ..node.wanted.index import states_of
from .child import Child, Emit, finish, start
from .look import Look
from .seen import Seen
from .systemd import units


# Written out, each with an import of its own: what travels to the host is found by reading these statements.
def _host(look: Look) -> Any:
    from .host import observe_host

    return observe_host(look)


def _gpu(look: Look) -> Any:
    from .gpu import observe_gpu

    return observe_gpu(look)


def _docker(look: Look) -> Any:
    from .docker import observe_docker

    return observe_docker(look)


def _nvidia_ctk(look: Look) -> Any:
    from .nvidia_ctk import observe_nvidia_ctk

    return observe_nvidia_ctk(look)


def _cluster(look: Look) -> Any:
    from .cluster import observe_cluster

    return observe_cluster(look)


def _nfs(look: Look) -> Any:
    from .nfs import observe_nfs

    return observe_nfs(look)


def _agent(look: Look) -> Any:
    from .agent import observe_agent

    return observe_agent(look)


PROBES: dict[str, Callable[[Look], Any]] = {
    "host": _host,
    "gpu": _gpu,
    "docker": _docker,
    "nvidia_ctk": _nvidia_ctk,
    "cluster": _cluster,
    "nfs": _nfs,
    "agent": _agent,
}


# What may hang has a deadline of its own, but a plain file on a dead mount has none: after as many deadlines as one
# component may need in turn, its child is given up.
_QUESTIONS = 4

# Those that ask an API, the slowest first: what all of them need is loaded once, before they part.
CONNECTED = ("agent", "cluster", "nfs", "docker", "nvidia_ctk")


def observe(components: Sequence[str], look: Look) -> dict[str, Any]:
    """Return what is there, in the shape of Observation.to_dict; what could not be read is part of the answer.

    Args:
        components: what to look at.
        look: where and how; what it lacks of wanted states is filled with the defaults.
    """
    full = replace(look, wanted={**states_of({}, components), **look.wanted})
    chosen = [name for name in COMPONENTS if name in components]
    started = _start([name for name in chosen if name not in CONNECTED], full)  # they work while systemd is asked
    with _beside(functools.partial(_preload, chosen)):
        full = replace(full, units=_units(components, full))
    # From here on there is one thread again, and forking is safe.
    started.update(_start([name for name in CONNECTED if name in chosen], full))
    children = {name: started[name] for name in chosen if name in started}
    end = time.monotonic() + look.nvml_deadline + _QUESTIONS * look.deadline
    found: dict[str, Any] = {}
    unknown = [item.to_dict() for item in look.seen.missing]
    for name, child in children.items():
        answer = finish(child, max(round(end - time.monotonic(), 1), 0.1), f"the look at {name}")
        if answer.problem is None:
            found[name] = answer.items[0]["facts"]
            unknown += answer.items[0]["unknown"]
        else:
            unknown.append({"fact": name, "reason": str(answer.problem)})
    return {**found, "unknown": unknown}


@contextlib.contextmanager
def _beside(work: Callable[[], None]) -> Iterator[None]:
    """Do something that can be left out in a thread, as long as the block lasts or longer."""
    thread = threading.Thread(target=work)
    try:
        thread.start()
    except RuntimeError:  # the machine has no room for one
        yield
        return
    try:
        yield
    finally:
        thread.join()


def _preload(components: Sequence[str]) -> None:
    """Load Python's HTTP and TLS, of which each child would load its own otherwise: a third of all its work."""
    if any(name in CONNECTED for name in components):
        importlib.import_module("http.client")


def _start(names: Sequence[str], look: Look) -> dict[str, Child]:
    """Begin to look at components, each in a child."""
    children: dict[str, Child] = {}
    for name in names:
        child = look.seen.fact(name, functools.partial(start, functools.partial(_tell, name, look)))
        children.update({name: child} if child else {})
    return children


def _tell(name: str, look: Look, emit: Emit) -> None:
    """Look at one component, in the child."""
    own = replace(look, seen=Seen())
    facts = to_plain(PROBES[name](own))
    emit({"facts": facts, "unknown": [item.to_dict() for item in own.seen.missing]})


def _units(components: Sequence[str], look: Look) -> Mapping[str, Unit]:
    """Ask systemd once for the units of all components."""
    names = [name for component in components for name in look.wanted[component].unit_names()]
    if not names:
        return {}
    unique = list(dict.fromkeys(names))
    return look.seen.fact("units", lambda: units(look.root, unique, look.deadline, look.runner)) or {}
