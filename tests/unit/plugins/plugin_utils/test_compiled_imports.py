# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that import our code as Ansible does, with a cache of compiled code of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import compiled_imports

ROOT = Path(__file__).resolve().parents[4]
NAME = f"{compiled_imports.PREFIX}node.versions"
PROGRAM = f"""
import sys
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder(paths=[sys.argv[1]])._install()
from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import compiled_imports
if sys.argv[2] == "installed":
    compiled_imports.install()
    compiled_imports.install()
import {NAME}, ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils.role_inputs as other
print(type(sys.modules["{NAME}"].__loader__).__name__, type(other.__loader__).__name__)
print(sys.modules["{NAME}"].__file__)
print(sum(finder is compiled_imports.Finder for finder in sys.meta_path))
"""


def run(tmp_path, mode):
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", PROGRAM, str(ROOT / "collections"), mode]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.split()


@pytest.mark.parametrize("mode", ["installed", "absent"])
def test_our_module_utils_are_compiled_once_and_nothing_else_is_touched(tmp_path, mode):
    loader, other, path, finders = run(tmp_path, mode)
    assert other == "_AnsibleCollectionLoader"
    assert Path(path).samefile(ROOT / "plugins/module_utils/node/versions.py")
    kept = list(tmp_path.rglob("versions.*.pyc"))
    if mode == "installed":
        assert (loader, finders, len(kept)) == ("SourceFileLoader", "1", 1)
    else:
        assert (loader, finders, kept) == ("_AnsibleCollectionLoader", "0", [])


@pytest.mark.parametrize("name", ["json", "ansible_collections.mlinfra.gpu_launch.plugins.action.node_state"])
def test_other_names_are_left_to_others(name):
    assert compiled_imports.Finder.find_spec(name, [str(ROOT)]) is None


def test_a_module_that_is_not_there_is_left_to_others(tmp_path):
    assert compiled_imports.Finder.find_spec(f"{compiled_imports.PREFIX}absent", [str(tmp_path)]) is None
    assert compiled_imports.Finder.find_spec(f"{compiled_imports.PREFIX}absent", None) is None
