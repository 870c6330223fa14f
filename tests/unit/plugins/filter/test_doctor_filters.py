# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the doctor: types at the border, errors translated, sidecars in step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter import doctor

ROOT = Path(__file__).resolve().parents[4]
FILTERS = doctor.FilterModule().filters()
SEEN = json.loads((ROOT / "tests/fixtures/doctor/lively.json").read_text(encoding="utf-8"))
REPORT = FILTERS["doctor_report"](SEEN, "gpu1", "2026-11-26T09:42:00Z", "1.0.0")


def test_from_what_was_seen_to_all_forms():
    assert REPORT["host"] == "gpu1"
    assert FILTERS["doctor_table"](REPORT)[-1].startswith("gpu1: 2 errors")
    assert FILTERS["doctor_page"](REPORT).startswith("<!DOCTYPE html>")
    assert "2 machines" in FILTERS["doctor_index"]([REPORT, {**REPORT, "host": "gpu2"}])
    assert FILTERS["doctor_failures"]([REPORT]) == ["gpu1: 2 errors"]
    assert FILTERS["doctor_failures"]([REPORT], "never") == []
    assert FILTERS["doctor_file"]("a/b") == "a=2Fb"


def test_a_report_that_was_written_and_read_again_makes_the_same_page():
    again = json.loads(json.dumps(REPORT))
    assert FILTERS["doctor_page"](again) == FILTERS["doctor_page"](REPORT)


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        pytest.param("doctor_report", ([], "h", "w", "v"), "needs a mapping, not list", id="report-of-a-list"),
        pytest.param("doctor_report", ({"findings": 1}, "h", "w", "v"), "findings: a list", id="report-of-a-shape"),
        pytest.param("doctor_table", (SEEN,), "needs what doctor_report returned", id="table-of-no-report"),
        pytest.param("doctor_table", (REPORT, "100"), "a width in columns, not str", id="width-of-text"),
        pytest.param("doctor_table", (REPORT, True), "a width in columns, not bool", id="width-of-bool"),
        pytest.param("doctor_table", (REPORT, 10), "set 40 or more", id="narrow"),
        pytest.param("doctor_page", ({**REPORT, "schema_version": 2},), "schema version 1", id="a-later-schema"),
        pytest.param("doctor_page", ("x",), "needs what doctor_report returned", id="page-of-text"),
        pytest.param("doctor_index", ([],), "one report or more", id="no-report"),
        pytest.param("doctor_index", (REPORT,), "a list of reports", id="index-of-one"),
        pytest.param("doctor_index", ("x",), "a list of reports, not str", id="index-of-text"),
        pytest.param("doctor_failures", ([{}],), "needs what doctor_report returned", id="failures-of-no-report"),
        pytest.param("doctor_failures", ([], "advice"), "set one of error, warning, never", id="no-such-value"),
        pytest.param("doctor_file", ("",), "name of a host", id="no-name"),
        pytest.param("doctor_file", (3,), "name of a host", id="number"),
    ],
)
def test_refused(name, arguments, text):
    with pytest.raises(AnsibleFilterError, match=text):
        FILTERS[name](*arguments)


@pytest.mark.parametrize("name", FILTERS)
def test_each_has_its_sidecar(name):
    described = yaml.safe_load((ROOT / f"plugins/filter/{name}.yml").read_text(encoding="utf-8"))
    assert described["DOCUMENTATION"]["name"] == name
    assert {"DOCUMENTATION", "EXAMPLES", "RETURN"} <= set(described)
