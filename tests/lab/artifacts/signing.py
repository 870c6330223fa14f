# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own signing key for its apt repositories. The private half never leaves the cache."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from .. import config
from ..builder import Artifact, Job

AGENT = threading.Lock()  # gpg starts an agent that we end; two recipes must not end it for each other
OWNER = "GPU launch lab <lab@example.com>"


def key_home() -> Path:
    """Where the key lives: beside the artifacts, so that lab hosts trust what a newer tree builds."""
    return config.cache_dir() / "signing-key"


def make_key(job: Job) -> None:
    """public.asc, fingerprint; the key itself is made once per cache, its folder has mode 0700."""
    home = key_home()
    gpg = ["gpg", "--homedir", str(home), "--batch"]
    if not home.exists():
        home.mkdir(mode=0o700)
        job.run(*gpg, "--passphrase", "", "--quick-gen-key", OWNER, "ed25519", "sign", "never")
    job.run(*gpg, "--armor", "--export", "--output", job.out / "public.asc")
    listing = job.read(*gpg, "--with-colons", "--list-keys")
    match = re.search(r"^fpr:+([0-9A-F]{40}):", listing, flags=re.MULTILINE)
    if not match:
        raise RuntimeError(f"gpg lists no key: remove {home}")
    (job.out / "fingerprint").write_text(match[1] + "\n")
    stop_agent(job, home)


def stop_agent(job: Job, home: Path) -> None:
    job.run("gpgconf", "--homedir", home, "--kill", "all")


def sign(job: Job, release: Path) -> None:
    """InRelease and Release.gpg beside a Release file."""
    home = key_home()
    gpg = ["gpg", "--homedir", str(home), "--batch", "--yes"]
    with AGENT:
        job.run(*gpg, "--clearsign", "--output", release.with_name("InRelease"), release)
        job.run(*gpg, "--armor", "--detach-sign", "--output", release.with_name("Release.gpg"), release)
        stop_agent(job, home)


def artifacts() -> list[Artifact]:
    """One: the key pair."""
    return [Artifact("apt-key", "signing key of the lab", make_key)]
