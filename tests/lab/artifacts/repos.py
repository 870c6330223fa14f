# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed apt repositories: Debian packages that roles install, and NVIDIA's toolkit in the layout of the real one."""

from __future__ import annotations

import functools
import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path

from .. import config
from ..builder import Artifact, Job
from ..debs import Apt, sources
from . import golang, signing

LIST = config.FILES / "debian-packages.txt"
TOOLKIT_VERSION = f"{config.TOOLKIT}-1"
TOOLKIT_MODULE = "github.com/NVIDIA/nvidia-container-toolkit"
# The four packages as the vendor splits them; their maintainer scripts and units come from the module archive.
DEPENDS = {
    "libnvidia-container1": "",
    "libnvidia-container-tools": f"libnvidia-container1 (= {TOOLKIT_VERSION})",
    "nvidia-container-toolkit-base": "",
    "nvidia-container-toolkit": f"nvidia-container-toolkit-base (= {TOOLKIT_VERSION}), "
    f"libnvidia-container-tools (= {TOOLKIT_VERSION}), libnvidia-container-tools (<< 2.0.0)",
}
UNITS = "nvidia-cdi-refresh.path nvidia-cdi-refresh.service"  # what debhelper enables and starts


def listed(text: str, suite: str) -> list[str]:
    """The packages of the list that are meant for a suite."""
    found = []
    for line in text.splitlines():
        name, _, only = line.partition("#")[0].partition("[")
        if name.strip() and only.strip("] ") in ("", suite):
            found.append(name.strip())
    return found


def build_debian(job: Job, suite: str) -> None:
    """All that installing the listed packages on a lab host may fetch: alone, together, with or without recommends."""
    work = job.out / "apt"
    work.mkdir()
    root = job.dep(f"root-{suite}") / "rootfs.tar"
    job.run("tar", "-C", work, "--strip-components=4", "-xf", root, "./var/lib/dpkg/status")
    apt = Apt(job, suite, work, work / "status")
    packages = listed(LIST.read_text(), suite)
    wanted: set[str] = set()
    for recommends in (True, False):
        pool = apt.download(packages, recommends)
    have = {deb.name for deb in pool.glob("*.deb")}
    for package in packages:
        wanted |= set(apt.closure([package])) - have  # an alternative that the common choice does not need
    if wanted:
        raise RuntimeError(f"alone, a package needs what the set does not: {', '.join(sorted(wanted))}; list it")
    (job.out / "pool").mkdir()
    for deb in sorted(pool.glob("*.deb")):
        deb.rename(job.out / "pool" / deb.name)
    shutil.rmtree(work)
    index_dists(job, suite)


def index_dists(job: Job, suite: str) -> None:
    """dists/SUITE with component main over pool/."""
    release = job.out / "dists" / suite
    folder = release / "main/binary-amd64"
    folder.mkdir(parents=True)
    packages = job.read("apt-ftparchive", "packages", "pool", cwd=job.out)
    (folder / "Packages").write_text(packages)
    (folder / "Packages.gz").write_bytes(gzip.compress(packages.encode(), mtime=0))
    names = {"Origin": "Debian", "Label": "Debian", "Suite": suite, "Codename": suite, "Components": "main"}
    names["Architectures"] = "amd64"
    write_release(job, release, names)


def write_release(job: Job, folder: Path, names: Mapping[str, str]) -> None:
    options = [part for key, value in names.items() for part in ("-o", f"APT::FTPArchive::Release::{key}={value}")]
    text = job.read("apt-ftparchive", *options, "release", ".", cwd=folder)
    (folder / "Release").write_text(text)
    signing.sign(job, folder / "Release")


def build_toolkit(job: Job) -> None:
    """libnvidia-container/gpgkey and the flat repository below stable/deb/amd64."""
    module = golang.module_folder(job, "toolkit", TOOLKIT_MODULE)
    top = job.out / "libnvidia-container"
    flat = top / "stable/deb/amd64"
    flat.mkdir(parents=True)
    for package, depends in DEPENDS.items():
        tree = job.out / package
        fill_package(job, package, tree, module)
        write_control(tree, package, depends)
        job.run(
            "dpkg-deb",
            "--root-owner-group",
            "-Zgzip",
            "-z1",
            "-b",
            tree,
            flat / f"{package}_{TOOLKIT_VERSION}_amd64.deb",
        )
        shutil.rmtree(tree)
    packages = job.read("apt-ftparchive", "packages", ".", cwd=flat)
    (flat / "Packages").write_text(packages)
    (flat / "Packages.gz").write_bytes(gzip.compress(packages.encode(), mtime=0))
    write_release(job, flat, {"Origin": "lab stand-in", "Label": "lab stand-in", "Codename": "stable"})
    shutil.copyfile(job.dep("apt-key") / "public.asc", top / "gpgkey")


def fill_package(job: Job, package: str, tree: Path, module: Path) -> None:
    """The files of one package, by the vendor's own install list: compiled programs, files of the archive."""
    (tree / "DEBIAN").mkdir(parents=True)
    if package == "libnvidia-container-tools":
        place(config.FILES / "gpu/nvidia-container-cli", tree / "usr/bin/nvidia-container-cli", 0o755)
    packaging = module / "packaging/debian"
    install_list = packaging / f"{package}.install"
    for line in install_list.read_text().splitlines() if install_list.exists() else ():
        name, folder = line.split()
        target = tree / folder.strip("/").replace("lib/", "usr/lib/", 1) / name if folder.startswith("/lib/") else None
        target = target or tree / folder.strip("/") / name
        compiled = job.dep("toolkit") / "bin" / name
        if compiled.exists():
            place(compiled, target, 0o755)
        else:
            place(next(p for p in (module / "deployments").rglob(name)), target, 0o644)
    enable = f"systemctl enable {UNITS} && systemctl start {UNITS} || true" if package.endswith("-base") else ""
    for script in ("postinst", "postrm"):
        source = packaging / f"{package}.{script}"
        if source.exists():
            text = source.read_text().replace("#DEBHELPER#", enable if script == "postinst" else "")
            (tree / "DEBIAN" / script).write_text(text)
            (tree / "DEBIAN" / script).chmod(0o755)
    if (tree / "etc").exists():
        files = [f"/{p.relative_to(tree)}\n" for p in sorted((tree / "etc").rglob("*")) if p.is_file()]
        (tree / "DEBIAN/conffiles").write_text("".join(files))


def place(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def write_control(tree: Path, package: str, depends: str) -> None:
    fields = {
        "Package": package,
        "Version": TOOLKIT_VERSION,
        "Architecture": "amd64",
        "Maintainer": signing.OWNER,
        "Depends": depends,
        "Description": "built for the lab from the upstream sources of this name",
    }
    text = "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
    (tree / "DEBIAN/control").write_text(text)


def artifacts() -> list[Artifact]:
    """A Debian mirror for each suite, and the toolkit's repository."""
    found = []
    for suite in config.SUITES:
        found.append(
            Artifact(
                f"debian-{suite}",
                f"Debian packages that roles install, {suite}",
                functools.partial(build_debian, suite=suite),
                needs=(f"root-{suite}", "apt-key"),
                files=(LIST,),
                values={"sources": sources(suite)},
                code=("debs", "artifacts/signing"),
            )
        )
    needs = ("toolkit", "apt-key", "go")
    files = (config.FILES / "gpu/nvidia-container-cli",)
    found.append(
        Artifact(
            "toolkit-repo", "apt repository of the toolkit", build_toolkit, needs, files, code=("artifacts/signing",)
        )
    )
    return found
