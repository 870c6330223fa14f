# SPDX-License-Identifier: GPL-3.0-or-later
"""A second instance of the lab, beside one that may be running: up, restart, down, and nothing of it is left.

Needs root and built artifacts (`make lab`).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab import config, engine, hosts, leftovers, network, services, sysctls
from tests.lab.processes import LabError, command_line, find

HOST = "lifecycle"
REAL_LAB = (f"{config.RUN_DIR}/", f"{config.cache_dir()}/engine-data")  # may come and go beside this test
SHARED = ("artifacts", "logs", "tmp")  # of the cache: only read here, the links of www and bin are its own


def machine_state() -> dict[str, list[str]]:
    """What of this machine the lab must leave as it is."""
    places = ["/run", "/etc", "/opt", "/var/lib", "/sys/fs/cgroup", *map(str, Path("/sys/fs/cgroup").iterdir())]
    listed = {place: sorted(entry.name for entry in Path(place).iterdir()) for place in places if Path(place).is_dir()}
    places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    listed["mounts"] = sorted(place for place in places if not place.startswith(REAL_LAB))
    listed["forwarding"] = [Path("/proc/sys/net/ipv4/ip_forward").read_text()]
    listed["sysctls"] = [f"{name}={value}" for name, value in sysctls.read().items()]
    listed["interfaces"] = [
        name for name in sorted(p.name for p in Path("/sys/class/net").iterdir()) if "veth" not in name
    ]
    return listed


@pytest.fixture(scope="module")
def instance():
    """Own bridge, subnet, run folder, cgroup and data; the built artifacts are those of the real cache."""
    built = config.cache_dir()
    own = built / "lifecycle-test"  # /tmp may be no place for overlay2
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    for name in SHARED:
        (own / name).symlink_to(built / name)
    before = machine_state()
    with pytest.MonkeyPatch.context() as patch:
        run = Path("/run/mlinfra-gpu-launch-test")
        for name, value in {
            "BRIDGE": "gpulab9", "SUBNET": "172.31.99.0/24", "GATEWAY": "172.31.99.1", "REGISTRY": "172.31.99.1:5000",
            "RUN_DIR": run, "DOCKER_SOCKET": run / "docker.sock", "cache_dir": lambda: own,
        }.items():  # fmt: skip
            patch.setattr(config, name, value)
        patch.setattr(engine, "CGROUP", "mlinfra-gpu-launch-test")
        try:
            hosts.up(HOST, gpus=2)
            yield before
        finally:
            hosts.down_all()
            shutil.rmtree(own)


def sh(script):
    done = hosts.execute(HOST, ["sh", "-c", script])
    return done.stdout.strip() or done.stderr.strip()


def test_the_host_has_booted_completely(instance):
    assert sh("systemctl is-system-running") == "running"


def test_the_host_has_no_way_out(instance):
    assert sh("ip -4 route") == f"{config.SUBNET} dev eth0 proto kernel scope link src {hosts.find(HOST).address}"


def test_the_host_has_the_gpus_that_were_asked_for(instance):
    assert len(sh("nvidia-smi -L").splitlines()) == 2


@pytest.mark.parametrize("image", services.IMAGES)
def test_the_registry_serves_the_labs_images(instance, image):
    name, tag = image.rsplit(":", 1)
    assert services.request(config.REGISTRY_PORT, f"/v2/{name}/manifests/{tag}") == 200


def test_a_second_up_changes_nothing(instance):
    before = (hosts.find(HOST), find(engine.NAME), [find(service.name) for service in services.SERVICES])
    hosts.up(HOST, gpus=2)
    assert (hosts.find(HOST), find(engine.NAME), [find(service.name) for service in services.SERVICES]) == before


def test_other_gpus_for_a_host_that_exists_are_refused(instance):
    with pytest.raises(LabError, match="exists with 2 GPUs"):
        hosts.up(HOST, gpus=3)
    hosts.up(HOST)  # not said: as it is
    assert len(sh("nvidia-smi -L").splitlines()) == 2


def test_another_cache_is_refused(instance, monkeypatch, tmp_path):
    own = config.cache_dir()
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    with pytest.raises(LabError, match=f"a lab with the cache {own} is running"):
        hosts.down_all()


def test_a_service_that_died_comes_back_with_the_next_up(instance):
    before = find("wandb")
    subprocess.run(["kill", "-9", str(before.pid)], check=True)
    hosts.up(HOST, gpus=2)
    assert find("wandb").pid != before.pid


def test_a_restart_brings_back_devices_and_still_no_way_out(instance):
    hosts.restart(HOST)
    assert len(sh("nvidia-smi -L").splitlines()) == 2
    assert "default" not in sh("ip -4 route")


def test_everything_that_runs_is_seen_and_down_leaves_nothing(instance, capsys):
    seen = {line.split(" ")[0] for line in leftovers.find()}
    assert {"process", "mount", "interface", "cgroup", "folder"} <= seen
    assert hosts.down_all() == 0
    assert "nothing of the lab is left" in capsys.readouterr().out
    assert leftovers.find() == []
    assert not network.exists()
    assert machine_state() == instance
    assert hosts.down_all() == 0


def kill_engine():
    """As a machine that loses power, or a run that is killed with all it started, ends it."""
    containerd = [pid for pid in engine.helpers() if "shim" not in command_line(pid)]
    assert len(containerd) == 1
    subprocess.run(["kill", "-9", *(str(pid) for pid in (find(engine.NAME).pid, *containerd))], check=True)


def test_a_host_is_removed_though_the_engine_that_made_it_was_killed(instance):
    hosts.up(HOST, gpus=2)
    sh("touch /root/of-an-earlier-run")
    kill_engine()
    hosts.down(HOST)
    hosts.up(HOST, gpus=2)
    assert sh("ls /root") == ""
    assert hosts.down_all() == 0
    assert machine_state() == instance


def test_down_cleans_up_after_an_engine_that_was_killed(instance):
    hosts.up(HOST, gpus=2)
    sh("echo 7 > /proc/sys/kernel/panic")  # the kubelet writes there as well, and it is the machine's
    kill_engine()
    assert hosts.down_all() == 0
    assert leftovers.find() == []
    assert machine_state() == instance
    hosts.up(f"{HOST}-2", gpus=2)
    assert [host.name for host in hosts.every()] == [f"{HOST}-2"]  # the first does not come back
    assert hosts.down_all() == 0
    assert machine_state() == instance
