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
PLACES = ("ANSIBLE_HOME", "PYTHONPYCACHEPREFIX")
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


def run(mode, **variables):
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", *PLACES)}
    command = [sys.executable, "-c", PROGRAM, str(ROOT / "collections"), mode]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**environment, **variables})
    return done.stdout.split()


def kept(folder):
    return list(folder.rglob("versions.*.pyc"))


@pytest.mark.parametrize("place", PLACES)
def test_our_module_utils_are_compiled_once_and_nothing_else_is_touched(tmp_path, place):
    other = {"PYTHONPYCACHEPREFIX": str(tmp_path / "prefix")} if place == "PYTHONPYCACHEPREFIX" else {}
    loader, rest, path, finders = run("installed", ANSIBLE_HOME=str(tmp_path / "home"), **other)
    assert (loader, rest, finders) == ("Loader", "_AnsibleCollectionLoader", "1")
    assert Path(path).samefile(ROOT / "plugins/module_utils/node/versions.py")
    (found,) = kept(tmp_path)
    folder = tmp_path / ("prefix" if other else "home/mlinfra.gpu_launch/compiled")
    assert found.is_relative_to(folder)
    assert list((ROOT / "plugins/module_utils/node").rglob("*.pyc")) == []


def test_without_it_ansible_loads_as_ever(tmp_path):
    loader, rest, dummy, finders = run("absent", ANSIBLE_HOME=str(tmp_path))
    assert (loader, rest, finders) == ("_AnsibleCollectionLoader", "_AnsibleCollectionLoader", "0")
    assert kept(tmp_path) == []


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path):
    home = tmp_path / "mlinfra.gpu_launch/compiled"
    home.mkdir(parents=True)
    home.chmod(0o777)
    assert run("installed", ANSIBLE_HOME=str(tmp_path))[0] == "_AnsibleCollectionLoader"


def test_who_wants_nothing_kept_gets_nothing_kept(tmp_path):
    loader = run("installed", ANSIBLE_HOME=str(tmp_path), PYTHONDONTWRITEBYTECODE="1")[0]
    assert (loader, kept(tmp_path)) == ("_AnsibleCollectionLoader", [])


@pytest.mark.parametrize("name", ["json", "ansible_collections.mlinfra.gpu_launch.plugins.action.node_state"])
def test_other_names_are_left_to_others(name):
    assert compiled_imports.Finder.find_spec(name, [str(ROOT)]) is None


def test_a_module_that_is_not_there_is_left_to_others(tmp_path):
    assert compiled_imports.Finder.find_spec(f"{compiled_imports.PREFIX}absent", [str(tmp_path)]) is None
    assert compiled_imports.Finder.find_spec(f"{compiled_imports.PREFIX}absent", None) is None
