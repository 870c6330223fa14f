# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is there and what is wanted to the commands to run. Pure: check mode, diff and the real run all use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..lean_dataclass import dataclass
from .errors import MinikubeError
from .profile import Profile, normal_gpus
from .status import Node, Status
from .wanted import Addon, Wanted

ABSENT, HALF_MADE, STOPPED, BROKEN, HEALTHY = "absent", "half_made", "stopped", "broken", "healthy"
FOREIGN = "foreign"  # the name is taken by a container that was not made from this home


@dataclass(frozen=True)
class Actual:
    """Everything that was read about one profile."""

    profile: Profile | None = None
    leftover: bool = False  # minikube lists the name without a configuration
    creating: bool = False  # an earlier run of this module began to create it and did not come to the end
    status: Status | None = None
    node: Node | None = None
    gpus: int | None = None  # what the scheduler may hand out; None when the API server was not asked
    left: str | None = None  # container that a failed creation left, "" for none; None when it could not say

    @property
    def foreign(self) -> str:
        """Why the container is not this home's. `minikube delete` goes by the name alone and would take it away."""
        if self.node is None:
            return ""
        if not self.node.is_minikube:
            return "is not minikube's"
        if self.profile is None:  # minikube writes the profile before the container, and deletes the container first
            return "belongs to another minikube: this home has no such profile"
        if self.creating and self.left is not None and self.left != self.node.id:
            return "belongs to another minikube: it came after the creation from this home had failed"
        return ""

    @property
    def state(self) -> str:
        """One word. A cluster that once worked is never called half made: that state is deleted without a question."""
        if self.foreign:
            return FOREIGN
        if self.status is not None and self.status.works:
            return HEALTHY
        if self.profile is None:
            return HALF_MADE if self.leftover else ABSENT
        if self.creating or (self.node is not None and not self.node.ever_started):
            return HALF_MADE
        if self.status is not None and self.status.host == "Running":
            return BROKEN
        return STOPPED


@dataclass(frozen=True)
class Drift:
    """One thing in which an existing profile differs; `start` would ignore it."""

    name: str
    found: Any
    wanted: Any

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the result of the module."""
        return {"name": self.name, "found": self.found, "wanted": self.wanted}


@dataclass(frozen=True)
class Action:
    """One command of minikube: its name, and the addon that it is about."""

    name: str
    addon: Addon | None = None

    def __str__(self) -> str:
        """As it is shown in results."""
        return f"{self.name} {self.addon.name}" if self.addon else self.name


@dataclass(frozen=True)
class Plan:
    """What to run, and what differs without being run."""

    before: str
    actions: tuple[Action, ...]
    drift: tuple[Drift, ...] = ()

    @property
    def changed(self) -> bool:
        """Drift alone changes nothing."""
        return bool(self.actions)

    @property
    def deletes(self) -> bool:
        """Whether a cluster that may hold work is taken away in order to be made anew."""
        return any(a.name == "delete" for a in self.actions) and any(a.name == "create" for a in self.actions)


def find_drift(profile: Profile, node: Node | None, wanted: Wanted) -> tuple[Drift, ...]:
    """Compare a profile with the inputs, after both were brought into one shape."""
    rows: list[tuple[str, Any, Any]] = [
        ("driver", profile.driver, wanted.driver),
        ("container_runtime", profile.container_runtime, wanted.container_runtime),
        ("gpus", _real_gpus(profile, node), normal_gpus(wanted.gpus)),
    ]
    optional: list[tuple[str, Any, Any]] = [
        ("cpus", profile.cpus, wanted.cpus),
        ("memory_mib", profile.memory_mib, wanted.memory_mib),
        ("kubernetes_version", profile.kubernetes_version, wanted.exact_version),
        ("base_image", _like(profile.base_image, wanted.base_image), wanted.base_image),
        ("image_repository", profile.image_repository, wanted.image_repository),
    ]
    rows += [row for row in optional if row[2]]
    for name, found, asked in (
        ("insecure_registries", profile.insecure_registries, wanted.insecure_registries),
        ("registry_mirrors", profile.registry_mirrors, wanted.registry_mirrors),
    ):
        if not set(asked) <= set(found):
            rows.append((name, sorted(found), sorted(asked)))
    return tuple(Drift(*row) for row in rows if row[1] != row[2] and row[0] not in wanted.ignore_drift)


def _real_gpus(profile: Profile, node: Node | None) -> str:
    """The container is the second witness: a profile may say GPUs where the node has none."""
    if node is not None and profile.gpus == "all" and not node.has_gpus:
        return "none"
    return profile.gpus


def _like(found: str, wanted: str) -> str:
    return found if "@" in wanted else found.partition("@")[0]


def addon_actions(profile: Profile | None, addons: Sequence[Addon]) -> list[Action]:
    """Addons that differ. Others are nobody's business."""
    actions = []
    for addon in addons:
        on = profile is not None and profile.addons.get(addon.name, False)
        if addon.enabled and not (on and profile is not None and _same_images(profile, addon)):
            actions.append(Action("enable", addon))
        elif not addon.enabled and on:
            actions.append(Action("disable", addon))
    return actions


def _same_images(profile: Profile, addon: Addon) -> bool:
    images = all(profile.addon_images.get(key) == image for key, image in addon.images.items())
    return images and all(
        profile.addon_registries.get(key, "").rstrip("/") == registry for key, registry in addon.registries.items()
    )


def make_plan(actual: Actual, wanted: Wanted) -> Plan:
    """The states of a cluster and the three that one may want."""
    state = actual.state
    if wanted.state == "absent":
        return Plan(state, () if state in (ABSENT, FOREIGN) else (Action("delete"),))
    if state == FOREIGN:
        raise MinikubeError(
            f"container {wanted.profile} {actual.foreign}. Do: choose another profile (minikube_gpu_profile), "
            "or remove that container where nobody needs it"
        )
    if wanted.state == "stopped":
        return Plan(state, (Action("stop"),) if state in (HEALTHY, BROKEN) else ())
    fresh = [Action("create"), *addon_actions(None, wanted.addons)]
    if state == ABSENT:
        return Plan(state, tuple(fresh))
    if state == HALF_MADE or actual.profile is None:
        return Plan(state, (Action("delete"), *fresh))
    drift = find_drift(actual.profile, actual.node, wanted)
    if drift and wanted.recreate == "when_drifted":
        return Plan(state, (Action("delete"), *fresh), drift)
    actions = [] if state == HEALTHY else [Action("start")]
    if state == HEALTHY and actual.status is not None and actual.status.kubeconfig != "Configured":
        actions.append(Action("update-context"))
    return Plan(state, (*actions, *addon_actions(actual.profile, wanted.addons)), drift)
