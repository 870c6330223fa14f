# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's inventory: the group's inputs from a template with what was built, and the demo's host."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import config, services
from .processes import LabError

TEMPLATE = config.FILES / "inventory" / "gpu_node.yml"
DEMO_HOST = "labhost"
GROUP = "gpu_node"
MARK = re.compile(r"@([A-Z_]+)@")
HOSTS = """---
# SPDX-License-Identifier: GPL-3.0-or-later
all:
  children:
    {group}:
      hosts:
{hosts}
"""


def values(checksums: Mapping[str, str]) -> dict[str, str]:
    """What the marks of the template stand for."""
    return {
        "DOCKER_SOCKET": str(config.DOCKER_SOCKET),
        "REGISTRY": config.REGISTRY,
        "HTTP_URL": config.HTTP_URL,
        "WANDB_URL": config.WANDB_URL,
        "TOOLKIT": config.TOOLKIT,
        "APT_KEY_FINGERPRINT": checksums["apt_key_fingerprint"],
        "TOOLS_IMAGE": config.TOOLS_IMAGE,
        "MINIKUBE": config.MINIKUBE,
        "SUM_MINIKUBE": checksums["minikube"],
        "KUBERNETES": config.KUBERNETES,
        "SUM_CLUSTER": checksums["cluster.tar"],
        "NODE_IMAGE": config.NODE_IMAGE,
        "DEVICE_PLUGIN_IMAGE": config.DEVICE_PLUGIN_IMAGE,
        "GPU_COUNT": str(config.GPU_COUNT),
        "API_KEY_FILE": str(services.api_key_file()),
        "ENTITY": services.ENTITY,
    }


def render(template: str, known: Mapping[str, str]) -> str:
    """The template with its marks filled in; an unknown mark is an error, not an empty text."""
    unknown = sorted(set(MARK.findall(template)) - set(known))
    if unknown:
        raise LabError(f"{TEMPLATE.name}: no value for {', '.join(unknown)}")
    return MARK.sub(lambda match: known[match.group(1)], template)


def read_checksums() -> dict[str, str]:
    """Sums of what is built; zeros for what isn't: the first hosts can come up while the rest is being built."""
    path = config.cache_dir() / "checksums.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = {"apt_key_fingerprint": "0" * 40, "minikube": "0" * 64, "cluster.tar": "0" * 64}
    return {**missing, **found}


def write(place: Path | None = None, hosts: Sequence[str] = (DEMO_HOST,)) -> Path:
    """Writes hosts.yml and group_vars/gpu_node.yml, and returns their folder."""
    place = place or config.inventory_dir()
    (place / "group_vars").mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"        {name}:" for name in hosts)
    _replace(place / "hosts.yml", HOSTS.format(group=GROUP, hosts=lines))
    text = render(TEMPLATE.read_text(encoding="utf-8"), values(read_checksums()))
    _replace(place / "group_vars" / f"{GROUP}.yml", text)
    return place


def _replace(path: Path, text: str) -> None:
    """In one step: a play may read it at this moment."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
