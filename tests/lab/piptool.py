# SPDX-License-Identifier: GPL-3.0-or-later
"""Where pip is: a bare Debian has none, and neither has an environment that uv made."""

from __future__ import annotations

import functools
import subprocess
import sys

from . import config


@functools.cache
def command() -> tuple[str, ...]:
    """pip of a Python that has it: first of the one that `make setup` keeps in the cache to install uv with."""
    own = sorted(config.cache_dir().glob("uv-*/bin/python"), reverse=True)
    for python in (*map(str, own), sys.executable, "python3", "/usr/bin/python3"):
        line = (python, "-m", "pip")
        try:
            subprocess.run([*line, "--version"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return line
    raise RuntimeError("no pip found: run `make setup` with the same GPU_LAUNCH_LAB_CACHE, or install python3-pip")
