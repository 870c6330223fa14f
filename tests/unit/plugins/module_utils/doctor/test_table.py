# SPDX-License-Identifier: GPL-3.0-or-later
"""The table: worst first, within its width, with nothing that a terminal would obey."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.read import DoctorError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.table import table

from .reports import finding, healthy, report, seen


def test_groups_in_the_order_of_severity():
    lines = table(report())
    heads = [lines.index(head) for head in ("ERRORS", "WARNINGS", "ADVICE", "NOT OBSERVED")]
    assert heads == sorted(heads)
    assert lines[0] == "gpu1, 2026-11-26 09:42:00 UTC"
    assert lines[-1] == "gpu1: 2 errors, 1 warning, 1 advice, 1 not observed"


def test_every_component_has_its_line():
    lines = table(report())
    assert [line for line in lines[1:12] if line.startswith("  Launch agent")] == ["  Launch agent       not observed"]
    assert "  Container toolkit  ok            version 1.20.1-1" in lines
    assert any(line.startswith("  GPUs and driver    error         3 x Tesla T4, 1 without a name") for line in lines)


def test_a_finding_has_all_its_texts_and_commands():
    lines = table(report())
    start = lines.index("  GPU003  GPU 2 (00000000:06:00.0)")
    assert lines[start + 1] == "          found   lost"
    assert "          run     sudo reboot" in lines[start:]


def test_a_finding_leaves_out_what_it_does_not_say():
    lines = table(report({**healthy(), "findings": [finding()]}))
    start = lines.index("ERRORS")
    assert lines[start : start + 4] == ["ERRORS", "  GPU001  x", "          found   y", ""]


def test_one_line_for_each_unknown_fact():
    lines = table(report(unknown=[{"fact": "nfs.unit", "reason": "word " * 60 + "\nend"}]))
    unseen = [line for line in lines if line.startswith("  not observed  ")]
    assert [line.split(":")[0].split()[-1] for line in unseen] == ["agent.unit", "nfs.unit"]
    assert unseen[1].endswith("word end")


@pytest.mark.parametrize("width", [40, 72, 100, 160])
def test_texts_keep_to_the_width(width):
    lines = table(report(), width)
    folded = [line for line in lines if "  run  " not in line and "not observed" not in line]
    assert max(len(line) for line in folded) <= max(width, 60)


def test_commands_are_never_folded():
    text = next(line for line in table(report(), 40) if "delete pod" in line)
    assert text.endswith("-l name=nvidia-device-plugin-ds")


def test_a_healthy_machine_is_short():
    lines = table(report(healthy()))
    assert len(lines) < 20
    assert lines[-1] == "gpu1: 0 errors, 0 warnings, 0 advice, 0 not observed"
    assert "NOT OBSERVED" not in lines


def test_a_host_without_an_answer():
    lines = table(report({"error": "ssh: connect\nrefused", "reachable": False}))
    assert "  not observed  everything: ssh: connect refused" in lines


def test_nothing_reaches_the_terminal_that_it_would_obey():
    text = "\n".join(table(report(seen("hostile"), host="gpu\x1b[2J\r")))
    assert [c for c in text if c != "\n" and not c.isprintable()] == []
    assert "\\x1b[2J" in text


def test_a_width_without_room_is_refused():
    with pytest.raises(DoctorError, match="width is 39; set 40 or more"):
        table(report(), 39)
