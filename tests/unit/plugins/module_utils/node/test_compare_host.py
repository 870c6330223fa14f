# SPDX-License-Identifier: GPL-3.0-or-later
"""Platforms, init system and disk."""

import pytest

from .machines import first, ids

REFUSED = [("SYS002", "refuse")]


def test_reference_machine_is_fine():
    assert ids("host", {}) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"host__os_id": "fedora", "host__version_id": "40"}, id="other-system"),
        pytest.param({"host__version_id": "11"}, id="too-old"),
        pytest.param({"host__version_id": None}, id="testing-has-no-version"),
        pytest.param({"host__arch": "aarch64"}, id="architecture"),
        pytest.param({"host__systemd": False}, id="no-systemd"),
    ],
)
def test_unsupported_platform(changes):
    assert ids("host", {}, **changes) == REFUSED


def test_refusal_names_what_is_there_and_what_is_supported():
    finding = first("host", {}, host__os_id="fedora", host__version_id="40")
    assert finding.found == "fedora 40"
    assert "debian 12/13" in finding.wanted


def test_platforms_of_the_caller_count():
    assert ids("host", {"platforms": {"ubuntu": ["24.04"]}}) == REFUSED
    assert ids("host", {"platforms": {"debian": ["12"]}, "architectures": ["x86_64"]}) == []
    assert ids("host", {"systemd": False}, host__systemd=False) == []


def test_wsl_without_systemd_names_the_file_to_edit():
    assert "/etc/wsl.conf" in first("host", {}, host__systemd=False, host__wsl=True).fix


def test_free_disk_shows_the_arithmetic():
    finding = first("host", {"free_mib": {"/var/lib": 200000}})
    assert (finding.id, finding.found) == ("SYS005", "150000 MiB free of 200000 MiB")
    assert "add 50000 MiB" in finding.fix


@pytest.mark.parametrize("root", [None, "/var/lib/docker"])
def test_the_expected_data_root_is_judged_where_the_engine_has_no_other(root):
    wanted = {"free_mib": {"/var/lib/docker": 150001}, "data_root": "/var/lib/docker"}
    finding = first("host", wanted, docker__engine__root_dir=root)
    assert (finding.id, finding.subject) == ("SYS005", "/var/lib/docker")


def test_the_engines_own_data_root_is_judged():
    wanted = {"free_mib": {"/var/lib/docker": 1024}, "data_root": "/var/lib/docker"}
    disk = {"total_mib": 2000, "free_mib": 1000, "free_inodes": 1000000}
    moved = {"docker__engine__root_dir": "/mnt/docker", "docker__engine__disk": disk}
    finding = first("host", wanted, **moved)
    assert (finding.id, finding.subject, finding.found) == ("SYS005", "/mnt/docker", "1000 MiB free of 2000 MiB")
    assert ids("host", {**wanted, "data_root": ""}, **moved) == []


def test_enough_disk():
    assert ids("host", {"free_mib": {"/": 1, "/var/lib": 150000}}) == []
