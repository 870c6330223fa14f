# SPDX-License-Identifier: GPL-3.0-or-later
"""The ten faults: how each is provoked, what the doctor has to say, and what else may show because of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.integration.lab.conftest import wait_for
from tests.lab import config, engine

from .host import FaultHost

DAEMON_JSON = "/etc/docker/daemon.json"
AGENT = "wandb-launch-agent.service"
UNIT = "minikube-gpu.service"
PUBLIC = "/srv/public *(rw,no_root_squash)"
AS_MINIKUBE = "runuser -u minikube -- env -i HOME=/var/lib/minikube-gpu PATH=/usr/local/bin:/usr/bin:/bin minikube"
OWNER_EDIT = f"""
import json
path = "{DAEMON_JSON}"
keys = json.load(open(path))
{{edit}}
open(path, "w").write(json.dumps(keys, indent=2) + "\\n")
"""
WITHOUT_RUNTIME = OWNER_EDIT.format(edit='del keys["runtimes"]')
BROKEN = OWNER_EDIT.format(edit='keys["max-concurrent-downloads"] = 5') + (
    'open(path, "a").write("// five, or the line is full\\n")'
)


def nothing(dummy: FaultHost) -> None:
    """What a fault does that needs no more than its script, or leaves nothing behind."""


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: in the words of whoever has it.
        check: the id of the finding.
        provoke: a shell script that makes it, on the host.
        fix: a phrase of the finding's way out.
        cause: a phrase of its cause, where the machine shows which of several it is.
        consequences: other errors that it brings with it, and that tell the owner nothing wrong.
        then: findings that remain when this one is mended, or come with its mending; their commands are run next.
        shows: waits until the machine has noticed.
        during: after the commands, what a person would do or wait for.
        kept: looks at what the commands must not have harmed.
        site: the last of it is the roles' to mend, as the doctor says; it has no commands for that.
    """

    name: str
    check: str
    provoke: str
    fix: str
    cause: str = ""
    consequences: frozenset[str] = frozenset()
    then: tuple[str, ...] = ()
    shows: Callable[[FaultHost], None] = nothing
    during: Callable[[FaultHost], None] = nothing
    kept: Callable[[FaultHost], None] = nothing
    site: bool = False


def broken_copy_is_kept(host: FaultHost) -> None:
    """What the owner wrote is worth keeping, however wrong its syntax is."""
    kept = host.sh(f"cat {DAEMON_JSON}.broken; rm {DAEMON_JSON}.broken")
    assert '"max-concurrent-downloads": 5' in kept, kept
    assert "// five, or the line is full" in kept, kept


def line_is_a_comment(host: FaultHost) -> None:
    """The line of others is out of use, and still there to be read."""
    assert host.sh("cat /etc/exports") == f"# {PUBLIC}"
    host.sh("rm /etc/exports")


def drop_in_is_kept(host: FaultHost) -> None:
    """What else somebody set there stays."""
    folder = f"/etc/systemd/system/{UNIT}.d"
    assert "Environment=TMPDIR=/tmp" in host.sh(f"cat {folder}/own.conf")
    host.sh(f"rm -r {folder}; systemctl daemon-reload")


def three_gpus(host: FaultHost) -> None:
    """The plugin tells the kubelet, the kubelet the API server."""
    wait_for("3 allocatable GPUs", lambda: host.allocatable() == "3", 60)


def comes_back(host: FaultHost) -> None:
    """A reboot ends a lab host's container, and nobody but a person starts it again."""

    def running() -> str:
        return engine.docker("inspect", "--format={{.State.Running}}", host.name).stdout.strip()

    wait_for("the end of the host", lambda: running() == "false", 240)
    engine.docker("start", host.name)
    state = "systemctl is-system-running"  # it says starting until the cluster runs, which its unit waits for
    wait_for("a booted host", lambda: host.sh(state, check=False) in ("running", "degraded"), 420)


def new_driver_is_loaded(host: FaultHost) -> None:
    """What a reboot does with the old module, /run does with the stand-in's setting."""
    host.sh("test ! -e /run/fake-nvml.conf; rm -f /etc/fake-nvml.conf")


def without_gpus() -> str:
    """A cluster as somebody makes it who forgets --gpus; everything else is as the role asks for it."""
    start = (
        "start --driver=docker --container-runtime=docker --cpus=2 --memory=4096 --preload=false --embed-certs "
        f"--install-addons=false --interactive=false --kubernetes-version={config.KUBERNETES} "
        f"--base-image={config.NODE_IMAGE} --binary-mirror={config.HTTP_URL}/kubernetes "
        f"--insecure-registry={config.REGISTRY}"
    )
    return f"systemctl stop {UNIT}; {AS_MINIKUBE} delete; {AS_MINIKUBE} {start}; systemctl start {UNIT}"


def settled(dummy: FaultHost) -> None:
    """A cluster that is just made: its system pods need a moment."""
    time.sleep(15)


FAULTS = (
    Fault(
        name="stray MINIKUBE_ variable",
        check="K8S011",
        provoke=f"mkdir -p /etc/systemd/system/{UNIT}.d; printf '[Service]\\nEnvironment=MINIKUBE_GPUS=none\\n"
        f"Environment=TMPDIR=/tmp\\n' > /etc/systemd/system/{UNIT}.d/own.conf; systemctl daemon-reload",
        fix="take MINIKUBE_GPUS out of /etc/systemd/system/minikube-gpu.service.d/own.conf",
        kept=drop_in_is_kept,
    ),
    Fault(
        name="export open to the world",
        check="NFS001",
        provoke=f"mkdir -p /srv/public; echo '{PUBLIC}' > /etc/exports",
        fix="name the cluster's network in that file instead of *",
        kept=line_is_a_comment,
    ),
    Fault(
        name="agent not polling",
        check="AGT010",
        provoke=f"kill -STOP $(systemctl show --property=MainPID --value {AGENT})",
        fix="restart the agent",
        cause="stopped it with a signal",
    ),
    Fault(
        name="runtime entry missing",
        check="DOC003",
        provoke=f"python3 -c '{WITHOUT_RUNTIME}'; systemctl reload docker",
        fix="run role nvidia_ctk again",
    ),
    Fault(
        name="daemon.json broken",
        check="DOC002",
        provoke=f"python3 -c '{BROKEN}'",
        fix="put back the last copy",
        then=("DOC003",),  # the last copy is of the time before role nvidia_ctk
        kept=broken_copy_is_kept,
    ),
    Fault(
        name="GPU lost",
        check="K8S007",
        # The driver's stand-in tells of an Xid whoever waits for one; the plugin's image has no shell, but a root.
        provoke="root=/proc/$(pgrep --oldest --exact nvidia-device-p)/root; mkdir -p $root/run/fake-nvml; "
        "echo 2 79 > $root/run/fake-nvml/xid",
        fix="Look at the GPU first (kernel log, Xid)",
        shows=three_gpus,
    ),
    Fault(
        name="cluster stopped",
        check="K8S004",
        provoke="docker stop minikube",
        fix="Start it by its unit",
    ),
    Fault(
        name="docker stopped",
        check="DOC001",
        provoke="systemctl stop docker.service docker.socket",
        fix="systemctl start docker",
        consequences=frozenset({"K8S004", "AGT003"}),
        then=("K8S004",),
    ),
    Fault(
        name="library mismatch",
        check="DRV002",
        provoke="echo init_error=18 > /run/fake-nvml.conf; ln -sf /run/fake-nvml.conf /etc/fake-nvml.conf",
        fix="reboot when the jobs have ended",
        during=comes_back,
        kept=new_driver_is_loaded,
    ),
    Fault(
        name="profile without GPUs",
        check="K8S001",
        provoke=without_gpus(),
        fix="minikube_gpu_recreate: when_drifted",
        consequences=frozenset({"K8S006", "AGT003"}),
        shows=settled,
        site=True,  # kubeconfigs, volume and claim of the deleted cluster
    ),
)
