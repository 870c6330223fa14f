# SPDX-License-Identifier: GPL-3.0-or-later
"""docker-archives (`docker save`, `docker load`) made from files, without a registry or a daemon."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .cache import file_digest

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SKELETON = ("dev", "etc", "proc", "sys", "tmp")  # mount points that an engine expects


@dataclass(frozen=True)
class Layer:
    """A tar of files with its digest."""

    file: Path
    digest: str

    @classmethod
    def of(cls, file: Path) -> Layer:
        return cls(file, file_digest(file))


@dataclass(frozen=True)
class Image:
    """A name, layers from the lowest to the highest, and the part of the configuration that differs from nothing."""

    name: str
    layers: Sequence[Layer]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def config(self) -> bytes:
        """The image's configuration; the same input gives the same bytes, so the same image id."""
        settings = {**self.settings, "Env": [PATH, *self.settings.get("Env", ())]}
        document = {
            "architecture": "amd64",
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.digest}" for layer in self.layers]},
        }
        return json.dumps(document, sort_keys=True).encode()


def member(
    name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o755, link: str = "", size: int = 0
) -> tarfile.TarInfo:
    """A tar entry with fixed time and owner."""
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.size, info.mtime = kind, mode, link, size, 0
    return info


def write_layer(target: Path, files: Mapping[str, Path], links: Mapping[str, str] | None = None) -> Layer:
    """A layer with these programs (path in the image -> file here), these symbolic links and the mount points."""
    folders: set[str] = set()
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:

        def make_parents(path: str) -> None:
            parts = path.strip("/").split("/")
            for depth in range(1, len(parts) + 1):
                folder = "/".join(parts[:depth])
                if folder and folder not in folders:
                    folders.add(folder)
                    tar.addfile(member(folder, tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755))

        for folder in SKELETON:
            make_parents(folder)
        for path, source in sorted(files.items()):
            make_parents(path.rpartition("/")[0])
            with source.open("rb") as stream:
                tar.addfile(member(path.strip("/"), size=source.stat().st_size), stream)
        for path, points_to in sorted((links or {}).items()):
            make_parents(path.rpartition("/")[0])
            tar.addfile(member(path.strip("/"), tarfile.SYMTYPE, 0o777, points_to))
    return Layer.of(target)


def write_archive(target: Path, images: Iterable[Image]) -> None:
    """One archive with all the images; a layer that several share is stored once."""
    manifest, stored = [], set()
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        for image in images:
            config = image.config()
            config_name = hashlib.sha256(config).hexdigest() + ".json"
            tar.addfile(member(config_name, mode=0o644, size=len(config)), io.BytesIO(config))
            for layer in image.layers:
                if layer.digest not in stored:
                    stored.add(layer.digest)
                    with layer.file.open("rb") as stream:
                        entry = member(f"{layer.digest}/layer.tar", mode=0o644, size=layer.file.stat().st_size)
                        tar.addfile(entry, stream)
            layers = [f"{layer.digest}/layer.tar" for layer in image.layers]
            manifest.append({"Config": config_name, "RepoTags": [image.name], "Layers": layers})
        text = json.dumps(manifest).encode()
        tar.addfile(member("manifest.json", mode=0o644, size=len(text)), io.BytesIO(text))
