# SPDX-License-Identifier: GPL-3.0-or-later
"""The node image of minikube's docker driver, made from Debian packages and what is compiled here.

Its static files (entrypoint, containerd.toml, units) are those of minikube's own recipe, read from the Go module cache.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .. import config, machine
from ..archive import Image, Layer
from ..builder import Artifact, Job
from ..cache import sums_of
from ..debs import make_root, pack, sources
from . import golang

PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "udev", "kmod", "util-linux", "mount", "procps", "bash", "sudo",
    "ca-certificates", "curl", "gpg", "python3-minimal", "iproute2", "iptables", "ebtables", "nftables", "conntrack",
    "ethtool", "socat",
    "iputils-ping", "netcat-openbsd", "rsync", "openssh-server", "pigz", "lz4", "zstd", "libseccomp2", "containerd",
    "runc", "docker.io", "nfs-common",
)  # fmt: skip
SETTINGS = {
    "Env": ["container=docker"],
    "Entrypoint": ["/usr/local/bin/entrypoint", "/sbin/init"],
    "ExposedPorts": {"22/tcp": {}},
    "StopSignal": "SIGRTMIN+3",
}
SYSTEMD = "usr/lib/systemd/system"
# minikube's deploy/kicbase -> place in the image, mode
STATIC = {
    "10-network-security.conf": ("etc/sysctl.d/10-network-security.conf", 0o644),
    "11-tcp-mtu-probing.conf": ("etc/sysctl.d/11-tcp-mtu-probing.conf", 0o644),
    "containerd.toml": ("etc/containerd/config.toml", 0o644),
    "containerd_docker_io_hosts.toml": ("etc/containerd/certs.d/docker.io/hosts.toml", 0o644),
    "entrypoint": ("usr/local/bin/entrypoint", 0o755),
    "automount/minikube-automount": ("usr/sbin/minikube-automount", 0o755),
    "automount/minikube-automount.service": (f"{SYSTEMD}/minikube-automount.service", 0o644),
    "scheduled-stop/minikube-scheduled-stop": ("var/lib/minikube/scheduled-stop/minikube-scheduled-stop", 0o755),
    "scheduled-stop/minikube-scheduled-stop.service": (f"{SYSTEMD}/minikube-scheduled-stop.service", 0o644),
}


def put(source: Path, target: Path, mode: int = 0o755) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def copy_static(job: Job, root: Path) -> None:
    """What the two upstream archives bring besides Go code."""
    recipe = golang.module_folder(job, "minikube", "k8s.io/minikube") / "deploy/kicbase"
    for name, (target, mode) in STATIC.items():
        put(recipe / name, root / target, mode)
    units = golang.module_folder(job, "cri-dockerd", golang.CRI_DOCKERD) / "packaging/systemd"
    for name in ("cri-docker.service", "cri-docker.socket"):
        put(units / name, root / SYSTEMD / name, 0o644)


def copy_programs(job: Job, root: Path) -> None:
    """What was compiled: cri-dockerd, CNI plugins, the toolkit, and the stand-ins beside them."""
    put(job.dep("cri-dockerd") / "bin/cri-dockerd", root / "usr/bin/cri-dockerd")
    for folder, target in (("cni", "opt/cni/bin"), ("toolkit", "usr/bin")):
        for program in sorted((job.dep(folder) / "bin").iterdir()):
            put(program, root / target / program.name)
    put(config.FILES / "gpu/nvidia-container-cli", root / "usr/bin/nvidia-container-cli")
    put(config.FILES / "kicbase/crictl", root / "usr/local/bin/crictl")
    if machine.detect().needs_ocirt:
        (root / "usr/sbin/runc").rename(root / "usr/sbin/runc.real")
        put(job.dep("ocirt") / "ocirt", root / "usr/sbin/runc")


def build_root(job: Job) -> None:
    make_root(job, config.NODE_SUITE, PACKAGES, job.out / "rootfs.tar")


def build_node(job: Job) -> None:
    """layer.tar: the whole image in one layer, settings.json: its configuration."""
    root = job.out / "root"
    root.mkdir()
    job.run(
        "tar",
        "-C",
        root,
        "--numeric-owner",
        "--xattrs",
        "--xattrs-include=*",
        "-xf",
        job.dep("node-root") / "rootfs.tar",
    )
    copy_static(job, root)
    copy_programs(job, root)
    versions = {
        "iso_version": config.MINIKUBE_ISO,
        "kicbase_version": config.KICBASE,
        "minikube_version": config.MINIKUBE,
    }
    (root / "version.json").write_text(json.dumps({**versions, "commit": "stand-in"}) + "\n")
    script = root / "finish.sh"
    put(config.FILES / "kicbase/finish.sh", script)
    job.run("chroot", root, "/bin/sh", "-eu", "/finish.sh")
    script.unlink()
    pack(job, root, job.out / "layer.tar")
    shutil.rmtree(root)
    (job.out / "settings.json").write_text(json.dumps(SETTINGS, indent=2) + "\n")


def image(place: Path) -> Image:
    """The built node image."""
    layer = Layer(place / "layer.tar", sums_of(place)["layer.tar"])
    return Image(config.NODE_IMAGE, [layer], json.loads((place / "settings.json").read_text()))


def artifacts() -> list[Artifact]:
    """The packages first, so that they download beside the compiler runs; then the image."""
    wrapper = machine.detect().needs_ocirt
    values = {"packages": PACKAGES, "sources": sources(config.NODE_SUITE)}
    needs = ["node-root", "go", "cri-dockerd", "cni", "toolkit", *(["ocirt"] if wrapper else [])]
    gomod = golang.GOMOD
    return [
        Artifact("node-root", "packages of the node image", build_root, values=values, code=("debs",)),
        Artifact(
            "node",
            "node image of minikube",
            build_node,
            needs=tuple(needs),
            files=(
                config.FILES / "kicbase",
                config.FILES / "gpu/nvidia-container-cli",
                gomod / "minikube",
                gomod / "cri-dockerd",
            ),
            values={"minikube": config.MINIKUBE, "kicbase": config.KICBASE, "wrapper": wrapper},
            code=("debs",),
        ),
    ]
