# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own engine and registry, unpacked from packages of the machine's own release. Nothing is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from ..builder import Artifact, Job

PACKAGES = ("docker.io", "docker-cli", "containerd", "runc", "tini", "docker-registry", "iptables")
PROGRAMS = {  # name in bin/ -> where the packages may have it
    "docker": ("usr/bin/docker",),
    "dockerd": ("usr/sbin/dockerd", "usr/bin/dockerd"),
    "docker-init": ("usr/bin/docker-init", "usr/libexec/docker/cli-plugins/docker-init", "usr/bin/tini-static"),
    "docker-proxy": ("usr/sbin/docker-proxy", "usr/bin/docker-proxy"),
    "docker-registry": ("usr/bin/docker-registry",),
    "containerd": ("usr/bin/containerd",),
    "containerd-shim-runc-v2": ("usr/bin/containerd-shim-runc-v2",),
    "ctr": ("usr/bin/ctr",),
    "runc": ("usr/sbin/runc", "usr/bin/runc"),
    "iptables": ("usr/sbin/xtables-nft-multi",),
}
OPTIONAL = {"docker-init", "docker-proxy", "iptables"}


def known_packages(job: Job) -> list[str]:
    """The wanted packages that this release has (bookworm: no docker-cli), and what of their needs is missing here."""
    refresh_lists(job)
    wanted = []
    for package in PACKAGES:
        policy = job.read("apt-cache", "policy", package)
        if re.search(r"Candidate: (?!\(none\))", policy):
            wanted.append(package)
    if "docker.io" not in wanted:
        raise RuntimeError("apt knows no docker.io: see what `apt-get update` says, and enable universe on Ubuntu")
    plan = job.read("apt-get", "install", "--simulate", "--no-install-recommends", *wanted)
    return sorted({*wanted, *re.findall(r"^Inst (\S+)", plan, flags=re.MULTILINE)})


def refresh_lists(job: Job) -> None:
    """Fresh machines have no lists, and old lists name packages that the mirror has no more.

    One broken source of the machine must not stop the lab: whether the packages are known is what counts.
    """
    try:
        job.run("apt-get", "update", "-qq")
    except subprocess.CalledProcessError as error:
        job.say(f"goes on with the lists as they are: {error}")


def missing_libraries(root: Path, program: Path) -> tuple[list[str], str]:
    """The libraries that a program cannot find, and the library path that it needs ("": none)."""
    folders = [root / "usr/lib/x86_64-linux-gnu", root / "lib/x86_64-linux-gnu", root / "usr/lib"]
    for path in ("", ":".join(str(f) for f in folders)):
        environment = {**os.environ, "LD_LIBRARY_PATH": path} if path else dict(os.environ)
        done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False, env=environment)
        lost = re.findall(r"(\S+) => not found", done.stdout)
        if not lost:
            return [], path
    return lost, ""


def build_engine(job: Job) -> None:
    """root/ with the packages' files; bin/ with the programs, wrapped where they need libraries that only root/ has."""
    root, debs, programs = job.out / "root", job.out / "debs", job.out / "bin"
    for folder in (root, debs, programs):
        folder.mkdir()
    job.run("apt-get", "-o", "APT::Sandbox::User=root", "download", *known_packages(job), cwd=debs)
    for deb in sorted(debs.glob("*.deb")):
        job.run("dpkg-deb", "-x", deb, root)
        deb.unlink()
    debs.rmdir()
    shutil.rmtree(root / "usr/share")
    for name, places in PROGRAMS.items():
        found = [place for place in places if (root / place).exists()]
        if not found and name in OPTIONAL:
            continue
        if not found:
            raise RuntimeError(f"no {name} in the packages {', '.join(PACKAGES)}")
        lost, library_path = missing_libraries(root, root / found[0])
        if lost:
            raise RuntimeError(f"{name} needs {', '.join(lost)}, which neither this machine nor its packages provide")
        entry = programs / name
        if library_path:  # $0 is the path that was called: the folder may move
            relative = library_path.replace(f"{root}/", "$here/root/")
            entry.write_text(
                '#!/bin/sh\nhere=$(dirname "$(dirname "$(readlink -f "$0")")")\n'
                f'LD_LIBRARY_PATH="{relative}" exec "$here/root/{found[0]}" "$@"\n'
            )
            entry.chmod(0o755)
        else:
            entry.symlink_to(f"../root/{found[0]}")


def artifacts() -> list[Artifact]:
    """One. It follows the machine's release, not the packages' versions: `clean engine` fetches newer ones."""
    release = Path("/etc/debian_version")
    version = release.read_text().strip() if release.exists() else "none"
    return [Artifact("engine", "docker engine and registry", build_engine, values={"debian": version})]
