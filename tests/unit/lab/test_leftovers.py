# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleaning up after an engine that died or does not answer: only what is the lab's own is killed or removed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.lab import config, engine, hosts, leftovers, network, ownership, processes, services
from tests.lab.processes import LabError

WAIT = "read x; :"  # a shell that waits without a child of its own


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Run folder, cache and control groups of a lab that exists nowhere else."""
    for name, value in {
        "RUN_DIR": tmp_path / "run", "DOCKER_SOCKET": tmp_path / "run/docker.sock", "GATEWAY": "192.0.2.77",
        "cache_dir": lambda: tmp_path / "cache",
    }.items():  # fmt: skip
        monkeypatch.setattr(config, name, value)
    monkeypatch.setattr(leftovers, "CGROUP_ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(network, "exists", lambda: False)
    monkeypatch.setattr(network, "down", lambda: False)
    monkeypatch.setattr(leftovers, "rules", list)
    monkeypatch.setattr(leftovers, "_removed", lambda folder: True)  # real groups go by rmdir, files and all
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def started():
    """Start a shell under another program's name; all are ended afterwards."""
    children = []

    def run(name, *arguments):
        child = subprocess.Popen([name, "-c", WAIT, *arguments], executable="/bin/sh", stdin=subprocess.PIPE)
        children.append(child)
        processes.wait_until(lambda: processes.command_line(child.pid).startswith(name), 5)
        return child

    yield run
    for child in children:
        child.kill()
        child.wait()


def test_a_daemon_and_its_helpers_are_killed_and_nobody_else(lab, started):
    ours = [
        started("dockerd", f"--config-file={lab}/run/daemon.json"),
        started("/x/bin/containerd-shim-runc-v2", "-address", f"{lab}/run/exec/containerd/containerd.sock"),
    ]
    others = [started("dockerd", "-H"), started("ctrl", f"{lab}/run/x"), started("vi", f"{lab}/run/daemon.json")]
    leftovers.remove()
    assert [child.wait(5) for child in ours] == [-9, -9]
    assert [child.poll() for child in others] == [None] * 3
    assert leftovers.find() == []


def test_what_lives_in_the_labs_control_groups_is_killed(lab, started):
    inside, outside = started("sleep"), started("sleep")
    folder = lab / "cgroup/memory" / engine.CGROUP / "host"
    foreign = lab / "cgroup/memory/somebody"
    for place, child in ((folder, inside), (foreign, outside)):
        place.mkdir(parents=True)
        (place / "cgroup.procs").write_text(f"{child.pid}\n", encoding="utf-8")
    leftovers.remove()
    assert inside.wait(5) == -9
    assert outside.poll() is None


def test_cgroup_v2_is_asked_to_kill(lab):
    switch = lab / "cgroup" / engine.CGROUP / "cgroup.kill"
    switch.parent.mkdir(parents=True)
    switch.write_text("", encoding="utf-8")
    leftovers.remove()
    assert switch.read_text(encoding="utf-8") == "1"


@pytest.mark.parametrize(("recorded", "kept"), [(True, False), (False, True)], ids=["containers-left", "all-removed"])
def test_containers_that_nobody_removed_do_not_come_back(lab, recorded, kept):
    image = engine.data_root() / "image/overlay2/repositories.json"
    image.parent.mkdir(parents=True)
    image.write_text("{}", encoding="utf-8")
    (engine.data_root() / "containers").mkdir()
    if recorded:
        (engine.data_root() / "containers/0a1b").mkdir()
    leftovers.remove()
    assert image.exists() is kept
    assert not (engine.data_root() / "containers/0a1b").exists()


def test_a_dead_shims_socket_goes_and_a_live_one_stays(lab, monkeypatch):
    made = lab / "made"
    (made / "s").mkdir(parents=True)
    monkeypatch.setattr(engine, "made_folders", lambda: [made])
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(made / "s/dead"))
    with socket.socket(socket.AF_UNIX) as live:
        live.bind(str(made / "s/live"))
        leftovers.remove()
        assert sorted(entry.name for entry in (made / "s").iterdir()) == ["live"]
    leftovers.remove()
    assert not made.exists()


def test_a_kernel_setting_that_is_not_back_is_reported_and_its_record_kept(lab, monkeypatch):
    monkeypatch.setattr(leftovers.sysctls, "changed", lambda: {"kernel/panic": ("0", "10")})
    monkeypatch.setattr(leftovers.sysctls, "restore", lambda: None)
    leftovers.remove()
    assert leftovers.find() == ["sysctl kernel.panic: 10, was 0", f"folder {lab}/run"]


def place_client(lab, text):
    client = lab / "cache/bin/docker"
    client.parent.mkdir(parents=True)
    client.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    client.chmod(0o755)


@pytest.mark.parametrize(
    ("client", "message"),
    [
        pytest.param(None, "docker ps ...: .*No such file", id="no-client"),
        pytest.param("exec sleep 30", "docker ps ...: no answer within 0 s", id="a-daemon-that-hangs"),
        pytest.param("echo broken >&2; exit 1", "docker ps ...: broken", id="a-daemon-that-refuses"),
    ],
)
def test_an_engine_that_does_not_answer_is_an_error_of_the_lab(lab, client, message):
    if client:
        place_client(lab, client)
    with pytest.raises(LabError, match=message):
        engine.docker("ps", patience=0.2)


def test_a_daemon_that_does_not_answer_is_ended_all_the_same(lab):
    place_client(lab, "echo hung >&2; exit 1")
    daemon = [sys.executable, "-c", "import time; time.sleep(60)", str(config.RUN_DIR)]
    running = processes.start(engine.NAME, daemon, str(config.RUN_DIR))
    assert processes.wait_until(lambda: processes.find(engine.NAME) == running, 5)
    said = []
    assert engine.stop(said.append)
    assert processes.stat(running.pid) is None
    assert ["hung" in line for line in said] == [True]


@pytest.mark.parametrize("broken", ["stop", "stop-services", "remove"])
def test_down_does_every_step_whatever_the_others_say(lab, monkeypatch, broken):
    seen = []

    def step(name):
        def run(*_):
            seen.append(name)
            if name == broken:
                raise LabError(f"{name} failed")

        return run

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(engine, "stop", step("stop"))
    monkeypatch.setattr(services, "stop", step("stop-services"))
    monkeypatch.setattr(leftovers, "remove", step("remove"))
    said = []
    assert hosts.down_all(said.append) == 1  # the run folder is still there
    assert seen == ["stop", "stop-services", "remove"]
    assert said == [f"{broken} failed", f"left behind: folder {lab}/run"]
    assert ownership.lock_path().exists()
