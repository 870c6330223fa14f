# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets Python keep the compiled form of our own code on the controller, as it does for every other package.

Ansible's loader of collections compiles each file anew in each run, and a worker once more for each host. With a
hundred files that is a quarter of a second. Below our own module_utils, and nowhere else, Python's loader takes over.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

PREFIX = "ansible_collections.mlinfra.gpu_launch.plugins.module_utils."


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
            spec = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(fullname)
            if spec is not None and spec.loader is not None:
                return spec
        return None


def install() -> None:
    """Take part in all later imports of this process and of those that fork from it."""
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
