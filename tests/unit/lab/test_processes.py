# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes are found and ended by their record; a reused process id is never touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.lab import config, processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)", "lab-test-marker"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
    "lab-test-marker",
]


@pytest.fixture(autouse=True)
def run_dir(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "RUN_DIR", tmp_path)
    yield tmp_path
    processes.stop("it", patience=0.1)


def start(command=SLEEP):
    return processes.start("it", command, "lab-test-marker")


def test_start_find_stop():
    started = start()
    assert processes.wait_until(lambda: processes.find("it") == started, 5)
    assert os.getsid(started.pid) == started.pid  # a session of its own: no signal of our terminal reaches it
    assert processes.stop("it")
    assert processes.find("it") is None
    assert not processes.stop("it")


def test_a_second_start_keeps_the_first():
    first = start()
    processes.wait_until(lambda: processes.find("it"), 5)
    assert start() == first


def test_a_deaf_process_is_killed():
    started = start(DEAF)
    assert processes.wait_until(lambda: "deaf" in processes.tail("it"), 30)
    assert processes.stop("it", patience=0.3)
    assert processes.stat(started.pid) is None


@pytest.mark.parametrize("change", [{"started": 1}, {"marker": "something else"}])
def test_a_foreign_process_under_our_id_is_left_alone(change):
    foreign = subprocess.Popen(SLEEP)
    try:
        processes.wait_until(lambda: "lab-test-marker" in processes.command_line(foreign.pid), 30)
        found = processes.stat(foreign.pid)
        record = {"name": "it", "pid": foreign.pid, "started": found[1], "marker": "lab-test-marker", **change}
        processes.record_path("it").write_text(json.dumps(record), encoding="utf-8")
        assert processes.find("it") is None
        assert not processes.stop("it")
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"name": "it", "pid": "x"}'])
def test_a_broken_record_means_no_process(run_dir, text):
    processes.record_path("it").write_text(text, encoding="utf-8")
    assert processes.find("it") is None


def test_a_zombie_is_not_alive():
    child = subprocess.Popen(SLEEP)
    identity = processes.Process("it", child.pid, processes.stat(child.pid)[1], "")
    child.send_signal(signal.SIGKILL)
    assert processes.wait_until(lambda: not identity.alive, 5)
    child.wait()


def test_proxies_are_not_handed_on(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    monkeypatch.setenv("no_proxy", "localhost")
    environment = processes.environment({"A": "1"})
    assert environment["A"] == "1"
    assert not [name for name in environment if name.lower().endswith("_proxy")]
