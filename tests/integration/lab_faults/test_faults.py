# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault is found by one run of the doctor, and gone after exactly the commands that it names."""

from __future__ import annotations

import pytest

from .faults import FAULTS, Fault
from .host import FaultHost, Report


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_found_and_mended(host: FaultHost, fault: Fault) -> None:
    host.sh(fault.provoke, timeout=900)
    fault.shows(host)
    report = host.doctor()
    found = report.of(fault.check)
    assert found, f"{fault.name}: {fault.check} is not there, but\n{report}"
    for finding in found:
        assert finding["severity"] == "error", finding
        assert fault.fix in finding["fix"], f"{fault.name}: no word of {fault.fix!r} in {finding['fix']!r}"
        assert fault.cause in finding["cause"], f"{fault.name}: no word of {fault.cause!r} in {finding['cause']!r}"
    strange = report.errors - {fault.check} - fault.consequences
    assert not strange, f"{fault.name}: {', '.join(sorted(strange))} leads elsewhere\n{report}"
    host.mend(found)
    fault.during(host)
    fault.kept(host)
    gone(host, fault, fault.check)
    for check in fault.then:
        report = host.doctor()
        assert report.of(check), f"{fault.name}: {check} was to come next, but\n{report}"
        host.mend(report.of(check))
        gone(host, fault, check)
    if fault.site:
        host.playbook("site")


def gone(host: FaultHost, fault: Fault, check: str) -> Report:
    return host.doctor_until(f"{fault.name}: {check} is gone", lambda report: not report.of(check))


def test_site_starts_a_stopped_cluster(host: FaultHost) -> None:
    """Its kubeconfig has no context then, which must keep the agent's part of the site from nothing."""
    host.sh("systemctl stop minikube-gpu.service", timeout=240)
    host.playbook("site")
