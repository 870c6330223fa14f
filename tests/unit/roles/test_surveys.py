# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles find in the place of things that they would make: nothing of others is taken over."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
ME = pwd.getpwuid(os.getuid())


def survey(role, *arguments):
    text = yaml.safe_load((ROLES / role / "vars/main.yml").read_text(encoding="utf-8"))[f"__{role}_survey"]
    command = ["/bin/sh", "-ec", text, "survey", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    return done.stdout.split()


def of_kube_client(venv):
    return survey("kube_client", venv, "no-such-package")


def of_launch_agent(venv, home="/nowhere", user="no-such-user", comment="W&B Launch agent"):
    return survey("launch_agent", user, comment, home, venv, "no-such-package")


both = pytest.mark.parametrize("look", [of_kube_client, of_launch_agent], ids=["kube_client", "launch_agent"])


@both
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
def test_a_folder_that_would_be_emptied(look, tmp_path, files, found):
    for name in files:
        (tmp_path / name).touch()
    assert look(tmp_path) == found


@both
def test_a_file_in_the_place_of_the_folder(look, tmp_path):
    (tmp_path / "file").touch()
    assert look(tmp_path / "file") == ["strange"]


@both
def test_the_folder_above_is_made_only_where_it_is_missing(look, tmp_path):
    assert look(tmp_path / "absent") == []
    assert look(tmp_path / "absent/venv") == ["orphan"]


@pytest.mark.parametrize(
    ("comment", "found"),
    [pytest.param("somebody", ["account"], id="of-others"), pytest.param(ME.pw_gecos, [], id="own")],
)
def test_an_account_is_known_by_its_comment(tmp_path, comment, found):
    assert of_launch_agent(tmp_path, user=ME.pw_name, comment=comment) == found


@pytest.mark.parametrize(
    ("files", "user", "found"),
    [
        pytest.param([], "no-such-user", [], id="empty"),
        pytest.param(["data"], "no-such-user", ["home"], id="filled"),
        pytest.param(["launch-config.yaml"], ME.pw_name, [], id="its-own"),
    ],
)
def test_a_home_of_somebody_else(tmp_path, files, user, found):
    (tmp_path / "venv").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    for name in files:
        (home / name).touch()
    assert of_launch_agent(tmp_path / "venv", home=home, user=user, comment=ME.pw_gecos) == found


@pytest.mark.skipif(not Path("/var/lib/dpkg/status").exists(), reason="no Debian system")
@pytest.mark.parametrize("role", ["kube_client", "launch_agent"])
def test_packages_that_are_there(role, tmp_path):
    first = {"kube_client": [tmp_path], "launch_agent": ["no-such-user", "x", "/nowhere", tmp_path]}[role]
    assert survey(role, *first, "dpkg", "no-such-package") == ["dpkg"]
