# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that may hang or crash."""

import faulthandler
import os
import signal
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.child import (
    Died,
    Late,
    Stream,
    finish,
    start,
    stream,
    within,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable


def crash():
    faulthandler.disable()  # pytest's would print a traceback
    os.kill(os.getpid(), signal.SIGSEGV)


def fail(error):
    raise error


def test_result_comes_back():
    assert within(5, lambda: {"a": [1, None]}, "work") == {"a": [1, None]}


def test_large_results_come_back_whole():
    assert len(within(5, lambda: "x" * 3_000_000, "work")) == 3_000_000


def test_late_work_is_killed_at_the_deadline():
    began = time.monotonic()
    with pytest.raises(Late, match=r"work: no answer within 0\.2 s"):
        within(0.2, lambda: time.sleep(60), "work")
    assert time.monotonic() - began < 2


def test_what_was_said_before_the_deadline_is_kept():
    def work(emit):
        emit("first")
        time.sleep(60)

    answer = stream(0.3, work, "work")
    assert answer.items == ["first"]
    assert isinstance(answer.problem, Late)


def test_a_crash_costs_only_the_child():
    def work(emit):
        emit("first")
        crash()

    answer = stream(5, work, "work")
    assert answer.items == ["first"]
    assert isinstance(answer.problem, Died)
    assert str(answer.problem) == "work: the child died of signal 11"


@pytest.mark.parametrize(
    "error", [Unreadable("odd"), OSError("odd"), ValueError("odd")], ids=["unreadable", "os", "value"]
)
def test_expected_errors_are_reasons(error):
    with pytest.raises(Unreadable, match="odd"):
        within(5, lambda: fail(error), "work")


def test_of_a_mistake_the_place_is_told_and_no_value():
    with pytest.raises(Unreadable, match=r"^KeyError in test_child\.py, line \d+$"):
        within(5, lambda: fail(KeyError("secret")), "work")


def test_an_end_without_a_word_is_no_answer():
    with pytest.raises(Died, match="without an answer"):
        within(5, lambda: os._exit(0), "work")


def test_a_child_that_outlives_its_parent_does_not_hold_its_answer(tmp_path):
    """As one in uninterruptible sleep does, which no signal ends."""

    def stay():
        end = time.monotonic() + 60
        while time.monotonic() < end and not (tmp_path / "end").exists():
            time.sleep(0.05)

    def work():
        start(lambda emit: stay())
        return "answer"

    try:
        assert finish(start(lambda emit: emit(work())), 20, "work") == Stream(["answer"])
        assert not (tmp_path / "end").exists()
    finally:
        (tmp_path / "end").touch()


def test_no_child_is_left():
    with pytest.raises(Late):
        within(0.1, lambda: time.sleep(60), "work")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_child_that_somebody_else_reaped_is_no_error():
    old = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert within(5, lambda: 1, "work") == 1
    finally:
        signal.signal(signal.SIGCHLD, old)
