# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's configuration file: what release 0.31 accepts, and what it lets pass although it does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import LaunchInputError
from .queue import check_name
from .tree import child, plain

ENVIRONMENTS = {"aws", "gcp", "azure"}
REGISTRIES = {"ecr", "acr", "gcr"}
BUILDERS = {"docker", "kaniko", "noop"}
PLATFORMS = {"linux/amd64", "linux/arm64"}
BUILDER_KEYS = (
    "type",
    "destination",
    "platform",
    "build-context-store",
    "build-job-name",
    "secret-name",
    "secret-key",
    "kaniko-image",
    "kaniko-config",
)
_INTEGERS = {"max_jobs": -1, "max_schedulers": -1, "stopped_run_timeout": 0, "verbosity": 0}
KEYS = ("queues", "entity", *_INTEGERS, "secure_mode", "environment", "registry", "builder")


def read_agent_config(data: Any, path: str = "") -> dict[str, Any]:
    """Return the configuration as plain data, checked.

    Raises:
        LaunchInputError: an unknown key (the agent exits on it; of a builder it lets it pass), a wrong type or value.
    """
    config = plain(data, path)
    if not isinstance(config, dict):
        raise LaunchInputError(path, "the agent's configuration is a mapping")
    _known(config, KEYS, path)
    if not isinstance(config.get("entity"), str) or not config["entity"]:
        raise LaunchInputError(child(path, "entity"), "is needed")
    _queues(config.get("queues"), child(path, "queues"))
    for key, lowest in _INTEGERS.items():
        _integer(config.get(key, lowest), lowest, child(path, key))
    if config.get("verbosity", 0) > 2:
        raise LaunchInputError(child(path, "verbosity"), "is 0, 1 or 2")
    if not isinstance(config.get("secure_mode", False), bool):
        raise LaunchInputError(child(path, "secure_mode"), "is true or false")
    _environment(config.get("environment"), child(path, "environment"))
    _typed(config.get("registry"), REGISTRIES, ("type", "uri"), child(path, "registry"))
    _typed(config.get("builder"), BUILDERS, BUILDER_KEYS, child(path, "builder"))
    platform = (config.get("builder") or {}).get("platform")
    if platform is not None and platform not in PLATFORMS:
        raise LaunchInputError(child(path, "builder.platform"), f"is one of {', '.join(sorted(PLATFORMS))}")
    return config


def _known(given: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise LaunchInputError(child(path, unknown[0]), f"unknown key; known are {', '.join(known)}")


def _queues(queues: Any, path: str) -> None:
    if not isinstance(queues, list) or not queues:
        raise LaunchInputError(path, "names at least one queue")
    for position, name in enumerate(queues):
        check_name(name, child(path, position))
        if name in queues[:position]:
            raise LaunchInputError(child(path, position), f"'{name}' is named twice")


def _integer(value: Any, lowest: int, path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
        unlimited = " (-1 is unlimited)" if lowest == -1 else ""
        raise LaunchInputError(path, f"{value!r} is not an integer of at least {lowest}{unlimited}")


def _typed(given: Any, types: set[str], keys: tuple[str, ...], path: str) -> None:
    if given is None:
        return
    if not isinstance(given, dict):
        raise LaunchInputError(path, "must be a mapping")
    _known(given, keys, path)
    if given.get("type") is not None and given["type"] not in types:
        raise LaunchInputError(child(path, "type"), f"{given['type']!r} is not one of {', '.join(sorted(types))}")


def _environment(given: Any, path: str) -> None:
    _typed(given, ENVIRONMENTS, ("type", "region"), path)
    if given is not None and not isinstance(given.get("region"), str):
        raise LaunchInputError(child(path, "region"), "is needed, for azure, too")
