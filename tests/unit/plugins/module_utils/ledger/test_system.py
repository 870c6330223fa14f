# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs with deadlines."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import LedgerError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.system import run


def test_status_and_text():
    assert run(["sh", "-c", "echo out; echo err >&2; exit 3"], 5) == (3, "out\nerr\n")


def test_late_programs():
    with pytest.raises(LedgerError, match=r"sleep 9: not done within 0\.2 s"):
        run(["sleep", "9"], 0.2)


def test_programs_that_are_missing():
    with pytest.raises(LedgerError, match="No such file"):
        run(["/no/such/program"], 1)
