# SPDX-License-Identifier: GPL-3.0-or-later
"""The end state of playbooks/naive.yml by pyinfra: one operation or fact for each of its tasks.

Run by pyinfra's own program, in an environment of its own; its file of variables is $BENCHMARK_VARIABLES.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import apt, files, server, systemd

KNOWN: dict[str, Any] = json.loads(Path(os.environ["BENCHMARK_VARIABLES"]).read_text(encoding="utf-8"))
PROGRAMS = "/usr/local/lib/mlinfra.gpu_launch/bin"
CLUSTER = "/var/lib/minikube-gpu"
KUBECTL = f"kubectl --kubeconfig={CLUSTER}/.kube/config"
KUBE_CLIENT = "/opt/mlinfra.gpu_launch/kube-client"
AGENT = "/var/lib/wandb-launch"
AGENT_VENV = "/opt/mlinfra.gpu_launch/launch-agent"
KEY_FOLDER = "/etc/mlinfra.gpu_launch/launch_agent"
NOLOGIN = "/usr/sbin/nologin"


def put(path: str, user: str = "root", group: str = "root", mode: str = "644") -> None:
    files.put(src=f"{KNOWN['benchmark_files']}{path}", dest=path, user=user, group=group, mode=mode)


def environment(folder: str) -> None:
    if not host.get_fact(Command, command=f"test -e {folder}/bin/python && echo there || true"):
        server.shell(commands=[f"python3 -m venv {folder}"])
    put(f"{folder}/requirements.txt")


def docker() -> None:
    apt.packages(packages=["docker.io"])
    files.directory(path="/etc/docker", user="root", group="root", mode="755")
    put("/etc/docker/daemon.json")
    systemd.service(service="docker.service", running=True, enabled=True)


def nvidia_ctk() -> None:
    put("/etc/apt/keyrings/nvidia-container-toolkit.asc")
    put("/etc/apt/sources.list.d/nvidia-container-toolkit.sources")
    tools = ["libnvidia-container-tools", "libnvidia-container1"]
    apt.packages(packages=["nvidia-container-toolkit", "nvidia-container-toolkit-base", *tools])


def minikube_gpu() -> None:
    server.user(
        user="minikube", home=CLUSTER, shell=NOLOGIN, groups=["docker"], append=True, system=True, ensure_home=False,
        comment="minikube of mlinfra.gpu_launch",
    )  # fmt: skip
    files.directory(path=CLUSTER, user="minikube", group="minikube", mode="700")
    put(f"{CLUSTER}/.minikube/config/config.json", "minikube", "minikube", "600")
    files.directory(path=PROGRAMS, user="root", group="root", mode="755")
    for name, download in KNOWN["benchmark_programs"].items():
        files.download(
            src=download["url"], dest=f"{PROGRAMS}/{name}", sha256sum=download["sha256"], user="root", group="root",
            mode="755",
        )  # fmt: skip
        files.link(path=f"/usr/local/bin/{name}", target=f"{PROGRAMS}/{name}")
    status = f"cd {CLUSTER} && runuser -u minikube -- env HOME={CLUSTER} minikube"
    if not host.get_fact(Command, command=f"{status} status --output=json || true"):
        server.shell(commands=[f"{status} start"])
    put("/etc/systemd/system/minikube-gpu.service")
    systemd.service(service="minikube-gpu.service", running=True, enabled=True)
    host.get_fact(Command, command=f"{KUBECTL} get nodes --output=json")


def kube_client() -> None:
    apt.packages(packages=["python3-venv"])
    environment(KUBE_CLIENT)


def nfs_server() -> None:
    server_of = KNOWN["benchmark_nfs"]
    apt.packages(packages=server_of["packages"])
    files.directory(path="/srv/nfs/kubedata", user="nobody", group="nogroup", mode="1777")
    for path in server_of["files"]:
        put(path)
    systemd.service(service=server_of["unit"], running=True, enabled=True)
    for one in KNOWN["benchmark_objects"]:
        what = f"{one['kind']} {one['metadata']['name']}"
        if not host.get_fact(Command, command=f"{KUBECTL} get {what} --output=json || true"):
            server.shell(commands=[f"echo '{json.dumps(one)}' | {KUBECTL} apply -f -"])


def launch_agent() -> None:
    server.user(
        user="wandb-launch", home=AGENT, shell=NOLOGIN, system=True, ensure_home=False, comment="W&B Launch agent"
    )
    files.directory(path=AGENT, user="wandb-launch", group="wandb-launch", mode="700")
    files.directory(path=KEY_FOLDER, user="root", group="root", mode="711")
    put(f"{KEY_FOLDER}/netrc", KNOWN["benchmark_netrc_owner"], "root", "600")
    put(f"{AGENT}/launch-config.yaml", "root", "wandb-launch", "640")
    put(f"{AGENT}/.kube/config", "wandb-launch", "wandb-launch", "600")
    environment(AGENT_VENV)
    ask = f"import urllib.request; urllib.request.urlopen('{KNOWN['benchmark_server']}/healthz')"
    host.get_fact(Command, command=f'python3 -c "{ask}"')
    put("/etc/systemd/system/wandb-launch-agent.service")
    systemd.service(service="wandb-launch-agent.service", running=True, enabled=True)
    host.get_fact(Command, command="journalctl --quiet --lines=15 --unit=wandb-launch-agent.service")


for part in (docker, nvidia_ctk, minikube_gpu, kube_client, nfs_server, launch_agent):
    part()
