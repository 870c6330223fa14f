# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host that site.yml has converged, and that is well before and after each fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import hosts

from .host import NAME, FaultHost, write_inventory


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> FaultHost:
    """The host, converged by the unmodified site.yml."""
    found = hosts.find(NAME)
    assert found is not None, f"no lab host {NAME}: run `make faults`, or `python3 -m tests.lab up {NAME}` first"
    place = Path(tmp_path_factory.mktemp("faults"))
    made = FaultHost(inventory=write_inventory(place / "inventory"), reports=place / "reports")
    made.playbook("site")
    made.doctor_until("the host after site.yml is well", lambda report: report.well)
    return made


@pytest.fixture(autouse=True)
def healthy(host: FaultHost, request: pytest.FixtureRequest) -> Iterator[None]:
    """After each fault the host is well; where it isn't, the roles make it so for the next one."""
    yield
    if host.latest and host.latest[0].well:
        return
    try:
        host.doctor_until(f"after {request.node.name} the host is well", lambda report: report.well)
    except AssertionError:
        host.playbook("site")
        raise
