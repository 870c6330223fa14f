# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads one cluster and runs a plan on it, through a runner that tests replace by recordings."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .command import arguments
from .errors import MinikubeError, explain, from_text
from .events import fatal, last_step, parse_events, summary
from .plan import HALF_MADE, HEALTHY, Action, Actual, Plan
from .profile import parse_profile_list
from .status import Node, allocatable_gpus, gpu_pods, parse_inspect, parse_status
from .wanted import Wanted

READ = 60.0  # seconds for a command that only reads
STOP = 300.0  # stop and delete; measured 2 to 17 s


class Outcome(Protocol):
    """How one program ended."""

    @property
    def rc(self) -> int:
        """Exit status."""

    @property
    def stdout(self) -> str:
        """Standard output."""

    @property
    def stderr(self) -> str:
        """Standard error."""

    @property
    def timed_out(self) -> bool:
        """Whether the deadline ended it."""


class Run(Protocol):
    """Starts a program as the dedicated user."""

    def run(self, argv: Sequence[str], timeout: float) -> Outcome:
        """Wait for its end."""


class Mark(Protocol):
    """The note that a creation has begun."""

    def exists(self) -> bool:
        """Whether it is there."""

    def write(self) -> None:
        """Leave it."""

    def note(self, container: str) -> None:
        """Add which container the creation left when it failed; empty when it left none."""

    def noted(self) -> str | None:
        """What was added, None when nothing was."""

    def remove(self) -> None:
        """Take it away."""


@dataclass
class Cluster:
    """One profile on one machine."""

    executable: str
    profile: str
    runner: Run
    mark: Mark
    timeout: float
    steps: list[str] = field(default_factory=list)

    def observe(self) -> Actual:
        """Read the profile list first: it needs no docker, and without a profile the rest is short."""
        listed = self._minikube(["profile", "list", "-l", "-o", "json"])
        found = parse_profile_list(listed.stdout, self.profile)
        node = self._node()
        status = None
        if found.profile is not None and node is not None:
            status = parse_status(self._minikube(["status", "-p", self.profile, "-o", "json"]).stdout)
        gpus = None
        if status is not None and status.works:
            answer = self._kubectl("get nodes -o json")
            gpus = allocatable_gpus(answer.stdout, self.profile) if answer.rc == 0 else None
        return Actual(found.profile, found.leftover, self.mark.exists(), status, node, gpus, self.mark.noted())

    def settle(self, actual: Actual) -> None:
        """Take away the mark of a cluster that works: once it is stopped, the mark would have it deleted."""
        if actual.creating and actual.state == HEALTHY:
            self.mark.remove()

    def _kubectl(self, words: str) -> Outcome:
        """The node's own kubectl: it is always there, and of the right version."""
        script = (
            f'set -- /var/lib/minikube/binaries/*/kubectl; exec "$1" --kubeconfig=/etc/kubernetes/admin.conf {words}'
        )
        return self.runner.run(["docker", "exec", self.profile, "/bin/sh", "-c", script], READ)

    def _minikube(self, words: Sequence[str], timeout: float = READ) -> Outcome:
        result = self.runner.run([self.executable, *words], timeout)
        if result.timed_out:
            raise MinikubeError(f"minikube {' '.join(words[:2])} did not end within {timeout:.0f} s")
        return result

    def _node(self) -> Node | None:
        result = self.runner.run(["docker", "inspect", "--type", "container", self.profile], READ)
        if result.rc == 0:
            return parse_inspect(result.stdout)
        said = result.stderr.lower()
        if "no such" in said:
            return None
        rc = 69 if "permission denied" in said else 63
        raise MinikubeError(explain("(docker inspect)", rc, "", result.stderr))

    def apply(self, plan: Plan, wanted: Wanted) -> Actual:
        """Run the plan, then look again: an exit status of 0 alone proves nothing."""
        if plan.deletes:
            self.refuse_while_busy(plan.before)
        for action in plan.actions:
            self._run(action, wanted)
        after = self.observe()
        if after.state == HEALTHY:
            self.mark.remove()
        elif wanted.state == "started":
            raise MinikubeError(f"the cluster is {after.state} although every command succeeded; see `minikube logs`")
        return after

    def refuse_while_busy(self, before: str) -> None:
        """A cluster is never deleted under a GPU job. One that never came to work has none: there, silence is fine."""
        node = self._node()
        if node is None or not node.runs:
            return
        result = self._kubectl("get pods -A -o json")
        pods = gpu_pods(result.stdout) if result.rc == 0 else None
        if pods is None and before != HALF_MADE:
            raise MinikubeError(
                "the cluster is not deleted: whether GPU jobs run could not be read. Do: run with recreate: never, "
                f"which starts it again, or delete it yourself. kubectl said: {result.stderr[:300]}"
            )
        if pods:
            raise MinikubeError(
                f"the cluster is not deleted: pods hold GPUs: {', '.join(pods)}. Do: wait for them, then run again"
            )

    def _run(self, action: Action, wanted: Wanted) -> None:
        if action.name == "create":
            self.mark.write()
        limit = STOP if action.name in ("stop", "delete") else self.timeout
        result = self.runner.run([self.executable, *arguments(action, wanted)], limit)
        if action.name == "create":
            self._created(result.rc == 0)
        events = parse_events(result.stdout)
        self.steps += [str(action), *summary(events)]
        if result.timed_out:
            raise MinikubeError(f"minikube {action} did not end within {limit:.0f} s, at step {last_step(events)}")
        if result.rc != 0:
            end = fatal(events)
            name, message = (end.name, end.message) if end else from_text(result.stderr or result.stdout)
            raise MinikubeError(
                explain(str(action), result.rc, name, f"{message} {end.data.get('advice', '') if end else ''}")
            )
        if action.name == "delete":
            self.mark.remove()

    def _created(self, worked: bool) -> None:
        """The mark goes once the cluster works; after a failure it tells ours from a container that comes later."""
        if worked:
            self.mark.remove()
            return
        with contextlib.suppress(MinikubeError):  # no docker, no container
            node = self._node()
            self.mark.note(node.id if node else "")


def describe(actual: Actual) -> dict[str, Any]:
    """What the module returns about the cluster, and one half of its diff."""
    found: dict[str, Any] = {"state": actual.state}
    if actual.profile is not None:
        found.update(actual.profile.to_dict())
    if actual.node is not None:
        found["node"] = {
            "status": actual.node.status,
            "started_at": actual.node.started_at,
            "gpus": actual.node.has_gpus,
            "allocatable_gpus": actual.gpus,
        }
    return found


def predict(plan: Plan, wanted: Wanted, before: dict[str, Any]) -> dict[str, Any]:
    """The other half of the diff, in check mode."""
    if not plan.changed:
        return before
    if wanted.state == "absent":
        return {"state": "absent"}
    if wanted.state == "stopped":
        return {**before, "state": "stopped"}
    made = any(action.name == "create" for action in plan.actions)
    fresh = {
        "profile": wanted.profile,
        "driver": wanted.driver,
        "container_runtime": wanted.container_runtime,
        "gpus": wanted.gpus,
        "cpus": wanted.cpus,
        "memory_mib": wanted.memory_mib,
        "kubernetes_version": wanted.kubernetes_version,
    }
    addons = {addon.name: addon.enabled for addon in wanted.addons}
    on = (set() if made else set(before.get("addons", []))) | {name for name, enabled in addons.items() if enabled}
    on -= {name for name, enabled in addons.items() if not enabled}
    return {**({} if made else before), **(fresh if made else {}), "state": HEALTHY, "addons": sorted(on)}
