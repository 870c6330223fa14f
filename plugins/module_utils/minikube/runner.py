# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts programs as the dedicated user, with a clean environment and a deadline; only this file touches the system."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..lean_dataclass import dataclass
from .errors import AS_ROOT, MinikubeError, NoAccount

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Result:
    """How one program ended; rc is -1 when it was stopped at its deadline."""

    rc: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def timed_out(self) -> bool:
        """Whether the deadline ended it."""
        return self.rc == -1


class Account:
    """The user that minikube runs as: never root."""

    def __init__(self, user: str, home: str) -> None:
        """Look the user up; without a name it is the one who runs this."""
        try:
            entry = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
        except KeyError as error:
            raise NoAccount(f"user {user!r} does not exist; create it, in group docker") from error
        if entry.pw_uid == 0:
            raise MinikubeError(AS_ROOT)
        if os.geteuid() not in (0, entry.pw_uid):
            raise MinikubeError(f"only root can run minikube as {user}; use become, or leave `user` out")
        self.name, self.uid, self.gid = entry.pw_name, entry.pw_uid, entry.pw_gid
        self.home = home or entry.pw_dir
        self.drop = os.geteuid() == 0

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Nothing is inherited: stray MINIKUBE_* and DOCKER_* variables change what minikube does, unchecked."""
        fixed = {"HOME": self.home, "USER": self.name, "LOGNAME": self.name, "PATH": PATH, "LC_ALL": "C"}
        return {**{str(key): str(value) for key, value in extra.items()}, **fixed}


class Runner:
    """Runs a program and keeps what it printed."""

    def __init__(self, account: Account, extra: Mapping[str, str]) -> None:
        """Remember who runs and with which additional variables."""
        self.account = account
        self.env = account.environment(extra)

    def run(self, argv: Sequence[str], timeout: float) -> Result:
        """Wait for the end, or for the deadline; then the whole process group ends."""
        account, began = self.account, time.monotonic()
        groups = os.getgrouplist(account.name, account.gid) if account.drop else None
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                process = subprocess.Popen(
                    list(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=self.env,
                    cwd=account.home if os.path.isdir(account.home) else "/",
                    user=account.uid if account.drop else None,
                    group=account.gid if account.drop else None,
                    extra_groups=groups,
                    umask=0o077,
                    start_new_session=True,
                )
            except OSError as error:
                raise MinikubeError(f"{argv[0]} can't be started: {error.strerror}") from error
            rc = _wait(process, timeout)
            out.seek(0)
            err.seek(0)
            texts = [stream.read().decode("utf-8", "replace") for stream in (out, err)]
        return Result(rc, texts[0], texts[1], time.monotonic() - began)


def _wait(process: subprocess.Popen[bytes], timeout: float) -> int:
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
        return -1


_LEFT = "container "


class Marker:
    """A file beside the profiles that says "this module began to create the cluster". A crash leaves it."""

    def __init__(self, account: Account, profile: str) -> None:
        """Name the file."""
        self.account = account
        self.path = os.path.join(account.home, f".{profile}.creating")

    def exists(self) -> bool:
        """Whether an earlier run did not come to the end."""
        return os.path.lexists(self.path)

    def write(self) -> None:
        """Before the first command that creates."""
        self._put(b"")

    def note(self, container: str) -> None:
        """After a creation that failed."""
        self._put(f"{_LEFT}{container}\n".encode())

    def noted(self) -> str | None:
        """The container that it left; None when the creation did not even come to its failure."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "r", encoding="utf-8", errors="replace") as stream:
            text = stream.read(1024)
        return text[len(_LEFT) :].strip() if text.startswith(_LEFT) else None

    def _put(self, data: bytes) -> None:
        descriptor = _owned_file(self.path, self.account)
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, data)
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """After the last one, and after a delete."""
        if self.exists():
            os.unlink(self.path)


def _owned_file(path: str, account: Account) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if account.drop:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


@contextmanager
def locked(account: Account, deadline: float) -> Iterator[None]:
    """One minikube at a time: the systemd unit takes the same lock, and it may be starting the cluster after a boot."""
    import fcntl

    if not os.path.isdir(account.home):
        yield
        return
    descriptor = _owned_file(os.path.join(account.home, ".minikube-gpu.lock"), account)
    end = time.monotonic() + deadline
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > end:
                    raise MinikubeError("another minikube command holds the lock of this home for too long") from error
                time.sleep(0.5)
        yield
    finally:
        os.close(descriptor)
