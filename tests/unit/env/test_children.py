# SPDX-License-Identifier: GPL-3.0-or-later
"""Real programs, for what matters is what signals do to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.env.children import Children

ROOT = Path(__file__).resolve().parents[3]
TIDY = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
try:
    Path(sys.argv[1]).write_text("started")
    time.sleep(60)
except KeyboardInterrupt:
    Path(sys.argv[1]).write_text("tidied up")
"""
DEAF = TIDY.replace("try:", "signal.signal(signal.SIGINT, signal.SIG_IGN)\ntry:")


def wait_for(path, text):
    end = time.monotonic() + 20
    while not (path.exists() and path.read_text() == text):
        assert time.monotonic() < end, f"{path} never said {text!r}"
        time.sleep(0.02)


@pytest.mark.parametrize(("code", "passed"), [pytest.param(0, True, id="passed"), pytest.param(3, False, id="failed")])
def test_the_status_decides(code, passed):
    assert Children(patience=1).run([sys.executable, "-c", f"raise SystemExit({code})"]) is passed


def test_environment_folder_and_output(tmp_path):
    with (tmp_path / "out").open("wb") as out:
        command = ["sh", "-c", "echo $WORD; pwd; echo wrong >&2; cat"]
        assert Children(patience=1).run(command, environment={"WORD": "said"}, folder=tmp_path, output=out)
    assert (tmp_path / "out").read_text().splitlines() == ["said", str(tmp_path), "wrong"]


@pytest.mark.parametrize(
    ("program", "patience", "left"),
    [pytest.param(TIDY, 60, "tidied up", id="tidies-up"), pytest.param(DEAF, 1, "started", id="is-deaf")],
)
def test_what_runs_is_asked_with_all_that_it_started_and_killed_at_last(tmp_path, program, patience, left):
    children, said = Children(patience), tmp_path / "said"
    results = []
    inner = [sys.executable, "-c", program, str(said)]
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    outer = [sys.executable, "-c", f"{heed}; import subprocess; subprocess.run({inner!r})"]
    thread = threading.Thread(target=lambda: results.append(children.run(outer)))
    thread.start()
    wait_for(said, "started")
    children.end()
    thread.join(20)
    assert results == [False]
    wait_for(said, left)


def test_after_a_request_to_end_only_what_takes_things_away_still_runs():
    children = Children(patience=1)
    children.end()
    assert children.run(["true"]) is False
    assert children.run(["true"], anyway=True) is True


LISTENER = """
import time
from tests.env.children import Ended, listen
listen()
try:
    print("ready", flush=True)
    time.sleep(60)
except Ended as request:
    print(request.args[0], flush=True)
    time.sleep(1)
    print("tidied up", flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda sign: sign.name)
def test_the_first_request_counts_and_the_next_do_not_disturb(sign):
    with subprocess.Popen([sys.executable, "-c", LISTENER], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, sign)
        assert child.stdout.readline() == f"{int(sign)}\n"
        os.kill(child.pid, signal.SIGTERM)
        os.kill(child.pid, signal.SIGINT)
        assert child.stdout.readline() == "tidied up\n"
    assert child.returncode == 0


def test_what_runs_in_the_main_thread_is_ended_too(tmp_path):
    said = tmp_path / "said"
    program = f"""
import sys
from tests.env.children import Children, Ended, listen
listen()
children = Children(patience=10)
try:
    children.run([sys.executable, "-c", {TIDY!r}, {str(said)!r}])
except Ended:
    children.end()
    sys.exit(9)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as asked:
        wait_for(said, "started")
        asked.send_signal(signal.SIGTERM)
        assert asked.wait(20) == 9
    assert said.read_text() == "tidied up"


def test_the_kernel_ends_what_a_killed_run_leaves_behind(tmp_path):
    said = tmp_path / "said"
    tidy = TIDY.replace("try:", "signal.signal(signal.SIGTERM, signal.default_int_handler)\ntry:", 1)
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {tidy!r}, {str(said)!r}])"
    program = f"""
import sys
from tests.env.children import Children
Children(patience=10).run([sys.executable, "-c", {outer!r}])
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as killed:
        wait_for(said, "started")
        killed.kill()
    wait_for(said, "tidied up")
