# SPDX-License-Identifier: GPL-3.0-or-later
"""The content-keyed store: `artifacts/<name>-<key>`; the key is a hash of all that the artifact is made from."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .claim import claim

SUMS = "SHA256SUMS"
KEEP_SUPERSEDED_DAYS = 3


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def input_digest(path: Path) -> str:
    """Digest of an input: a file, a folder (names, contents, execute bits), or the word that it is missing."""
    if path.is_dir():
        names = sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
        return hashlib.sha256(
            "".join(f"{p.relative_to(path)}:{os.access(p, os.X_OK)}:{file_digest(p)}\n" for p in names).encode()
        ).hexdigest()
    return file_digest(path) if path.exists() else "missing"


def code_digest(path: Path) -> str:
    """Digest of a Python file that comments, docstrings and formatting do not change."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            del body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def key_of(inputs: Mapping[str, Any]) -> str:
    """Short key of a mapping of inputs; the order of its items does not matter."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over all regular files below the folder, readable by `sha256sum -c`."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and p.name != SUMS)
    lines = [f"{file_digest(p)}  {p.relative_to(folder)}\n" for p in files]
    (folder / SUMS).write_text("".join(lines))


def sums_of(folder: Path) -> dict[str, str]:
    """File -> SHA-256, as write_sums wrote them."""
    lines = (folder / SUMS).read_text().splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


class Cache:
    """The store below one folder. `find` never builds; `staged` yields a folder that becomes the artifact later."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.artifacts = root / "artifacts"
        self.logs = root / "logs"

    def location(self, name: str, key: str) -> Path:
        return self.artifacts / f"{name}-{key}"

    def find(self, name: str, key: str) -> Path | None:
        """The artifact's folder when it is complete; the sums are written last, so their presence says so."""
        place = self.location(name, key)
        return place if (place / SUMS).exists() else None

    @contextlib.contextmanager
    def staged(self, name: str, key: str) -> Iterator[Path]:
        """A fresh folder; renamed into its place at the end, removed after an error."""
        place = self.location(name, key)
        stage = self.root / "tmp" / f"{name}-{key}.{os.getpid()}"
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        try:
            yield stage
            write_sums(stage)
            self.artifacts.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            stage.rename(place)
        finally:
            shutil.rmtree(stage, ignore_errors=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One build at a time per cache."""
        with claim(self.root / "build.lock", f"cache {self.root} for a build"):
            yield

    def write_all_sums(self) -> None:
        """One SHA256SUMS for the whole cache, from those of the artifacts."""
        lines = [
            line.replace("  ", f"  {sums.parent.relative_to(self.root)}/", 1)
            for sums in sorted(self.artifacts.glob(f"*/{SUMS}"))
            for line in sums.read_text().splitlines(keepends=True)
        ]
        (self.root / SUMS).write_text("".join(lines))

    def prune(self, wanted: Mapping[str, str], now: float | None = None) -> list[str]:
        """Remove what an older tree built: other keys of known names that were not used for some days."""
        removed = []
        limit = (now or time.time()) - KEEP_SUPERSEDED_DAYS * 86400
        for place in self.artifacts.glob("*-*"):
            name, _, key = place.name.rpartition("-")
            if wanted.get(name, key) != key and place.stat().st_mtime < limit:
                shutil.rmtree(place)
                removed.append(place.name)
        return removed
