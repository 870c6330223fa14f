# SPDX-License-Identifier: GPL-3.0-or-later
"""The container toolkit."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare

from .machines import first, ids, machine

PACKAGES = machine()["nvidia_ctk"]["packages"]


@pytest.mark.parametrize("name", ["reference", "bare"])
def test_wanted_version_is_fine(name):
    assert ids("nvidia_ctk", {"version": "1.20.1"}, name) == []


@pytest.mark.parametrize("version", ["1.19.0", "1.17.8", "latest", "1.20.1.1.1"])
def test_versions_below_the_floor_and_no_versions_are_refused(version):
    assert ids("nvidia_ctk", {"version": version}) == [("CTK008", "refuse")]


def test_text_that_is_no_version_is_named():
    assert "'latest' is no version" in first("nvidia_ctk", {"version": "latest"}).found


def test_who_needs_the_toolkit():
    wanted = {"requires": {"nvidia_ctk": {"installed": True}}}
    assert ("CTK001", "refuse") in ids("agent", wanted, "bare")
    assert ("CTK001", "tell") in ids("agent", {**wanted, "provided": ["nvidia_ctk"]}, "bare")
    assert [found for found in ids("agent", wanted) if found[0].startswith("CTK")] == []


def test_a_toolkit_without_package_counts():
    assert ids("nvidia_ctk", {"installed": True}, "bare", nvidia_ctk__hook=True) == []


def test_skewed_packages_are_told():
    skewed = {**PACKAGES, "libnvidia-container1": "1.17.8-1"}
    assert ids("nvidia_ctk", {"version": "1.20.1"}, nvidia_ctk__packages=skewed) == [("CTK003", "tell")]


def test_installed_version_is_judged_when_none_is_wanted():
    old = {"nvidia-container-toolkit": "1.17.0-1"}
    assert ids("nvidia_ctk", {"installed": True}, nvidia_ctk__packages=old) == [("CTK008", "tell")]


def test_who_adds_a_repository_must_know_those_that_are_there():
    report = compare("nvidia_ctk", machine(nvidia_ctk__sources=None), {"version": "1.20.1"})
    assert [item.fact for item in report.unknown] == ["nvidia_ctk.sources"]
    assert not compare("nvidia_ctk", machine(nvidia_ctk__sources=None), {"installed": True}).unknown
