# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that can't be pulled: a tag that does not exist, and a registry that asks for credentials."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import http.client
import json
import secrets
import socket
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import config, engine, processes

from .conftest import LabHost, Run, Secret, wait_for

SILENT = f"{config.REGISTRY}/{config.TOOLS_IMAGE}"  # its shell ends at once, and well
ABSENT = f"{config.REGISTRY}/gpu-launch-lab/job:no-such-tag"
WAITS = ("ErrImagePull", "ImagePullBackOff")
NAME = "private-registry"
USER = "puller"


@pytest.fixture(scope="module", autouse=True)
def silent(host: LabHost, play: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run whose container never reports to the server: the agent waits a minute for that, beside the other tests."""
    return submitted(play, tmp_path_factory.mktemp("silent"), SILENT)


def submitted(play: Callable[..., Run], folder: Path, image: str) -> dict[str, Any]:
    """Submit a run of this image through the queue and don't wait for it."""
    result = folder / "runs.json"
    extra = {"submit_image": image, "submit_wait": False, "submit_result_file": str(result)}
    done = play("playbooks/submit.yml", extra=extra)
    assert done.rc == 0, done.output
    (run,) = json.loads(result.read_text(encoding="utf-8"))
    return dict(run)


# -- a tag that does not exist -----------------------------------------------------------------------------------------
def test_run_with_an_image_that_does_not_exist_holds_on_until_its_job_is_deleted(
    host: LabHost, play: Callable[..., Run], tmp_path: Path
) -> None:
    """Nothing gives such a run up by itself; once its Job is gone the agent reports it as failed, after a minute."""
    run = submitted(play, tmp_path, ABSENT)
    label = f"-l wandb.ai/run-id={run['run_id']}"
    try:
        wait_for("a pod of the run", lambda: bool(host.kubectl(f"get jobs -A {label} -o name")), 60)
        (job,) = json.loads(host.kubectl(f"get jobs -A {label} -o json"))["items"]
        space, name = job["metadata"]["namespace"], job["metadata"]["name"]
        wait_for("a failed pull", lambda: waits_for_image(host, f"-n {space} -l job-name={name}"), 90)
        assert item(run)["state"] == "CLAIMED", item(run)
    finally:
        host.kubectl(f"delete jobs -A {label} --ignore-not-found --wait=false", check=False)
    wait_for("the agent to give the run up", lambda: item(run)["state"] == "FAILED", 180)
    assert "not successfully started" in item(run)["error"]["message"], item(run)


def waits_for_image(host: LabHost, pods: str) -> bool:
    reason = host.kubectl(
        f"get pods {pods} -o jsonpath='{{.items[*].status.containerStatuses[*].state.waiting.reason}}'"
    )
    return reason in WAITS


def item(run: dict[str, Any]) -> dict[str, Any]:
    with urllib.request.urlopen(f"{config.WANDB_URL}/_control/state", timeout=10) as answer:
        items: dict[str, dict[str, Any]] = json.load(answer)["items"]
    return items[run["item_id"]]


# -- credentials -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Registry:
    """A registry with a password, under the address at which the node trusts it without TLS."""

    image: str
    address: str
    password: Secret


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((config.GATEWAY, 0))
        return int(probe.getsockname()[1])


def bcrypt(password: str) -> str:
    """The C library's own: Python has none any more, and htpasswd would be one more package."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    made = library.crypt(password.encode(), b"$2b$05$" + secrets.token_hex(11).encode())
    assert made is not None, "libcrypt knows no bcrypt"
    return bytes(made).decode()


@contextlib.contextmanager
def registry_with_password(port: int, password: Secret, folder: Path) -> Iterator[None]:
    """The lab's registry program once more, over the same images, read only and with a password."""
    users, settings = folder / "htpasswd", folder / "registry.yml"
    users.write_text(f"{USER}:{bcrypt(password)}\n", encoding="utf-8")
    content = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(config.cache_dir() / "registry-data")},
            "maintenance": {"readonly": {"enabled": True}},
        },
        "http": {"addr": f"{config.GATEWAY}:{port}"},
        "auth": {"htpasswd": {"realm": "lab", "path": str(users)}},
    }
    settings.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    program = str(engine.programs() / "docker-registry")
    processes.stop(NAME)  # of an interrupted run
    try:
        processes.start(NAME, [program, "serve", str(settings)], str(settings), {"OTEL_TRACES_EXPORTER": "none"})
        up = processes.wait_until(lambda: status(port) == 401, 20)
        assert up, processes.tail(NAME)
        yield
    finally:
        processes.stop(NAME)


def status(port: int) -> int:
    connection = http.client.HTTPConnection(config.GATEWAY, port, timeout=5)
    try:
        connection.request("GET", "/v2/")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.fixture(scope="module")
def registry(host: LabHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Behind a Service: minikube trusts the cluster's own service network without TLS, and no other new address."""
    port, password = free_port(), Secret(secrets.token_urlsafe(24))
    objects: list[dict[str, Any]] = [
        {"kind": "Service", "spec": {"ports": [{"port": 5000, "targetPort": port}]}},
        {
            "kind": "EndpointSlice",
            "addressType": "IPv4",
            "endpoints": [{"addresses": [config.GATEWAY]}],
            "ports": [{"port": port}],
        },
    ]
    meta = {"name": NAME, "namespace": "default", "labels": {"kubernetes.io/service-name": NAME}}
    versions = {"Service": "v1", "EndpointSlice": "discovery.k8s.io/v1"}
    items = [{"apiVersion": versions[one["kind"]], "metadata": meta, **one} for one in objects]
    with registry_with_password(port, password, tmp_path_factory.mktemp("registry")):
        try:
            host.kubectl("apply -f -", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
            address = host.kubectl(f"get service {NAME} -o jsonpath='{{.spec.clusterIP}}'") + ":5000"
            yield Registry(f"{address}/{config.TOOLS_IMAGE}", address, password)
        finally:
            host.kubectl(f"delete service,endpointslice,secret,pod {NAME} --ignore-not-found --wait=false", check=False)


def pod(host: LabHost, image: str, **spec: object) -> None:
    """A pod that ends at once, made anew."""
    host.kubectl(f"delete pod {NAME} --ignore-not-found --wait")
    container = {"name": "job", "image": image, "imagePullPolicy": "Always", "command": ["sh", "-c", "true"]}
    wanted = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": NAME, "namespace": "default", "labels": {"test": NAME}},
        "spec": {"restartPolicy": "Never", "containers": [container], **spec},
    }
    host.kubectl("apply -f -", stdin=json.dumps(wanted))


def test_without_credentials_the_pull_is_refused(host: LabHost, registry: Registry) -> None:
    pod(host, registry.image)
    wait_for("a refused pull", lambda: waits_for_image(host, f"-n default -l test={NAME}"), 60)
    events = host.kubectl(f"get events --field-selector involvedObject.name={NAME} -o jsonpath='{{.items[*].message}}'")
    assert "no basic auth credentials" in events or "unauthorized" in events, events


def test_with_a_pull_secret_the_pod_runs(host: LabHost, registry: Registry) -> None:
    login = base64.b64encode(f"{USER}:{registry.password}".encode()).decode()
    config_json = Secret(json.dumps({"auths": {registry.address: {"auth": login}}}))
    file = f"/root/{NAME}.json"
    try:
        host.sh(f"umask 077; cat > {file}; stat -c %a {file} | grep -qx 600", stdin=config_json)
        host.kubectl(f"delete secret {NAME} --ignore-not-found")
        host.kubectl(
            f"create secret generic {NAME} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson={file}"
        )
    finally:
        host.sh(f"rm -f {file}")
    pod(host, registry.image, imagePullSecrets=[{"name": NAME}])
    host.kubectl(f"wait pod/{NAME} --for=jsonpath='{{.status.phase}}'=Succeeded --timeout=60s")


# -- a run that says nothing -------------------------------------------------------------------------------------------
def test_run_that_ends_well_without_a_report_is_failed(silent: dict[str, Any]) -> None:
    """The end of the container is not taken for the end of the run."""
    wait_for("the agent to give the run up", lambda: item(silent)["state"] == "FAILED", 150)
    assert "failed to call wandb.init" in item(silent)["error"]["message"], item(silent)
