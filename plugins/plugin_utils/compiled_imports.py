# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets Python keep the compiled form of our own code on the controller, as it does for every other package.

Ansible's loader of collections compiles each file anew in each run, and a worker once more for each host. With a
hundred files that is a quarter of a second. Below our own module_utils, and nowhere else, Python's loader takes over.
What it keeps lies in a cache of ours: in the collection's own folder `ansible-galaxy collection verify` would tell it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import own_cache

PREFIX = "ansible_collections.mlinfra.gpu_launch.plugins.module_utils."


class Loader(SourceFileLoader):
    """Python's own, with another place for what it keeps."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return a module's code, compiled at most once."""
        if sys.pycache_prefix is not None:  # the user has chosen a place
            return super().get_code(fullname)
        sys.pycache_prefix = str(own_cache.folder("compiled"))
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix = None


class Finder:
    """Finds modules of ours, by the folders that Ansible has found for their package."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module of ours is; None for all others, and where there is no source file."""
        if not fullname.startswith(PREFIX):
            return None
        for folder in path or ():
            spec = FileFinder(folder, (Loader, SOURCE_SUFFIXES)).find_spec(fullname)
            if spec is not None and spec.loader is not None:
                return spec
        return None


def install() -> None:
    """Take part in all later imports of this process, where there is a place to keep something."""
    home = own_cache.folder("compiled")
    with contextlib.suppress(OSError):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = sys.pycache_prefix is not None or own_cache.private(home)
    if kept and not sys.dont_write_bytecode and Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
