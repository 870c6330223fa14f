# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.claim import claim

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from tests.lab.claim import claim
with claim(Path(sys.argv[1]) / "x.lock", "lab hosts of x"):
    print("holds", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another program that holds the claim."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout.readline() == "holds\n"
        yield program
        program.kill()


def test_one_at_a_time_and_the_next_says_for_whom_it_waits(holder, tmp_path, capsys):
    tries = []

    def stop():
        tries.append(True)
        if len(tries) == 3:
            holder.kill()  # the kernel lets go
            holder.wait()
        return False

    with claim(tmp_path / "x.lock", "lab hosts of x", stop, pause=0.01):
        assert (tmp_path / "x.lock").read_text() == str(os.getpid())
    assert capsys.readouterr().err == f"waiting: process {holder.pid} uses the lab hosts of x\n"
    assert len(tries) == 3


def test_a_request_to_end_ends_the_wait(holder, tmp_path):
    refused = pytest.raises(InterruptedError, match="another run uses the lab hosts of x")
    with refused, claim(tmp_path / "x.lock", "lab hosts of x", lambda: True):
        pytest.fail("got what another program holds")
    assert holder.poll() is None


def test_another_name_is_free(holder, tmp_path, capsys):
    with claim(tmp_path / "y.lock", "lab hosts of y", lambda: True):
        pass
    assert capsys.readouterr().err == ""
