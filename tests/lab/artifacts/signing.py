# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own signing key for its apt repositories. The private half never leaves the cache."""

from __future__ import annotations

import re
from pathlib import Path

from ..builder import Artifact, Job

OWNER = "GPU launch lab <lab@example.com>"


def make_key(job: Job) -> None:
    """gnupg/ (0700), public.asc, fingerprint."""
    home = job.out / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch"]
    job.run(*gpg, "--passphrase", "", "--quick-gen-key", OWNER, "ed25519", "sign", "never")
    job.run(*gpg, "--armor", "--export", "--output", job.out / "public.asc")
    listing = job.read(*gpg, "--with-colons", "--list-keys")
    match = re.search(r"^fpr:+([0-9A-F]{40}):", listing, flags=re.MULTILINE)
    if not match:
        raise RuntimeError("gpg lists no fingerprint")
    (job.out / "fingerprint").write_text(match[1] + "\n")
    stop_agent(job, home)


def stop_agent(job: Job, home: Path) -> None:
    job.run("gpgconf", "--homedir", home, "--kill", "all")


def sign(job: Job, release: Path) -> None:
    """InRelease and Release.gpg beside a Release file."""
    home = job.dep("apt-key") / "gnupg"
    gpg = ["gpg", "--homedir", str(home), "--batch", "--yes"]
    job.run(*gpg, "--clearsign", "--output", release.with_name("InRelease"), release)
    job.run(*gpg, "--armor", "--detach-sign", "--output", release.with_name("Release.gpg"), release)
    stop_agent(job, home)


def artifacts() -> list[Artifact]:
    """One: the key pair."""
    return [Artifact("apt-key", "signing key of the lab", make_key)]
