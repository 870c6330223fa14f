# SPDX-License-Identifier: GPL-3.0-or-later
"""Who moves depends on who asks; a milder form keeps its check's words."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.host import CHECKS
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.judge import Judge
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Observation


@pytest.mark.parametrize(
    ("asked", "provided", "act"),
    [("docker", [], "converge"), ("cluster", [], "refuse"), ("cluster", ["docker"], "tell")],
    ids=["its-own-role", "a-role-that-needs-it", "a-role-after-its-own"],
)
def test_who_moves(asked, provided, act):
    judge = Judge(Observation(), provided, asked)
    judge.converge("DOC010", "engine", "none", "one")
    assert [finding.act for finding in judge.report().findings] == [act]


def test_a_milder_form_has_the_words_of_its_check():
    judge = Judge(Observation(), asked="host")
    judge.milder("warning", "SYS007", "clock", "loose", "kept", ahead_s=1)
    (finding,) = judge.report().findings
    assert (finding.act, finding.severity, finding.evidence) == ("tell", "warning", {"ahead_s": 1})
    assert (finding.fix, finding.commands) == (CHECKS["SYS007"].fix, CHECKS["SYS007"].commands)
