# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts by the floors: what a number tells, and what it can't."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.floor_model import Build
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.floor_verdict import Installed, judge, on_line


@pytest.mark.parametrize(
    ("name", "version", "state", "floor", "action"),
    [
        pytest.param("nvidia-container-toolkit", "1.20.1-1", "ok", "", "report", id="above-the-highest-min"),
        pytest.param("nvidia-container-toolkit", "1.19.0", "below", "1.19.1", "fail", id="below-the-newest"),
        pytest.param("nvidia-container-toolkit", "1.16.1", "below", "1.19.1", "fail", id="below-all-highest-floor"),
        pytest.param("nvidia-driver", "580.178.04", "ok", "", "report", id="driver-at-the-floor-of-its-line"),
        pytest.param("nvidia-driver", "580.159.04", "below", "580.178.04", "report", id="driver-is-reported-only"),
        pytest.param("nvidia-driver", "570.211.01", "below", "", "report", id="a-line-without-fix"),
        pytest.param("nvidia-driver", "535.274.02", "end_of_life", "", "report", id="a-line-at-its-end"),
        pytest.param("nvidia-driver", "525.105.17", "unverifiable", "", "report", id="a-line-that-is-not-listed"),
        pytest.param(
            "nvidia-driver", "630.10.01", "unverifiable", "", "report", id="a-newer-line-is-not-fine-by-itself"
        ),
        pytest.param("containerd", "2.3.1", "below", "2.3.2", "fail", id="one-of-three-rules"),
        pytest.param("containerd", "1.7.33", "ok", "", "report", id="other-rules-do-not-speak-of-the-line"),
        pytest.param("containerd", "1.6.20", "unverifiable", "", "report", id="other-is-unverifiable"),
        pytest.param("runc", "1.4.2", "below", "1.4.3", "report", id="the-action-of-the-rule-wins"),
        pytest.param("runc", "1.1.5", "below", "1.1.12", "fail", id="below-outweighs-unverifiable"),
        pytest.param("kubernetes", "v1.33.3", "below", "1.33.4", "fail", id="below-outweighs-end-of-life"),
        pytest.param("kubernetes", "v1.34.4", "end_of_life", "", "report", id="a-line-that-is-no-longer-maintained"),
        pytest.param("kubernetes", "v1.35.1", "ok", "", "report", id="a-maintained-line"),
        pytest.param("wandb", "0.31.0", "ok", "", "report", id="wandb"),
        pytest.param("wandb", "0.27.2", "below", "0.28.1", "fail", id="wandb-below"),
        pytest.param("docker-engine", "latest", "unverifiable", "", "report", id="no-number"),
        pytest.param("k8s-device-plugin", "0.1", "ok", "", "report", id="no-rule"),
    ],
)
def test_by_number(name, version, state, floor, action):
    verdict = judge(name, version)
    assert (verdict.state, verdict.floor, verdict.action) == (state, floor, action)
    assert bool(verdict.text) is (state != "ok")


def test_open_holes_are_named_once_and_newest_first():
    verdict = judge("containerd", "2.3.0")
    assert verdict.cves == ("CVE-2026-47262", "CVE-2026-53492", "CVE-2026-46680")
    assert verdict.text == (
        "CVE-2026-47262: fixed in 2.3.2; CVE-2026-53492: fixed in 2.3.2; CVE-2026-46680: fixed in 2.3.1"
    )


def test_a_rule_without_ids_names_its_source():
    assert judge("wandb", "0.20").text == "wandb/wandb#12103 (2026-06-25): fixed in 0.28.1"


def test_text_of_lines():
    assert judge("nvidia-driver", "535.1").text.endswith("line 535 gets no fix, end of life since 2026-06")
    assert "nothing is known of the line of 525.1, only of 580, 595" in judge("nvidia-driver", "525.1").text


DEBIAN = Installed("debian", "12", "docker.io", "20.10.24+dfsg1-1+deb12u1")


def test_a_build_of_a_distribution_is_not_judged_by_number():
    verdict = judge("docker-engine", "20.10.24", DEBIAN)
    assert (verdict.state, verdict.cves, verdict.action) == ("unjudged", (), "report")
    assert verdict.text.startswith("Below the upstream floor by number; docker.io 20.10.24+dfsg1-1+deb12u1 is a dist")


def test_a_build_above_the_floor_is_fine():
    assert judge("docker-engine", "29.9.0", DEBIAN).state == "ok"


@pytest.mark.parametrize(
    ("said", "state"),
    [("fixed_in", "ok"), ("vulnerable", "below"), ("unverifiable", "unjudged")],
)
def test_what_a_person_looked_up_counts_for_that_very_build(said, state):
    reviewed = (Build("debian", "12", "docker.io", DEBIAN.version, said),)
    assert judge("docker-engine", "20.10.24", DEBIAN, reviewed).state == state
    older = Installed("debian", "12", "docker.io", "20.10.23")
    assert judge("docker-engine", "20.10.23", older, reviewed).state == "unjudged"


def test_an_unknown_component_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        judge("emacs", "1")


@pytest.mark.parametrize(
    ("version", "prefix", "belongs"),
    [("1.2.9", "1.2", True), ("1.20", "1.2", False), ("1.2", "1.2.3", False), ("x", "1", False), ("1", "x", False)],
)
def test_prefix_is_matched_on_whole_parts(version, prefix, belongs):
    assert on_line(version, prefix) is belongs
