# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine, network, inventory and leftovers, as far as they can be judged without starting anything."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from tests.lab import config, engine, hosts, inventory, leftovers, network, services
from tests.lab.processes import LabError

FACTS = {"apt_key_fingerprint": "A" * 40, "minikube": "1" * 64, "cluster.tar": "2" * 64}


def options(wrapper=None):
    return engine.command(Path("/engine/bin"), wrapper)


@pytest.mark.parametrize(
    "option",
    [
        "--iptables=false",
        "--ip6tables=false",
        "--ip-masq=false",
        "--ip-forward=false",
        "--cgroup-parent=/mlinfra-gpu-launch",
    ],
)
def test_the_engine_leaves_the_machine_alone(option):
    assert option in options()


def test_every_folder_of_the_engine_is_the_labs_own():
    places = [
        value for _, _, value in (option.partition("=") for option in options()[1:]) if value.startswith(("/", "unix:"))
    ]
    own = (str(config.RUN_DIR), f"unix://{config.RUN_DIR}", str(config.cache_dir()), f"/{engine.CGROUP}")
    assert len(places) >= 5
    assert [place for place in places if not place.startswith(own)] == []


def test_the_runtime_wrapper_is_used_only_where_it_is_needed():
    assert not [option for option in options() if "runtime" in option]
    assert options(Path("/w/ocirt"))[-2:] == ["--add-runtime=ocirt=/w/ocirt", "--default-runtime=ocirt"]


def link(name, address, prefix=24, family="inet"):
    return {"ifname": name, "addr_info": [{"family": family, "local": address, "prefixlen": prefix}]}


@pytest.mark.parametrize(
    ("links", "clash"),
    [
        pytest.param([link("eth0", "192.0.2.2")], "", id="elsewhere"),
        pytest.param([link(config.BRIDGE, config.GATEWAY)], "", id="our-own-bridge"),
        pytest.param([link("docker0", "172.31.0.1", 16)], "docker0 has 172.31.0.1/16", id="a-larger-network"),
        pytest.param([link("br1", "172.31.91.77", 30)], "br1 has 172.31.91.77/30", id="a-part-of-it"),
        pytest.param([link("eth0", "fd00::1", 64, "inet6")], "", id="ipv6-is-no-clash"),
        pytest.param([{"ifname": "tun0"}], "", id="no-address"),
    ],
)
def test_a_network_that_someone_else_uses_is_found(links, clash):
    assert network.overlapping(links) == clash


def test_the_bridge_has_an_address_of_its_own_that_is_locally_administered_and_for_one_station():
    first = int(network.hardware_address().split(":")[0], 16)
    assert len(network.hardware_address().split(":")) == 6
    assert (first & 2, first & 1) == (2, 0)


def test_the_inventory_template_names_every_mark_that_it_uses():
    text = inventory.render(inventory.TEMPLATE.read_text(encoding="utf-8"), inventory.values(FACTS))
    assert not inventory.MARK.search(text)
    assert f"sha256:{FACTS['cluster.tar']}" in text
    assert '!unsafe "{{gpus}}"' in text


def test_an_unknown_mark_is_an_error():
    with pytest.raises(LabError, match="no value for NO_SUCH"):
        inventory.render("a: @NO_SUCH@", {})


def test_the_inventory_names_the_key_file_and_never_the_key(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    folder = inventory.write(hosts=["one", "two"])
    key = services.api_key_file().read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.yml")]
    assert len(texts) == 2
    assert not [text for text in texts if key in text]
    assert re.findall(r"^ {8}(\w+):$", (folder / "hosts.yml").read_text(encoding="utf-8"), re.MULTILINE) == [
        "one",
        "two",
    ]


def test_the_api_key_is_made_once_and_only_its_owner_reads_it(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    path = services.api_key_file()
    key = path.read_text(encoding="utf-8")
    assert len(key) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert services.api_key_file().read_text(encoding="utf-8") == key


@pytest.mark.parametrize("service", services.SERVICES, ids=lambda service: service.name)
def test_a_service_is_recognised_by_its_own_command_line_which_holds_no_secret(service, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(config, "RUN_DIR", tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/docker").symlink_to("/engine/bin/docker")
    line = " ".join(service.command())
    assert service.marker in line
    assert services.api_key_file().read_text(encoding="utf-8") not in line
    assert leftovers.belongs(line)


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        (f"/x/bin/dockerd --config-file={config.RUN_DIR}/daemon.json", True),
        (f"/x/containerd-shim-runc-v2 -address {config.RUN_DIR}/exec/containerd/containerd.sock", True),
        (f"/usr/bin/python3 -m tests.lab.static_server {config.GATEWAY} 8055 /www", True),
        ("/usr/bin/python3 -m tests.lab.wandb_server --host 127.0.0.1 --port 0", False),
        ("/usr/sbin/dockerd -H fd://", False),
        (f"docker -H unix://{config.DOCKER_SOCKET} ps", False),
        (f"grep -r {config.RUN_DIR}/ /etc", False),
        (f"ctrlproxy {config.RUN_DIR}/x", False),
        (f"runc --root {config.RUN_DIR}/exec/runtime-runc/gpulab create", True),
        (f"dockerd --config-file={config.RUN_DIR}-test/daemon.json", False),
        (f"dockerd --data-root={config.cache_dir()}/engine-data --x", True),
        (f"dockerd --data-root={config.cache_dir()}/engine-data-of-mine --x", False),
        (f"sh -c python3 -m tests.lab.static_server {config.GATEWAY} 8055 /www", False),
        (f"/usr/bin/python3 -m tests.lab.static_server {config.GATEWAY}7 8055 /www", False),
        ("", False),
    ],
)
def test_only_the_labs_processes_count_as_left_behind(line, ours):
    assert leftovers.belongs(line) is ours


@pytest.mark.parametrize("name", ["Bad", "-x", "", "a", "a b", "../up", "x" * 50])
def test_a_bad_host_name_is_refused_before_anything_starts(name):
    with pytest.raises(LabError, match="no host name"):
        hosts.up(name)


@pytest.mark.parametrize(("suite", "gpus"), [("sid", 4), ("bookworm", 5), ("bookworm", -1)])
def test_bad_inputs_are_refused_before_anything_starts(suite, gpus):
    with pytest.raises(LabError, match="suite is one of bookworm, trixie, gpus 0 to 4"):
        hosts.up("good", suite, gpus)


def copied_files(monkeypatch, tmp_path, gpus, nvml):
    monkeypatch.setattr(config, "RUN_DIR", tmp_path)
    files = {}
    monkeypatch.setattr(
        engine, "docker", lambda _, source, target: files.update({target: Path(source).read_text("utf-8")})
    )
    hosts._set_gpus("h", gpus, nvml)
    return files


@pytest.mark.parametrize(
    ("gpus", "nvml", "nodes", "settings"),
    [
        pytest.param(4, {}, None, None, id="all-of-them-is-the-image-as-it-is"),
        pytest.param(4, {"name": "Tesla P4"}, None, "count=4\nname=Tesla P4\n", id="another-name"),
        pytest.param(2, {}, ["nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "nvidia0", "nvidia1", "nvidiactl"],
                     "count=2\n", id="two"),
        pytest.param(0, {}, [], "count=0\n", id="none-has-no-control-node-either"),
    ],
)  # fmt: skip
def test_a_host_with_fewer_gpus_has_fewer_device_nodes(monkeypatch, tmp_path, gpus, nvml, nodes, settings):
    files = copied_files(monkeypatch, tmp_path, gpus, nvml)
    table = files.get(f"h:{hosts.NODES}")
    found = None if table is None else sorted(re.findall(r"^c /dev/(nvidia\S*)", table, re.MULTILINE))
    assert (found, files.get("h:/etc/fake-nvml.conf")) == (nodes, settings)
    assert table is None or "/dev/kmsg" in table


def test_checksums_of_what_is_not_built_are_zeros(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    (tmp_path / "checksums.json").write_text(json.dumps({"minikube": "7" * 64}), encoding="utf-8")
    found = inventory.read_checksums()
    assert (found["minikube"], found["cluster.tar"]) == ("7" * 64, "0" * 64)


def test_the_boot_script_leaves_no_way_out():
    boot = (config.FILES / "boot.sh").read_text(encoding="utf-8")
    assert boot.index("ip route del default") < boot.index("exec /sbin/init")


@pytest.mark.parametrize(
    ("names", "left", "ended", "status"),
    [
        pytest.param(["mine"], [], False, 0, id="somebody-has-a-host"),
        pytest.param([], [], True, 0, id="nobody-has-one"),
        pytest.param([], ["interface gpulab0"], True, 1, id="something-stays"),
    ],
)
def test_the_lab_ends_only_when_no_host_is_left(monkeypatch, tmp_path, names, left, ended, status):
    monkeypatch.setattr(config, "RUN_DIR", tmp_path / "run")
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(hosts.ownership, "check", lambda: None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(
        hosts, "every", lambda: [hosts.Host(name, "bookworm", "", "exited", "", "", "") for name in names]
    )
    did, said = [], []
    monkeypatch.setattr(engine, "stop", lambda say: did.append("engine"))
    monkeypatch.setattr(services, "stop", lambda: did.append("services"))
    monkeypatch.setattr(leftovers, "remove", lambda: did.append("leftovers"))
    monkeypatch.setattr(leftovers, "find", lambda: left)
    assert hosts.down_unused(said.append) == status
    assert did == (["engine", "services", "leftovers"] if ended else [])
    assert ended or said == ["engine and services stay for mine"]
