# SPDX-License-Identifier: GPL-3.0-or-later
"""What nvidia_ctk installs is what the observation looks for and the comparison judges."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node import floor_verdict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.nvidia_ctk import PACKAGES

ROLE = Path(__file__).resolve().parents[3] / "roles/nvidia_ctk"


def test_the_packages_of_the_role_are_those_that_are_judged():
    variables = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))
    assert tuple(variables["__nvidia_ctk_names"]) == PACKAGES


def test_the_default_version_is_not_below_its_floor():
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text(encoding="utf-8"))
    assert floor_verdict.judge(PACKAGES[0], defaults["nvidia_ctk_version"]).state == floor_verdict.OK
