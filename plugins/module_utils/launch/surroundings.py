# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is around a run: GPUs of the node, image and its user, the W&B server; and where a config doesn't fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from .base_url import is_loopback
from .errors import LaunchInputError
from .findings import ERROR, WARNING, Finding
from .job import API_VERSIONS
from .placeholders import PLACEHOLDER
from .run import Run
from .shapes import CONTAINER_KEYS
from .tree import Place, child
from .variables import Variable

GPU = "nvidia.com/gpu"
ROOT = ("root", "0")
_REPLACED = "spec.template.spec.containers[0].image"  # the submitted image takes its place


@dataclass(frozen=True)
class Surroundings:
    """What the caller knows; None and an empty text mean that it isn't known."""

    gpus_per_node: int | None = None
    image_user: str = ""
    variables: Mapping[str, Variable] = field(default_factory=dict)

    @classmethod
    def from_inputs(cls, gpus_per_node: Any, image_user: Any, variables: Mapping[str, Variable]) -> Surroundings:
        """Check what was given.

        Raises:
            LaunchInputError: a number of GPUs that is none, or a user that isn't text.
        """
        if gpus_per_node is not None and (not _is_whole(gpus_per_node) or gpus_per_node < 0):
            raise LaunchInputError("gpus_per_node", "must be the number of GPUs that a node has")
        if image_user is not None and not isinstance(image_user, str):
            raise LaunchInputError("image_user", "must be text: root, or the name or number of the user")
        user = (image_user or "").split(":")[0]
        return cls(gpus_per_node=gpus_per_node, image_user=user, variables=variables)


def fit(config: dict[str, Any], places: list[Place], run: Run | None, around: Surroundings) -> list[Finding]:
    """Return the findings on what doesn't fit; the places are those of the config."""
    found = [*_base_url(run), *_run_image(run), *_images(config, places)]
    if around.gpus_per_node is not None:
        found.extend(_gpus(places, around.gpus_per_node, around.variables))
    if around.image_user and around.image_user not in ROOT:
        found.extend(_cache(places, around.image_user))
    return found


def _base_url(run: Run | None) -> Iterator[Finding]:
    if run and is_loopback(run.base_url):
        message = f"pods get {run.base_url} as the server's address, and talk to themselves"
        fix = "give the agent an address that pods reach, for example https://api.wandb.ai"
        yield Finding("AGT004", ERROR, "run.base_url", message, fix)


def _moves(image: str) -> bool:
    name = image.rsplit("/", 1)[-1]
    return "@" not in name and (":" not in name or name.endswith(":latest"))


def _image(image: str, path: str) -> Iterator[Finding]:
    if image and "${" not in image and "{{" not in image and _moves(image):
        message = f"{image[:80]} names no fixed version: the same run can be another program tomorrow"
        yield Finding("AGT043", WARNING, path, message, "give a tag other than latest, or a digest")


def _run_image(run: Run | None) -> Iterator[Finding]:
    if run:
        yield from _image(run.image, "run.image")


def _images(config: dict[str, Any], places: list[Place]) -> Iterator[Finding]:
    is_job = config.get("apiVersion", "batch/v1") in API_VERSIONS
    for place in places:
        if place.key == "image" and isinstance(place.value, str) and not (is_job and place.path == _REPLACED):
            yield from _image(place.value, place.path)


def _cache(places: list[Place], user: str) -> Iterator[Finding]:
    for place in places:
        if place.key == "mountPath" and f"{place.value}/".startswith("/root/"):
            message = f"{place.value} is in the home of root, and the image runs as {user}: it never looks there"
            fix = "mount it at .cache in the home of the image's user, where Hugging Face and W&B keep their caches"
            yield Finding("AGT044", WARNING, place.path, message, fix)


def _gpus(places: list[Place], there: int, variables: Mapping[str, Variable]) -> Iterator[Finding]:
    for place in places:
        if place.key in CONTAINER_KEYS and isinstance(place.value, list):
            asked = [_asked(entry, variables) for entry in place.value]
            total = sum(asked) if place.key == "containers" else max(asked, default=0)
            if total > there:
                message = f"a pod can ask for {total} GPUs, and a node has {there}: it is never scheduled"
                path = child(place.path, asked.index(total)) if total in asked else place.path
                fix = f"ask for at most {there} GPUs, also by the maximum of a template variable"
                yield Finding("AGT008", ERROR, path, message, fix)


def _asked(container: Any, variables: Mapping[str, Variable]) -> int:
    """Return the largest number of GPUs that a container can ask for; 0 where that can't be told."""
    resources = container.get("resources") if isinstance(container, dict) else None
    limits = resources.get("limits") if isinstance(resources, dict) else None
    asked = limits.get(GPU) if isinstance(limits, dict) else None
    if isinstance(asked, str):
        whole = PLACEHOLDER.fullmatch(asked.strip())
        if whole and whole.group(1) in variables:
            return _largest(variables[whole.group(1)])
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    return asked if isinstance(asked, int) and _is_whole(asked) else 0


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _largest(variable: Variable) -> int:
    limit = max(variable.enum, default=variable.maximum) if variable.type != "string" else None
    limit = variable.default if limit is None else limit
    return int(limit) if isinstance(limit, (int, float)) else 0
