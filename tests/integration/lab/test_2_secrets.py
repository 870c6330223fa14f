# SPDX-License-Identifier: GPL-3.0-or-later
"""The API key and the cluster's client key are in the files that need them, readable for one user, and nowhere else.

A failing test must not show them either: they go to the host by standard input, live in objects that print as nothing,
and what is asserted are the names of those that were found.
"""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Callable, Mapping

import pytest

from tests.lab import config, services

from .conftest import HOST, KUBECONFIG, ROOT, LabHost, Run, Secret, wait_for


@pytest.fixture(scope="module")
def key() -> Secret:
    text = services.api_key_file().read_text(encoding="utf-8").strip()
    assert len(text) >= 40
    return Secret(text)


@pytest.fixture(scope="module")
def secrets(host: LabHost, key: Secret) -> Mapping[str, Secret]:
    """What must not be found, by a name that may be shown."""
    found = re.search(r"client-key-data: (\S+)", host.sh(f"cat {KUBECONFIG}"))
    data = Secret(found.group(1)) if found else Secret("")
    lines = [Secret(line) for line in base64.b64decode(data).decode().splitlines()]
    usable = len(lines) > 4  # the first line of every such key is the same
    assert usable, f"{KUBECONFIG} has no client key"
    return {"API key": key, "client key in base64": data, "a line of the client key": lines[3]}


def names_in(text: str, secrets: Mapping[str, Secret]) -> list[str]:
    return [name for name, value in secrets.items() if value in text]


def without(text: str, secrets: Mapping[str, Secret]) -> str:
    for name, value in secrets.items():
        text = text.replace(value, f"<{name}>")
    return text


def test_no_secret_is_in_verbose_output_even_when_the_agent_is_configured_again(
    host: LabHost, play: Callable[..., Run], secrets: Mapping[str, Secret]
) -> None:
    host.sh("find /etc/mlinfra.gpu_launch/launch_agent -type f -delete; rm -f /var/lib/wandb-launch/.kube/config")
    done = play("site.yml", "-vvv", "--diff")
    assert done.rc == 0, without(done.output, secrets)[-4000:]
    assert sum(done.changed.values()) > 0, "the run was meant to write key and kubeconfig again"
    found = names_in(done.output, secrets)
    assert found == [], "in the output of ansible-playbook -vvv --diff"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("ps axww -o args", id="process arguments"),
        pytest.param(
            "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ || true; done 2>/dev/null",
            id="environment of every process",
        ),
        pytest.param("journalctl --no-pager", id="journal"),
        pytest.param("systemctl show 'wandb-launch-agent*'; systemctl cat 'wandb-launch-agent*'", id="units"),
        pytest.param("cat /var/lib/mlinfra.gpu_launch/ledger/*", id="ledger"),
    ],
)
def test_no_secret_is_in(host: LabHost, secrets: Mapping[str, Secret], script: str) -> None:
    output = Secret(host.sh(script))
    said = len(output) > 20
    assert said, "the probe itself must say something"
    found = names_in(output, secrets)
    assert found == [], f"in what this prints: {script}"


def test_files_with_the_api_key_are_for_their_owner_alone(host: LabHost, key: Secret) -> None:
    # In /run/credentials systemd keeps what it hands to a unit, by an access list for its user.
    found = host.sh(
        "grep -rlsIF --devices=skip --exclude-dir=credentials --exclude-dir=docker --exclude-dir=containerd"
        " -f - /etc /var/lib /var/log /var/tmp"
        " /tmp /run /root /home /opt/mlinfra.gpu_launch /usr/local | xargs -r stat -c '%a %n'",
        check=False,
        stdin=Secret(f"{key}\n"),
    )
    assert found, "the key must be somewhere, or the agent could not log in"
    wide = [line for line in found.splitlines() if not line.startswith(("600 ", "400 "))]
    assert wide == []


def test_no_secret_is_in_facts_of_the_host(secrets: Mapping[str, Secret]) -> None:
    command = ["ansible", HOST, "-i", str(config.inventory_dir()), "-m", "ansible.builtin.setup", "--become"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    output = Secret(done.stdout + done.stderr)
    told = done.returncode == 0 and "ansible_env" in output
    assert told, "the facts were not read"
    found = names_in(output, secrets)
    assert found == [], "in the facts that Ansible gathers"


def test_no_secret_is_in_objects_of_a_run(
    host: LabHost, submit: Callable[..., list[dict[str, object]]], secrets: Mapping[str, Secret]
) -> None:
    """The key is in the run's Secret alone, and the pod's containers name that."""
    (run,) = submit(values={"gpus": 0}, args=["--seconds", "15"], wait=False)
    label = f"wandb.ai/run-id={run['run_id']}"
    wait_for("the run's Job", lambda: bool(host.kubectl(f"get jobs -A -l {label} -o name")), 60)
    wait_for("its pod", lambda: bool(host.kubectl("get pods -A -l wandb.ai/monitor=true -o name")), 60)
    output = Secret(host.kubectl("get jobs,pods,configmaps,events -A -o yaml"))
    named = f"wandb-api-key-{run['run_id']}" in output
    assert named, "the pod was meant to name the run's Secret"
    found = names_in(output, secrets)
    assert found == [], "in Jobs, pods, config maps and events"


def test_no_secret_is_in_what_the_controller_keeps(secrets: Mapping[str, Secret]) -> None:
    """Logs of the lab's services and of Molecule, and the pages of the demo."""
    folders = [config.RUN_DIR / "log", config.cache_dir() / "logs", config.cache_dir() / "demo"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3, files
    found = {str(path): names_in(path.read_text(encoding="utf-8", errors="replace"), secrets) for path in files}
    assert {path: names for path, names in found.items() if names} == {}
