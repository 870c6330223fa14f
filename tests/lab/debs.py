# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages without touching the machine: apt with a state of its own, root file systems, unpacked packages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import config
from .builder import Job

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Nothing in the lab reads these, and they are a third of a small root.
EXCLUDED = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian")


def sources(suite: str) -> list[str]:
    """The one-line sources of a suite with its updates."""
    return [
        f"deb [signed-by={KEYRING}] {config.DEBIAN_MIRROR} {suite} main",
        f"deb [signed-by={KEYRING}] {config.DEBIAN_MIRROR} {suite}-updates main",
        f"deb [signed-by={KEYRING}] {config.DEBIAN_SECURITY_MIRROR} {suite}-security main",
    ]


def make_root(job: Job, suite: str, packages: Sequence[str], target: Path) -> None:
    """A minimal root file system with these packages, as a folder or (by its name) a tar."""
    options = ["--variant=minbase", "--dpkgopt=force-unsafe-io", "--aptopt=APT::Install-Recommends false"]
    options += [f"--dpkgopt=path-exclude=/{path}/*" for path in EXCLUDED]
    options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", f"--include={','.join(packages)}"]
    job.run("mmdebstrap", "--mode=root", *options, suite, target, *sources(suite))


class Apt:
    """apt for one suite, with lists, cache and installed state in a folder of its own.

    `status` is a dpkg status file: what counts as installed. Without one, nothing does. The machine's
    own settings (a proxy) stay in force.
    """

    def __init__(self, job: Job, suite: str, folder: Path, status: Path | None = None) -> None:
        self.job, self.folder = job, folder
        for name in ("lists/partial", "archives/partial", "etc"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "etc/sources.list").write_text("\n".join(sources(suite)) + "\n")
        own = folder / "status"
        own.write_bytes(status.read_bytes() if status else b"")
        options = {
            "Dir::State": folder,
            "Dir::State::status": own,
            "Dir::State::lists": folder / "lists",
            "Dir::State::extended_states": folder / "extended_states",
            "Dir::Cache::archives": folder / "archives",
            "Dir::Cache::pkgcache": folder / "pkgcache.bin",  # a dozen runs over the same lists
            "Dir::Cache::srcpkgcache": "",
            "Dir::Etc::sourcelist": folder / "etc/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Acquire::Languages": "none",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
            "Debug::NoLocking": "true",
        }
        self.options = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
        job.run("apt-get", *self.options, "update", "-qq")

    def closure(self, packages: Iterable[str], recommends: bool = False) -> dict[str, str]:
        """File name -> URI of all that `apt-get install` of these packages would fetch."""
        text = self.job.read(
            "apt-get", *self.options, "-o", f"APT::Install-Recommends={str(recommends).lower()}",
            "install", "--print-uris", "-qq", "-y", *packages,
        )  # fmt: skip
        return parse_uris(text)

    def download(self, packages: Iterable[str], recommends: bool = False) -> Path:
        """Fetch what `apt-get install` would; the folder that holds the .deb files."""
        self.job.run(
            "apt-get", *self.options, "-o", f"APT::Install-Recommends={str(recommends).lower()}",
            "install", "--download-only", "-qq", "-y", *packages,
        )  # fmt: skip
        return self.folder / "archives"


def parse_uris(text: str) -> dict[str, str]:
    """The lines of `apt-get --print-uris` as file name -> URI."""
    return {name: uri for uri, name in re.findall(r"^'([^']+)' (\S+\.deb) ", text, flags=re.MULTILINE)}


def unpack(job: Job, folder: Path, root: Path) -> None:
    """Lay the files of all .deb files of a folder into a root, without running their scripts."""
    root.mkdir(parents=True, exist_ok=True)
    for directory in ("bin", "sbin", "lib", "lib64"):  # merged /usr, as every supported release has it
        (root / "usr" / directory).mkdir(parents=True, exist_ok=True)
        if not (root / directory).is_symlink():
            (root / directory).symlink_to(f"usr/{directory}")
    for deb in sorted(folder.glob("*.deb")):
        # not dpkg -x: it replaces the links above by folders for packages that still ship /lib
        job.run("sh", "-c", 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"', "sh", deb, root)
    for path in EXCLUDED:
        shutil.rmtree(root / path, ignore_errors=True)


def pack(job: Job, root: Path, target: Path) -> None:
    """A tar of a root file system with owners, modes, links and file capabilities; /proc and its like stay empty."""
    keep_empty = [f"--exclude=./{name}/*" for name in ("proc", "sys", "dev", "run", "tmp")]
    options = ["--numeric-owner", "--sort=name", "--xattrs", "--xattrs-include=security.capability"]
    job.run("tar", "-C", root, *options, *keep_empty, "-cf", target, ".")
