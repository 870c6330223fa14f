# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds artifacts: a table of recipes, their keys, two workers, one line of progress each."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from . import cache as store

WORKERS = 2
HEARTBEAT_S = 60.0
TAIL_LINES = 30
PACKAGE = Path(__file__).resolve().parent


class BuildError(Exception):
    """A recipe failed; the message names the artifact and ends with the tail of its log."""


@dataclass(frozen=True)
class Artifact:
    """One thing to build. Everything that its content depends on must be named here: that is its key."""

    name: str
    title: str
    recipe: Callable[[Job], None]
    needs: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    code: tuple[str, ...] = ()  # modules of this package whose code shapes the result, besides the recipe's own
    heavy: bool = False  # a compiler run; one worker starts with these, the other with the rest
    default: bool = True  # part of `build` without names


@dataclass
class Job:
    """What a recipe gets: a folder to fill, a log, its dependencies."""

    out: Path
    log: TextIO
    places: Mapping[str, Path]

    def dep(self, name: str) -> Path:
        return self.places[name]

    def say(self, text: str) -> None:
        print(text, file=self.log, flush=True)

    def run(self, *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        """Run a command with its output in the log; an error when it fails."""
        self.say("+ " + shlex.join(str(c) for c in command))
        merged = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
        subprocess.run(
            [str(c) for c in command],
            cwd=cwd,
            env=merged,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            check=True,
        )

    def read(self, *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run a command and return what it prints; its messages go to the log."""
        self.say("+ " + shlex.join(str(c) for c in command))
        merged = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
        done = subprocess.run(
            [str(c) for c in command],
            cwd=cwd,
            env=merged,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            check=True,
            text=True,
        )
        return done.stdout


def with_dependencies(table: Mapping[str, Artifact], names: Iterable[str]) -> list[str]:
    """The names and all they need, dependencies first, otherwise in the order of the table."""
    order: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise BuildError("circular dependency: " + " -> ".join((*path, name)))
        if name not in table:
            raise BuildError(f"unknown artifact {name!r}; known: {', '.join(table)}")
        for need in table[name].needs:
            visit(need, (*path, name))
        order.setdefault(name)

    wanted = set(names)
    unknown = wanted - set(table)
    for name in [*table, *sorted(unknown)]:
        if name in wanted:
            visit(name, ())
    return list(order)


def keys(table: Mapping[str, Artifact], names: Sequence[str]) -> dict[str, str]:
    """The key of each artifact; `names` has dependencies first."""
    result: dict[str, str] = {}
    code: dict[Path, str] = {}
    for name in names:
        artifact = table[name]
        modules = {recipe_file(artifact)} | {PACKAGE / f"{m}.py" for m in artifact.code}
        for module in modules - set(code):
            code[module] = store.code_digest(module)
        result[name] = store.key_of(
            {
                "name": name,
                "needs": {need: result[need] for need in artifact.needs},
                "files": {os.path.relpath(path, PACKAGE): store.input_digest(path) for path in artifact.files},
                "values": dict(artifact.values),
                "code": sorted(code[module] for module in modules),
            }
        )
    return result


def recipe_file(artifact: Artifact) -> Path:
    """The file in which the recipe is written."""
    function = getattr(artifact.recipe, "func", artifact.recipe)  # through functools.partial
    return Path(sys.modules[function.__module__].__file__ or "")


def elapsed(seconds: float) -> str:
    """4m12s, 7.3s."""
    return f"{int(seconds // 60)}m{int(seconds % 60):02d}s" if seconds >= 60 else f"{seconds:.1f}s"


class Run:
    """One build of several artifacts by WORKERS threads."""

    def __init__(self, table: Mapping[str, Artifact], cache: store.Cache, say: Callable[[str], None]) -> None:
        self.table, self.cache, self.say = table, cache, say
        self.places: dict[str, Path] = {}
        self.waiting: list[str] = []
        self.running: dict[str, float] = {}
        self.failure: BuildError | None = None
        self.done = self.total = 0
        self.change = threading.Condition()

    def missing(self, order: Sequence[str], key: Mapping[str, str]) -> list[str]:
        """Note what is built already and return the rest."""
        for name in order:
            found = self.cache.find(name, key[name])
            if found:
                os.utime(found)  # when it was used last
                self.places[name] = found
        return [name for name in order if name not in self.places]

    def build(self, order: Sequence[str], key: Mapping[str, str]) -> dict[str, Path]:
        """Build what is missing of `order` and return the places of all."""
        self.waiting = self.missing(order, key)
        self.total = len(self.waiting)
        threads = [threading.Thread(target=self._work, args=(key, n == 0), daemon=True) for n in range(WORKERS)]
        for thread in threads:
            thread.start()
        self._watch(threads)
        if self.failure:
            raise self.failure
        return self.places

    def _watch(self, threads: Sequence[threading.Thread]) -> None:
        last = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(0.2)
            if time.monotonic() - last > HEARTBEAT_S:
                last = time.monotonic()
                with self.change:
                    busy = ", ".join(f"{name} {elapsed(last - start)}" for name, start in self.running.items())
                self.say(f"  ... {busy}")

    def _next(self, prefer_heavy: bool) -> str | None:
        """The next artifact whose needs are met. Call with the condition held.

        Two compilers at a time: one alone leaves a core idle while it downloads modules or links.
        """
        ready = [name for name in self.waiting if all(need in self.places for need in self.table[name].needs)]
        ready.sort(key=lambda name: self.table[name].heavy != prefer_heavy)  # stable: the table's order otherwise
        return ready[0] if ready else None

    def _work(self, key: Mapping[str, str], prefer_heavy: bool) -> None:
        while True:
            with self.change:
                name = None
                while self.waiting and not self.failure:
                    name = self._next(prefer_heavy)
                    if name:
                        break
                    self.change.wait()
                if name is None or self.failure:
                    return
                self.waiting.remove(name)
                self.running[name] = time.monotonic()
            self._one(name, key[name])

    def _one(self, name: str, key: str) -> None:
        error: BuildError | None = None
        log_file = self.cache.logs / f"{name}.log"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log_file.open("w") as log, self.cache.staged(name, key) as out:
                self.table[name].recipe(Job(out, log, self.places))
        except Exception as problem:
            tail = "\n".join(log_file.read_text(errors="replace").splitlines()[-TAIL_LINES:])
            error = BuildError(f"{name}: {problem}\n--- the end of {log_file}\n{tail}")
        with self.change:
            took = elapsed(time.monotonic() - self.running.pop(name))
            if error:
                self.failure = self.failure or error
            else:
                self.places[name] = self.cache.location(name, key)
                self.done += 1
                label = f"[{self.done:2d}/{self.total}] {name}: {self.table[name].title} "
                self.say(label.ljust(76, ".") + f" {took}")
            self.change.notify_all()
