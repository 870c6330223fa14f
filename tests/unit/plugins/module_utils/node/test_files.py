# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at a path against what should be there."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.files import compare_files, differences, told
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.judge import Judge
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Observation
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import FileSeen
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.shared import FileWanted

SEEN = FileSeen("file", "0644", "root", "root", "aa")


@pytest.mark.parametrize(
    ("seen", "wanted", "found"),
    [
        pytest.param(SEEN, FileWanted(), [], id="any-file"),
        pytest.param(
            SEEN, FileWanted(sha256=("bb", "aa"), mode="0644", owner="root", group="root"), [], id="one-of-two"
        ),
        pytest.param(SEEN, FileWanted(sha256=("bb",)), ["another content"], id="content"),
        pytest.param(SEEN, FileWanted(mode="0600", owner="me"), ["mode 0644", "owner root"], id="mode-and-owner"),
        pytest.param(FileSeen(), FileWanted(sha256=("aa",)), ["nothing"], id="absent"),
        pytest.param(SEEN, FileWanted(kind="absent"), ["a file"], id="should-be-absent"),
        pytest.param(FileSeen("other"), FileWanted(kind="directory"), ["something else"], id="device"),
    ],
)
def test_differences(seen, wanted, found):
    assert [pair[0] for pair in differences(seen, wanted)] == found


def test_all_differences_of_a_path_are_one_finding():
    assert told([("mode 0644", "mode 0600"), ("owner a", "owner b")]) == ("mode 0644, owner a", "mode 0600, owner b")


def test_a_path_that_was_not_looked_at_is_unknown():
    judge = Judge(Observation(), asked="docker")
    compare_files(judge, "DOC010", "docker.files", {"/a": SEEN}, {"/a": FileWanted(mode="0600"), "/b": FileWanted()})
    report = judge.report()
    assert [(f.id, f.subject, f.act) for f in report.findings] == [("DOC010", "/a", "converge")]
    assert [u.fact for u in report.unknown] == ["docker.files./b"]


def test_who_needs_another_component_is_refused_what_its_role_would_converge():
    for provided, act in [((), "refuse"), (("docker",), "tell")]:
        judge = Judge(Observation(), provided, asked="nvidia_ctk")
        compare_files(judge, "DOC010", "docker.files", {"/a": SEEN}, {"/a": FileWanted(mode="0600")})
        assert [f.act for f in judge.report().findings] == [act]
