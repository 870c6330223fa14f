# SPDX-License-Identifier: GPL-3.0-or-later
"""All images besides the node's: what Kubernetes starts, and what the lab's registry offers."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from .. import config, piptool
from ..archive import Image, Layer, write_archive, write_layer
from ..builder import Artifact, Job
from ..debs import Apt, pack, sources, unpack
from . import node, wheels

SUITE = config.NODE_SUITE
# Layers of Debian files, unpacked without running scripts: name -> packages (with all they depend on).
BASES = {
    "libc": ("libc6",),
    "iptables": ("iptables",),  # with its match libraries: one short, and Services are dead while the pod runs
    "tools": ("busybox-static",),
    "job": ("busybox-static", "python3"),
}
JOB_REQUIREMENT = "wandb==0.31.0"
JOB_SITE = "opt/job"
IPTABLES = ("iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"


def build_bases(job: Job) -> None:
    """NAME.tar for each base."""
    for name, packages in BASES.items():
        work, root = job.out / "apt", job.out / "root"
        apt = Apt(job, SUITE, work)
        unpack(job, apt.download(packages), root)
        finish_base(job, name, root)
        pack(job, root, job.out / f"{name}.tar")
        shutil.rmtree(work)
        shutil.rmtree(root)


def finish_base(job: Job, name: str, root: Path) -> None:
    """What the packages' scripts would have done, as far as it is needed."""
    for folder in ("dev", "proc", "sys", "tmp", "root", "etc"):
        (root / folder).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    if name == "iptables":
        for command in IPTABLES:
            (root / "usr/sbin" / command).unlink(missing_ok=True)
            (root / "usr/sbin" / command).symlink_to("xtables-nft-multi")
    if "busybox-static" in BASES[name]:
        for applet in job.read("chroot", root, "/bin/busybox", "--list").split():
            link = root / "usr/bin" / applet
            if not link.exists():
                link.symlink_to("busybox")
    if name == "job":
        install_wandb(job, root)


def install_wandb(job: Job, root: Path) -> None:
    """The real client, from the wheels that the agent's host uses; compiled here, or every pod would do it again."""
    version = config.PYTHON_OF_SUITE[SUITE]
    index = job.dep("wheels") / "packages"
    job.run(*piptool.command(), "install", "--quiet", "--no-index", "--find-links", index, "--no-compile",
            "--only-binary", ":all:", "--python-version", version, *wheels.platforms(), "--target", root / JOB_SITE,
            JOB_REQUIREMENT)  # fmt: skip
    job.run(
        "chroot",
        root,
        f"/usr/bin/python{version}",
        "-m",
        "compileall",
        "-q",
        f"/usr/lib/python{version}",
        f"/{JOB_SITE}",
    )


def program(job: Job, name: str, artifact: str, binary: str, target: str, base: Layer | None = None) -> Image:
    """An image around one program."""
    layer = write_layer(job.out / f"{binary}.layer", {target: job.dep(artifact) / "bin" / binary})
    return Image(name, [*([base] if base else []), layer], {"Entrypoint": [target]})


def kubernetes_images(job: Job) -> list[Image]:
    """The set that `kubeadm config images list` names for this version, and minikube's storage provisioner."""
    tag = config.KUBERNETES
    found = [
        program(job, f"registry.k8s.io/{name}:{tag}", "k8s", name, f"/usr/local/bin/{name}")
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ]
    iptables = Layer.of(job.dep("image-bases") / "iptables.tar")
    name = "kube-proxy"
    found.append(program(job, f"registry.k8s.io/{name}:{tag}", "k8s", name, f"/usr/local/bin/{name}", iptables))
    found.append(program(job, "registry.k8s.io/etcd:3.6.5-0", "etcd", "etcd", "/usr/local/bin/etcd"))
    found.append(program(job, "registry.k8s.io/coredns/coredns:v1.12.1", "coredns", "coredns", "/coredns"))
    storage = "storage-provisioner"
    found.append(program(job, f"gcr.io/k8s-minikube/{storage}:v5", "minikube", storage, f"/{storage}"))
    pause = job.out / "pause"
    job.run("gcc", "-Os", "-static", "-s", "-o", pause, config.FILES / "pause.c")
    layer = write_layer(job.out / "pause.layer", {"/pause": pause})
    return [*found, Image("registry.k8s.io/pause:3.10.1", [layer], {"Entrypoint": ["/pause"]})]


def build_cluster(job: Job) -> None:
    """cluster.tar."""
    images = [node.image(job.dep("node")), *kubernetes_images(job)]
    write_archive(job.out / "cluster.tar", images)
    keep_only(job.out, ["cluster.tar"])


def build_registry(job: Job) -> None:
    """device-plugin.tar, tools.tar, job.tar."""
    bases = job.dep("image-bases")
    # The runtime acts on NVIDIA_VISIBLE_DEVICES alone: without it the plugin runs, finds no device and waits for ever.
    # An image for jobs must not carry it, or a pod without a GPU limit would get GPUs.
    plugin = write_layer(
        job.out / "plugin.layer",
        {"/usr/bin/nvidia-device-plugin": job.dep("device-plugin") / "bin/nvidia-device-plugin"},
    )
    settings = {
        "Entrypoint": ["nvidia-device-plugin"],
        "Env": ["NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=utility"],
    }
    save(job, "device-plugin", Image(config.DEVICE_PLUGIN_IMAGE, [Layer.of(bases / "libc.tar"), plugin], settings))
    save(job, "tools", Image(config.TOOLS_IMAGE, [Layer.of(bases / "tools.tar")], {"Cmd": ["sh"]}))
    script = write_layer(job.out / "job.layer", {"/job.py": config.FILES / "job.py"})
    environment = [f"PYTHONPATH=/{JOB_SITE}", "PYTHONUNBUFFERED=1", "HOME=/root"]
    settings = {"Entrypoint": ["python3", "/job.py"], "Env": environment}
    save(job, "job", Image(config.JOB_IMAGE, [Layer.of(bases / "job.tar"), script], settings))
    keep_only(job.out, ["device-plugin.tar", "tools.tar", "job.tar"])


def save(job: Job, name: str, image: Image) -> None:
    write_archive(job.out / f"{name}.tar", [image])


def keep_only(folder: Path, names: Sequence[str]) -> None:
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


def artifacts() -> list[Artifact]:
    """The bases need no compiler; the two sets of archives are put together when all programs are there."""
    code = ("archive",)
    packages = {"bases": BASES, "sources": sources(SUITE), "job": JOB_REQUIREMENT}
    cluster = ("node", "k8s", "etcd", "coredns", "minikube", "image-bases")
    names = {"device-plugin": config.DEVICE_PLUGIN_IMAGE, "tools": config.TOOLS_IMAGE, "job": config.JOB_IMAGE}
    return [
        Artifact(
            "image-bases", "Debian layers of the images", build_bases, ("wheels",), values=packages, code=("debs",)
        ),
        Artifact(
            "cluster-images",
            "images of the cluster, cluster.tar",
            build_cluster,
            cluster,
            (config.FILES / "pause.c",),
            {"kubernetes": config.KUBERNETES, "node": config.NODE_IMAGE},
            code,
        ),
        Artifact(
            "registry-images",
            "images of the registry",
            build_registry,
            ("device-plugin", "image-bases"),
            (config.FILES / "job.py",),
            names,
            code,
        ),
    ]
