# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, versions and paths of the lab. Everything that two parts of the lab must agree on stands here."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
FILES = HERE / "files"

# --- the lab's own network: a bridge that belongs to nobody else, its gateway address serves everything ---
BRIDGE = "gpulab0"
SUBNET = "172.31.91.0/24"
GATEWAY = "172.31.91.1"
HTTP_PORT = 8055
REGISTRY_PORT = 5000
WANDB_PORT = 8080
HTTP_URL = f"http://{GATEWAY}:{HTTP_PORT}"
REGISTRY = f"{GATEWAY}:{REGISTRY_PORT}"
WANDB_URL = f"http://{GATEWAY}:{WANDB_PORT}"

# --- run-time state ---
RUN_DIR = Path("/run/mlinfra-gpu-launch")
DOCKER_SOCKET = RUN_DIR / "docker.sock"

# --- versions of what is built ---
GO_MINIMUM = (1, 26)
KUBERNETES = "v1.34.4"
MINIKUBE = "v1.38.1"
MINIKUBE_ISO = "v1.38.0"
MINIKUBE_COMMIT = "c93a4cb9311efc66b90d33ea03f75f2c4120e9b0"
KICBASE = "v0.0.50"
ETCD = "v3.6.5"
COREDNS = "v1.12.0"
CNI_PLUGINS = "v1.7.1"
CRI_DOCKERD = "v0.4.3"
TOOLKIT = "1.20.1"
DEVICE_PLUGIN = "v0.18.0"
KWOK = "v0.8.0"
HELM = "v3.19.0"
DRIVER = "550.90.07"

# --- stand-in GPUs: what the lab hosts show (other machines: see files/nvml/fake_nvml.c) ---
GPU_COUNT = 4
GPU_NAME = "Tesla T4"
GPU_MEMORY_MIB = 15360

# --- images, under the names that the roles and Kubernetes ask for ---
NODE_IMAGE = f"local/kicbase:{KICBASE}"
DEVICE_PLUGIN_IMAGE = "nvidia/k8s-device-plugin:v0.18.2"
TOOLS_IMAGE = "gpu-launch-lab/tools:1"
JOB_IMAGE = "gpu-launch-lab/job:1"
LABHOST_IMAGE = "gpu-launch-lab/host"  # the tag is the suite

# --- Debian ---
SUITES = ("bookworm", "trixie")
NODE_SUITE = "bookworm"
OLDEST_GLIBC = (2, 36)  # of the suites; programs with C parts must not need a newer one
PYTHON_OF_SUITE = {"bookworm": "3.11", "trixie": "3.13"}
DEBIAN_MIRROR = os.environ.get("GPU_LAUNCH_LAB_DEBIAN_MIRROR", "http://deb.debian.org/debian")
DEBIAN_SECURITY_MIRROR = os.environ.get("GPU_LAUNCH_LAB_SECURITY_MIRROR", "http://deb.debian.org/debian-security")
REPOSITORY_KEY_PATH = "/usr/share/keyrings/gpu-launch-lab.asc"  # in the lab host image


def cache_dir() -> Path:
    """Where the lab builds and keeps things; never inside the tree."""
    own = os.environ.get("GPU_LAUNCH_LAB_CACHE")
    if own:
        return Path(own).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return (Path(base).expanduser() / "mlinfra-gpu-launch").resolve()


def www_dir() -> Path:
    """The document root of the lab's HTTP server; links to what is built."""
    return cache_dir() / "www"


def bin_dir() -> Path:
    """The folder that callers put first on PATH (docker)."""
    return cache_dir() / "bin"


def inventory_dir() -> Path:
    """The inventory that `up` writes, with the air-gap inputs in its group_vars."""
    return cache_dir() / "inventory"
