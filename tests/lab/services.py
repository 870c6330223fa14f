# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab hosts reach at the gateway: files by HTTP, an image registry, the W&B stand-in. Plain processes."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import artifacts, config, engine, processes
from .builder import BuildError
from .processes import LabError

KEY_BYTES = 30  # 40 characters, the least that wandb's clients accept
IMAGES = {  # in the registry -> archive of the artifact registry-images
    config.DEVICE_PLUGIN_IMAGE: "device-plugin.tar",
    config.TOOLS_IMAGE: "tools.tar",
    config.JOB_IMAGE: "job.tar",
}
ENTITY = "team-a"
USER = "alex"


@dataclass(frozen=True)
class Service:
    """One process, and the request that shows its health."""

    name: str
    port: int
    health: str
    command: Callable[[], list[str]]
    marker: str
    environment: Mapping[str, str] = field(default_factory=dict)


def api_key_file() -> Path:
    """The one API key that the W&B stand-in accepts; made once per cache."""
    path = config.cache_dir() / "wandb-api-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(KEY_BYTES))
    return path


def _http() -> list[str]:
    folder = config.www_dir()
    folder.mkdir(parents=True, exist_ok=True)  # it fills up while things are built
    return [sys.executable, "-m", "tests.lab.static_server", config.GATEWAY, str(config.HTTP_PORT), str(folder)]


def _registry() -> list[str]:
    settings = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(config.cache_dir() / "registry-data")},
            "delete": {"enabled": True},
        },
        "http": {"addr": config.REGISTRY},
    }
    path = config.RUN_DIR / "registry.yml"
    path.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    return [str(engine.programs() / "docker-registry"), "serve", str(path)]


def _wandb() -> list[str]:
    options = {
        "--host": config.GATEWAY,
        "--port": config.WANDB_PORT,
        "--entity": ENTITY,
        "--username": USER,
        "--api-key-file": api_key_file(),
        "--state": config.RUN_DIR / "wandb-state.json",
        "--log-dir": config.RUN_DIR / "log" / "wandb",
    }
    return [sys.executable, "-m", "tests.lab.wandb_server", *(str(part) for pair in options.items() for part in pair)]


SERVICES = (
    Service("http", config.HTTP_PORT, "/", _http, "tests.lab.static_server"),
    Service("registry", config.REGISTRY_PORT, "/v2/", _registry, "registry.yml", {"OTEL_TRACES_EXPORTER": "none"}),
    Service("wandb", config.WANDB_PORT, "/_control/state", _wandb, "tests.lab.wandb_server"),
)


def request(port: int, path: str, method: str = "GET", timeout: float = 5.0) -> int:
    """HTTP status of a request to one of the services; 0 when nobody answers."""
    connection = http.client.HTTPConnection(config.GATEWAY, port, timeout=timeout)
    accept = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json, */*"
    try:
        connection.request(method, path, headers={"Accept": accept})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def healthy(service: Service) -> bool:
    """Whether the service runs and answers."""
    return processes.find(service.name) is not None and request(service.port, service.health) == 200


def start(say: Callable[[str], None] = print) -> None:
    """Starts what does not run, then pushes the lab's images into the registry, if they aren't there."""
    for service in SERVICES:
        _start(service)
    push_images(say)


def _start(service: Service) -> None:
    if healthy(service):
        return
    if processes.find(service.name) is None and request(service.port, "/"):
        raise LabError(
            f"{config.GATEWAY}:{service.port} is taken by another process; the lab needs it for {service.name}"
        )
    processes.start(service.name, service.command(), service.marker, service.environment)
    up = processes.wait_until(lambda: healthy(service) or not processes.find(service.name), 20)
    if not up or not healthy(service):
        log = processes.log_path(service.name)
        raise LabError(f"service {service.name} does not answer; the end of {log}:\n{processes.tail(service.name)}")


def stop() -> list[str]:
    """Ends the services; names of those that ran."""
    return [service.name for service in reversed(SERVICES) if processes.stop(service.name, patience=5)]


# -- the registry's images ---------------------------------------------------------------------------------------------
def pushed_file() -> Path:
    """Which archive each image of the registry came from."""
    return config.cache_dir() / "registry-data" / "pushed.json"


def push_images(say: Callable[[str], None] = print) -> None:
    """Pushes the images that the roles pull; those of a rebuilt archive are pushed again."""
    path = pushed_file()
    pushed = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    try:
        folder = artifacts.path("registry-images")
    except BuildError:
        say("registry: without the lab's images, which are not built: `python3 -m tests.lab build`")
        return
    for image, file in IMAGES.items():
        source = str(folder / file)
        name, tag = image.rsplit(":", 1)
        if pushed.get(image) == source and request(config.REGISTRY_PORT, f"/v2/{name}/manifests/{tag}") == 200:
            continue
        say(f"registry: push {image}")
        engine.docker("load", "--quiet", "--input", source)
        target = f"{config.REGISTRY}/{image}"
        engine.docker("tag", image, target)
        engine.docker("push", "--quiet", target)
        engine.docker("rmi", target, image, check=False)  # the lab hosts pull; nothing of it is used here
        pushed[image] = source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(pushed, indent=1), encoding="utf-8")
