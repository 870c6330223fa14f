# SPDX-License-Identifier: GPL-3.0-or-later
"""Lab hosts: a small Debian that boots systemd, plus what a GPU machine has before any role runs."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

from .. import config, machine
from ..builder import Artifact, Job
from ..debs import KEYRING, make_root, pack, sources
from .driver import LIBRARIES

# Beyond minbase: what any server has, and what Ansible needs before it can install more (deb822_repository).
PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "python3", "python3-apt", "python3-debian", "ca-certificates", "iproute2",
    "procps", "sudo",
)  # fmt: skip
# File names of runc: Debian's package, and Docker's containerd.io.
RUNC_PATHS = ("/usr/sbin/runc", "/usr/bin/runc")


def build_root(job: Job, suite: str) -> None:
    make_root(job, suite, PACKAGES, job.out / "rootfs.tar")


def bake(job: Job, suite: str) -> None:
    """root-SUITE -> lab host: rootfs.tar."""
    root = job.out / "root"
    root.mkdir()
    job.run("tar", "-C", root, "--numeric-owner", "-xf", job.dep(f"root-{suite}") / "rootfs.tar")
    if machine.detect().needs_ocirt:
        divert_runc(job, root)
    library = root / LIBRARIES
    for file in sorted((job.dep("driver") / LIBRARIES).iterdir()):
        shutil.copy2(file, library / file.name, follow_symlinks=False)
    job.run("chroot", root, "ldconfig")
    shutil.copy2(job.dep("driver") / "usr/bin/nvidia-smi", root / "usr/bin/nvidia-smi")
    # /dev is a fresh tmpfs at every start of the container: systemd makes the nodes each time, before sysinit.target.
    install(config.FILES / "nvidia-nodes.conf", root / "etc/tmpfiles.d/nvidia-nodes.conf")
    # With CAP_SYS_MODULE in the set, trixie's systemd tries to load modules, fails, and the host is "degraded".
    (root / "etc/systemd/system/systemd-modules-load.service").symlink_to("/dev/null")
    use_lab_repository(job, root, suite)
    pack(job, root, job.out / "rootfs.tar")
    shutil.rmtree(root)


def divert_runc(job: Job, root: Path) -> None:
    """The wrapper takes runc's place before any package brings runc: installing docker.io puts the real one beside it.

    The file name belongs to the diversion, so later upgrades respect it too, and dpkg --verify stays silent.
    """
    for path in RUNC_PATHS:
        job.run("dpkg-divert", f"--root={root}", "--quiet", "--local", "--no-rename", "--divert", f"{path}.real",
                "--add", path)  # fmt: skip
    shutil.copy2(job.dep("ocirt") / "ocirt", root / "usr/sbin/runc")


def use_lab_repository(job: Job, root: Path, suite: str) -> None:
    install(job.dep("apt-key") / "public.asc", root / config.REPOSITORY_KEY_PATH.lstrip("/"))
    for path in (root / "etc/apt/sources.list.d").iterdir():
        path.unlink()
    (root / "etc/apt/sources.list").write_text(
        f"deb [signed-by={config.REPOSITORY_KEY_PATH}] {config.HTTP_URL}/debian/{suite} {suite} main\n"
    )
    # Ansible's apt module trusts the age of this folder: a fresh empty one is a valid cache that lacks every package.
    lists = root / "var/lib/apt/lists"
    shutil.rmtree(lists)
    (lists / "partial").mkdir(parents=True)
    job.run("touch", "-d", "@0", lists)


def install(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def artifacts() -> list[Artifact]:
    """For each suite: the bare root, and the lab host made of it."""
    found = []
    wrapper = machine.detect().needs_ocirt
    for suite in config.SUITES:
        values = {"packages": PACKAGES, "sources": sources(suite), "keyring": KEYRING}
        found.append(
            Artifact(
                f"root-{suite}",
                f"Debian root file system, {suite}",
                functools.partial(build_root, suite=suite),
                values=values,
                code=("debs",),
            )
        )
        found.append(
            Artifact(
                f"labhost-{suite}",
                f"lab host image, {suite}",
                functools.partial(bake, suite=suite),
                needs=(f"root-{suite}", "driver", "apt-key", *(("ocirt",) if wrapper else ())),
                files=(config.FILES / "nvidia-nodes.conf",),
                values={"url": config.HTTP_URL, "wrapper": wrapper},
                code=("debs",),
            )
        )
    return found
