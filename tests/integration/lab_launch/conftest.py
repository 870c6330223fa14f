# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host that `make demo` leaves behind, with its agent, its queue and the W&B server that both talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.lab.conftest import LabHost, host, play, submit

from .agent import Agent

__all__ = ["agent", "host", "play", "submit"]


@pytest.fixture
def agent(host: LabHost) -> Iterator[Agent]:
    """The agent, which polls before and after each test, on a cluster without runs."""
    found = Agent(host)
    found.wait_until_it_polls()
    found.wait_until_no_job_is_left()
    yield found
    found.wait_until_it_polls()
