# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles find in the place of things that they would make: nothing of others is taken over."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"


def survey(role, *arguments):
    text = yaml.safe_load((ROLES / role / "vars/main.yml").read_text(encoding="utf-8"))[f"__{role}_survey"]
    command = ["/bin/sh", "-ec", text, "survey", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    return done.stdout.split()


def of_kube_client(venv):
    return survey("kube_client", venv, "no-such-package")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param([], [], id="empty"),
        pytest.param(["pyvenv.cfg", "requirements.sha256"], [], id="its-own"),
        pytest.param(["train.py"], ["strange"], id="a-project"),
        pytest.param(["pyvenv.cfg", "requirements.txt"], ["strange"], id="an-environment-of-others"),
        pytest.param([".hidden"], ["strange"], id="hidden-files"),
    ],
)
def test_a_folder_that_would_be_emptied(tmp_path, files, found):
    for name in files:
        (tmp_path / name).touch()
    assert of_kube_client(tmp_path) == found


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").touch()
    assert of_kube_client(tmp_path / "file") == ["strange"]


def test_the_folder_above_is_made_only_where_it_is_missing(tmp_path):
    assert of_kube_client(tmp_path / "absent") == []
    assert of_kube_client(tmp_path / "absent/venv") == ["orphan"]


@pytest.mark.skipif(
    not Path("/var/lib/dpkg/status").exists(), reason="no dpkg database; runs on Debian and Ubuntu, as in CI"
)
def test_packages_that_are_there(tmp_path):
    assert survey("kube_client", tmp_path, "dpkg", "no-such-package") == ["dpkg"]
