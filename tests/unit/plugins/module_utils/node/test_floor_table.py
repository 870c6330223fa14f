# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine runs beside the floors."""

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.floor_table import floor_table

from .healthy import PARTS
from .test_catalogue import changed


def lines(**changes):
    observed = changed({name: part["observed"] for name, part in PARTS.items()}, changes)
    return {line["component"]: line for line in floor_table(observed)}


def test_the_healthy_host_in_the_order_of_the_chain():
    found = lines()
    assert list(found) == [
        "nvidia-driver", "docker-engine", "containerd", "runc", "nvidia-container-toolkit", "kubernetes",
    ]  # fmt: skip
    assert found["nvidia-container-toolkit"]["installed"] == "1.20.1-1"
    assert found["nvidia-container-toolkit"]["floor"] == "1.19.1"
    assert {found[name]["verdict"] for name in found if name != "kubernetes"} <= {"ok", "unjudged"}


def test_a_version_with_a_hole_says_which():
    found = lines(**{"nvidia_ctk.packages": {"nvidia-container-toolkit": "1.17.0-1"}})["nvidia-container-toolkit"]
    assert (found["verdict"], found["floor"]) == ("below", "1.19.1")
    assert "CVE-2025-23266" in found["reason"]


def test_a_distributions_build_is_not_judged_by_its_number():
    packages = {"docker.io": "20.10.24+dfsg1-1", "containerd": "1.6.20~ds1-1", "runc": "1.1.5+ds1-1"}
    versions = {"Engine": "20.10.24", "containerd": "1.6.20", "runc": "1.1.5"}
    found = lines(**{"docker.packages": packages, "docker.engine.versions": versions})
    assert {found[name]["verdict"] for name in ("docker-engine", "containerd", "runc")} == {"unjudged"}


def test_what_was_not_seen_has_no_line():
    gone = ("docker.engine", "cluster.profile", "gpu.module_version", "gpu.nvml")
    assert list(lines(**dict.fromkeys(gone))) == ["nvidia-container-toolkit"]
    assert floor_table({}) == []


def test_a_build_of_an_unknown_machine_is_judged_by_its_number():
    found = lines(**{"host": None, "docker.packages": {"runc": "1.1.5"}, "docker.engine.versions": {"runc": "1.1.5"}})
    assert found["runc"]["verdict"] == "below"
