# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheels that the roles' hashed requirement files name, as a package index (PEP 503) for hosts without PyPI."""

from __future__ import annotations

import html
import re
from pathlib import Path

from .. import config, piptool
from ..builder import Artifact, Job
from ..cache import file_digest

ROLES = ("kube_client", "launch_agent")
REQUIREMENTS = tuple(config.REPOSITORY / "roles" / role / "files/requirements.txt" for role in ROLES)
OLDEST_MANYLINUX = 17  # manylinux_2_N


def platforms() -> list[str]:
    """Options that select wheels for the lab hosts whatever runs here."""
    names = [f"manylinux_2_{minor}_x86_64" for minor in range(config.OLDEST_GLIBC[1], OLDEST_MANYLINUX - 1, -1)]
    names += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
    return ["--implementation", "cp", *(part for name in names for part in ("--platform", name))]


def project(file: str) -> str:
    """The normalized project name of a wheel's file name."""
    return re.sub(r"[-_.]+", "-", file.partition("-")[0]).lower()


def download(job: Job) -> None:
    """packages/ with the wheels, simple/ with the index over them."""
    folder = job.out / "packages"
    for requirements in REQUIREMENTS:
        for version in config.PYTHON_OF_SUITE.values():
            job.run(*piptool.command(), "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary",
                    ":all:", "--python-version", version, *platforms(), "--dest", folder,
                    "-r", requirements)  # fmt: skip
    write_index(folder, job.out / "simple")


def write_index(folder: Path, simple: Path) -> None:
    """One page per project; each link carries the file's digest."""
    pages: dict[str, list[str]] = {}
    for wheel in sorted(folder.glob("*.whl")):
        link = f'<a href="../../packages/{html.escape(wheel.name)}#sha256={file_digest(wheel)}">{wheel.name}</a><br>'
        pages.setdefault(project(wheel.name), []).append(link)
    for name, links in pages.items():
        write_page(simple / name / "index.html", links)
    write_page(simple / "index.html", [f'<a href="{name}/">{name}</a><br>' for name in sorted(pages)])


def write_page(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("<!DOCTYPE html><html><body>\n" + "\n".join(lines) + "\n</body></html>\n")


def artifacts() -> list[Artifact]:
    """One index for both kinds of hosts."""
    values = {"python": list(config.PYTHON_OF_SUITE.values())}
    return [Artifact("wheels", "Python wheels for the hosts", download, files=REQUIREMENTS, values=values)]
