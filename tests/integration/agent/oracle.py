# SPDX-License-Identifier: GPL-3.0-or-later
"""A real agent of a given release in an environment of its own, and what it makes of a config and a run."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
REQUIREMENTS = ROOT / "roles/launch_agent/files/requirements.txt"
NAMES = REQUIREMENTS.with_name("requirements.in")
API_KEY = "0123456789abcdef0123456789abcdef01234567"

Outcome = dict[str, Any]


def cache() -> Path:
    """Return the folder for what is built, outside the tree."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlinfra-gpu-launch"
    return Path(os.environ.get("GPU_LAUNCH_LAB_CACHE") or default)


def pinned_release() -> str:
    """Return the release that the role installs."""
    found = re.search(r"^wandb==(\S+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "the role's requirements pin the agent"
    return found.group(1)


def python_of(release: str) -> Path:
    """Return the interpreter of an environment with that agent; it is built once.

    The release that the role installs comes with the role's own pins and hashes. Older ones take the same packages, but
    for protobuf, which they want older.
    """
    recipe = REQUIREMENTS.read_bytes() + NAMES.read_bytes() + release.encode()
    home = cache() / "agents" / f"{release}-{hashlib.sha256(recipe).hexdigest()[:16]}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _build(release, home)
    return home / "bin" / "python"


def _build(release: str, home: Path) -> None:
    made = home.with_name(f".{home.name}")
    shutil.rmtree(made, ignore_errors=True)
    tool = _uv()
    subprocess.run([tool, "venv", "--quiet", "--python", "3.11", made], check=True)
    install: list[str | Path] = [tool, "pip", "install", "--quiet", "--compile-bytecode"]
    install += ["--python", made / "bin/python"]
    if release == pinned_release():
        subprocess.run([*install, "--require-hashes", "--requirement", REQUIREMENTS], check=True)
    else:
        lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        pins = [line.rstrip(" \\") for line in lines if re.match(r"(?!wandb=|protobuf=)[a-z0-9.-]+==", line)]
        names = [line.split("#")[0].strip() for line in NAMES.read_text(encoding="utf-8").splitlines()]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
            constraints.write("\n".join(pins))
            constraints.flush()
            wanted = [name for name in names if name and not name.startswith("wandb")]
            subprocess.run([*install, "--constraint", constraints.name, *wanted, f"wandb=={release}"], check=True)
    made.rename(home)


def _uv() -> Path:
    found = re.search(r"^uv==([0-9.]+)", (ROOT / "tests/env/uv.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "make setup pins uv"
    return cache() / f"uv-{found.group(1)}" / "bin" / "uv"


class Agent:
    """A running agent that takes one item after the other."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def outcome(self, config: dict[str, Any], run: dict[str, Any]) -> Outcome:
        """Return the failure, or what was posted and where, in the notation of the recorded cases."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(_item(config, run)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the agent ended: {self._log.read_text(encoding='utf-8')[-3000:]}"
        answer = json.loads(line)
        if answer["failure"] is not None:
            return {"refused": answer["failure"], "manifests": [], "posted_to": []}
        posts = _folded([_normal(post) for post in answer["posts"]])
        return {
            "refused": None,
            "manifests": [post["body"] for post in posts],
            "posted_to": [post["path"] for post in posts],
        }


@contextlib.contextmanager
def agent(release: str, folder: Path) -> Iterator[Agent]:
    """Start an agent with an empty home in the folder, and end it."""
    log = folder / "agent.log"
    command = [python_of(release), Path(__file__).with_name("driver.py"), folder]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env={"HOME": str(folder)}
        )
        try:
            yield Agent(process, log)
        finally:
            process.communicate()


def _item(config: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = {key: run[key] for key in ("entity", "project", "run_id", "name", "author") if key in run}
    spec |= {
        "docker": {"docker_image": run["image"]},
        "git": {},
        "overrides": run.get("overrides", {}),
        "resource": "kubernetes",
        "resource_args": {"kubernetes": config},
    }
    places = ("queue", "queue_entity", "trace_id", "agent_name", "base_url")
    return {"run_spec": spec, "environment": run["agent_env"], **{key: run[key] for key in places}}


def _normal(post: dict[str, Any]) -> dict[str, Any]:
    body = json.loads(json.dumps(post["body"]).replace(API_KEY, "<WANDB_API_KEY>"))
    if post["path"].endswith("/secrets"):
        body.pop("data")
        body["apiVersion"] = "v1"
    return {"path": post["path"], "body": body}


def _folded(posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [post for position, post in enumerate(posts) if post not in posts[:position]]
