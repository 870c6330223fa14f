# SPDX-License-Identifier: GPL-3.0-or-later
"""What fails the run, for each value of doctor_fail_on."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.exit_status import check_fail_on, failures
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.read import DoctorError

from .reports import finding, healthy, report

UNSEEN = {**healthy(), "unknown": [{"fact": "docker.engine", "reason": "late"}]}
WARNED = {**healthy(), "findings": [finding(severity="warning"), finding(severity="warning", subject="z")]}
ADVISED = {**healthy(), "findings": [finding(severity="advice")]}


@pytest.mark.parametrize(
    ("parts", "fail_on", "wanted"),
    [
        pytest.param(None, "error", ["gpu1: 2 errors"], id="errors"),
        pytest.param(None, "warning", ["gpu1: 2 errors, 1 warning, 1 not observed"], id="all-of-it"),
        pytest.param(None, "never", [], id="never"),
        pytest.param(WARNED, "error", [], id="warnings-are-no-errors"),
        pytest.param(WARNED, "warning", ["gpu1: 2 warnings"], id="warnings"),
        pytest.param(UNSEEN, "error", [], id="unseen-is-no-error"),
        pytest.param(UNSEEN, "warning", ["gpu1: 1 not observed"], id="unseen-is-not-fine"),
        pytest.param(ADVISED, "warning", [], id="advice-never"),
        pytest.param({"error": "no\nroute"}, "never", ["gpu1: nothing was observed: no route"], id="no-answer-always"),
    ],
)
def test_failures(parts, fail_on, wanted):
    assert failures(report(parts), fail_on) == wanted


@pytest.mark.parametrize("value", ["advice", "", None, True, ["error"], "x\x1b"])
def test_other_values_are_refused_with_those_that_exist(value):
    with pytest.raises(DoctorError, match=r"doctor_fail_on is '.*'; set one of error, warning, never") as raised:
        failures(report(), value)
    assert "\x1b" not in str(raised.value)


def test_a_value_that_exists_is_returned():
    assert check_fail_on("never") == "never"
