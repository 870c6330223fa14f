# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the benchmarks keep and find things."""

from __future__ import annotations

import os
from pathlib import Path

from tests.lab import config

HERE = Path(__file__).resolve().parent
REPOSITORY = config.REPOSITORY
PAGE = REPOSITORY / "docs/benchmarks.md"
PLOT = REPOSITORY / "docs/images/benchmarks.svg"
RESULTS = HERE / "results.json"


def cache() -> Path:
    """Key, known hosts, inventories and the peers; beside the lab's artifacts."""
    return config.cache_dir() / "benchmarks"


def geerlingguy() -> Path | None:
    """The source folder of geerlingguy.docker, which is on no package registry that is used here; None when absent.

    The folder must have the role's name, because that is how Ansible finds it.
    """
    place = Path(os.environ.get("GEERLINGGUY_DOCKER") or cache() / "geerlingguy.docker").expanduser()
    return place if (place / "tasks/main.yml").is_file() else None
