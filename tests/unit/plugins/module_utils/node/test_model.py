# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as text and data, observations there and back."""

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.index import CHECKS
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import Finding, Report, Unknown, printable
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Observation

from .machines import machine


def finding(**changes):
    values = {
        "id": "DOC002",
        "severity": "error",
        "act": "refuse",
        "subject": "daemon.json",
        "found": "a comment",
        "wanted": "JSON",
        "cause": "daemon.json is not valid",
        "fix": "mend it",
    }
    return Finding(**{**values, **changes})


def test_message_is_one_line_with_all_it_takes():
    assert finding().message() == (
        "DOC002 error daemon.json: found a comment; wanted JSON; cause: daemon.json is not valid; fix: mend it"
    )


def test_message_without_cause():
    assert "cause" not in finding(cause="").message()


def test_text_of_the_host_stays_text():
    shown = finding(found="{{ lookup('pipe','id') }}\n\x1b[2J").message()
    assert "{{ lookup('pipe','id') }}\\n\\x1b[2J" in shown
    assert "\n" not in shown


def test_long_text_is_cut():
    assert len(printable("x" * 5000)) == 400
    assert printable("x" * 400) == "x" * 400


def test_data_has_the_documented_keys():
    assert sorted(finding(evidence={"line": 3}).to_dict()) == sorted(
        [
            "id",
            "severity",
            "act",
            "subject",
            "found",
            "wanted",
            "cause",
            "fix",
            "commands",
            "link",
            "evidence",
            "message",
        ]
    )


def test_converged_means_nothing_to_do_and_nothing_unknown():
    assert Report().converged
    assert Report((finding(act="tell"),)).converged
    assert not Report((finding(act="converge"),)).converged
    assert not Report((), (Unknown("docker.socket", "silent"),)).converged


def test_merged_reports_are_sorted_and_without_doubles():
    one, two = finding(), finding(id="CTK001")
    merged = Report((one,), (Unknown("b", "x"),)).merged(Report((two, one), (Unknown("a", "y"), Unknown("b", "x"))))
    assert [f.id for f in merged.findings] == ["CTK001", "DOC002"]
    assert [u.to_dict() for u in merged.unknown] == [{"fact": "a", "reason": "y"}, {"fact": "b", "reason": "x"}]


def test_catalogue_gives_severity_and_title():
    assert (CHECKS["SYS010"].severity, CHECKS["DOC004"].title) == ("advice", "Docker from snap")


def test_of_one_finding_the_stronger_act_counts():
    told, refused = Report((finding(act="tell"),)), Report((finding(act="refuse"),))
    assert told.merged(refused).findings == refused.merged(told).findings == refused.findings


def test_observation_there_and_back():
    seen = Observation.from_dict(machine())
    assert Observation.from_dict(seen.to_dict()) == seen
    assert seen.gpu.nvml.gpus[3].pci_bus_id == "00000000:07:00.0"


def test_only_what_was_observed_is_a_key():
    assert sorted(Observation.from_dict({"host": {}}).to_dict()) == ["host", "unknown"]


def test_reason_of_a_fact_is_that_of_what_it_is_part_of():
    seen = Observation(unknown=(Unknown("docker", "no access"),))
    assert seen.reason("docker.engine") == "no access"
    assert seen.reason("dockerx") is None
