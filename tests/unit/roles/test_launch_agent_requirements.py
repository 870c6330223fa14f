# SPDX-License-Identifier: GPL-3.0-or-later
"""Both lists of packages that the role installs from: pinned, hashed, of the role's own release."""

import re
from pathlib import Path

import pytest
import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles/launch_agent"
LISTS = ("requirements.txt", "requirements-full.txt")
PIN = re.compile(r"^(?P<name>[a-z0-9.-]+)(\[[a-z,]+\])?==(?P<version>[^ ;\\]+)", re.M)


def pins(name):
    text = (ROLE / "files" / name).read_text(encoding="utf-8")
    return {found["name"]: found["version"] for found in PIN.finditer(text)}


@pytest.mark.parametrize("name", LISTS)
def test_each_package_is_pinned_and_hashed(name):
    text = (ROLE / "files" / name).read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 50
    assert [line[:60] for line in lines if not PIN.match(line) or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("name", LISTS)
def test_the_release_is_that_of_the_role(name):
    constants = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))
    assert pins(name)["wandb"] == constants["__launch_agent_own_version"]


def test_the_full_list_has_what_the_small_one_has():
    assert set(pins(LISTS[0])) <= set(pins(LISTS[1]))
    assert {"boto3", "google-cloud-storage", "kubernetes-asyncio"} <= set(pins(LISTS[1]))
