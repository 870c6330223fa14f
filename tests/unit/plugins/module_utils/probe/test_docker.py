# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine and node container, over a real socket."""

import json
import os
import socket
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.cluster import NodeContainer, Port
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.docker import DaemonConfig
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import docker, nvidia_ctk, unix_http
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root, Unreadable

INFO = {
    "ServerVersion": "20.10.24+dfsg1",
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "Runtimes": {"runc": {}, "nvidia": {"path": "nvidia-container-runtime"}},
    "DefaultRuntime": "runc",
    "SecurityOptions": ["name=seccomp,profile=default"],
    "DockerRootDir": "/var/lib/docker",
    "CgroupDriver": "systemd",
    "Driver": "overlay2",
    "ContainersRunning": 1,
}
VERSION = {"Components": [{"Name": "Engine"}, {"Name": "containerd"}, "odd"]}
OK = {"/_ping": (200, b"OK"), "/info": (200, INFO), "/version": (200, VERSION)}
STATUS = "Package: docker.io\nStatus: install ok installed\nVersion: 20.10\n"


def observe(look, path="/none", **options):
    return docker.observe_docker(look(docker={"socket": path}, options=options))


@pytest.fixture
def served(engine, machine):
    path, answers = engine
    machine.link("/run/docker.sock", path)
    return answers


def test_an_engine_that_answers(machine, seen, served, look):
    machine.write("/var/lib/dpkg/status", STATUS)
    machine.write("/etc/group", "docker:x:9:alex\n")
    served.update(OK)
    facts = observe(look, "/run/docker.sock")
    assert (facts.socket, facts.packages, facts.group_members) == ("answers", {"docker.io": "20.10"}, ("alex",))
    assert facts.engine.runtimes == ("nvidia", "runc")
    assert facts.engine.components == ("Engine", "containerd")
    assert facts.engine.containers_running == 1
    assert seen.missing == ()


def test_no_engine_is_a_fact_and_not_unknown(machine, seen, look):
    machine.write("/var/lib/dpkg/status", STATUS)
    facts = observe(look)
    assert (facts.socket, facts.engine, facts.config, facts.snap) == ("absent", None, DaemonConfig(), False)
    assert seen.missing == ()


@pytest.mark.parametrize(
    ("answers", "state", "reason"),
    [
        pytest.param({"/_ping": (500, b"")}, "broken", "answered 500", id="ping-fails"),
        pytest.param({**OK, "/info": (200, b"<html>")}, "answers", "no JSON", id="html"),
        pytest.param({**OK, "/info": (200, [])}, "answers", "no object", id="list"),
    ],
)
def test_an_engine_that_answers_nonsense(machine, seen, served, answers, state, reason, look):
    served.update(answers)
    facts = observe(look, "/run/docker.sock")
    assert (facts.socket, facts.engine) == (state, None)
    assert any(u.fact == "docker.engine" and reason in u.reason for u in seen.missing)


def test_a_socket_that_accepts_and_stays_silent_costs_the_deadline_only(machine, seen, tmp_path_factory, look):
    path = os.path.join(str(tmp_path_factory.mktemp("s")), "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        machine.link("/run/docker.sock", path)
        began = time.monotonic()
        facts = observe(look, "/run/docker.sock", deadline=0.3)
        assert time.monotonic() - began < 2
    assert facts.socket == "silent"
    assert any(u.fact == "docker.engine" and "within 0.3 s" in u.reason for u in seen.missing)
    assert observe(look, "/run/docker.sock").socket == "refused"


def test_a_socket_of_somebody_else_speaks_no_http(tmp_path_factory):
    path = os.path.join(str(tmp_path_factory.mktemp("s")), "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        if os.fork() == 0:
            peer, dummy = listener.accept()
            peer.sendall(b"SSH-2.0-x\r\n\r\n")
            os._exit(0)
        with pytest.raises(unix_http.SocketError) as error:
            unix_http.get(path, "/_ping", 2)
        os.wait()
    assert error.value.state == "broken"


def test_an_endless_answer_is_cut(engine, monkeypatch):
    path, answers = engine
    answers["/big"] = (200, b"x" * 100_000)
    monkeypatch.setattr(unix_http, "LIMIT", 1000)
    with pytest.raises(unix_http.SocketError, match="more than 1000 bytes"):
        unix_http.get(path, "/big", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", DaemonConfig(exists=True), id="empty"),
        pytest.param(
            '{"runtimes": {"nvidia": {}}, "default-runtime": "nvidia"}',
            DaemonConfig(
                exists=True, keys=("default-runtime", "runtimes"), runtimes=("nvidia",), default_runtime="nvidia"
            ),
            id="runtimes",
        ),
        pytest.param('{"runtimes": 3}', DaemonConfig(exists=True, keys=("runtimes",)), id="odd-runtimes"),
    ],
)
def test_daemon_config(machine, text, expected):
    machine.write("/etc/docker/daemon.json", text)
    assert docker.daemon_config(machine.root, "/etc/docker/daemon.json") == expected


LEAVES = [{"path": ["log-opts", "max-size"], "value": "10m"}, {"path": ["log-driver"], "value": "json-file"}]


def test_keys_of_daemon_config_that_the_role_set(machine):
    machine.write("/etc/docker/daemon.json", '{"log-driver": "json-file", "debug": true}')
    machine.write(docker.RECORD, json.dumps({"version": 1, "leaves": LEAVES}))
    assert docker.daemon_config(machine.root, "/etc/docker/daemon.json").owned == ("log-driver", "log-opts")


def test_a_broken_record_is_unknown_and_not_nothing(machine, seen, look):
    machine.write("/etc/docker/daemon.json", "{}")
    machine.write(docker.RECORD, "[]")
    assert observe(look).config is None
    assert "docker.config" in [item.fact for item in seen.missing]


def test_broken_daemon_config_has_a_place(machine):
    machine.write("/etc/docker/daemon.json", '{\n  "debug": true,\n}\n')
    config = docker.daemon_config(machine.root, "/etc/docker/daemon.json")
    assert (config.valid, config.line, config.column) == (False, 2, 16)


def test_daemon_config_that_is_a_directory(machine):
    machine.mkdir("/etc/docker/daemon.json")
    assert docker.daemon_config(machine.root, "/etc/docker/daemon.json").error == "it is a directory"


@pytest.mark.parametrize(
    ("text", "desktop"),
    [
        ('{"currentContext": "desktop-linux"}', True),
        ('{"currentContext": "default"}', False),
        ("{}", False),
        ("[]", False),
    ],
)
def test_context_of_docker_desktop(machine, text, desktop):
    machine.write("/root/.docker/config.json", text)
    assert docker.desktop_context(machine.root) is desktop


def test_unreadable_context_is_unknown(machine, seen, look):
    machine.write("/root/.docker/config.json", "{")
    assert observe(look).desktop_context is None
    assert "docker.desktop_context" in [u.fact for u in seen.missing]


def test_snap(machine, seen, look):
    machine.mkdir("/var/snap/docker")
    assert observe(look).snap


NODE = {
    "State": {"Status": "running"},
    "HostConfig": {"Memory": 4096 << 20, "DeviceRequests": [{"Count": -1}], "RestartPolicy": {"Name": "no"}},
}


def test_node_container(served, machine):
    served["/containers/minikube/json"] = (200, NODE)
    found = docker.container(machine.root, "/run/docker.sock", "minikube")
    wanted = NodeContainer(True, "running", gpus=True, memory_mib=4096, restart_policy="no", minikube=False)
    assert found == wanted
    assert docker.container(machine.root, "/run/docker.sock", "other") == NodeContainer()
    assert docker.container(machine.root, "/run/none.sock", "minikube") == NodeContainer()


@pytest.mark.parametrize(
    ("answer", "words"), [((500, {}), "answer 500"), ((200, []), "answer 200"), ((200, b"x"), "no JSON")]
)
def test_node_container_that_cannot_be_read(served, machine, answer, words):
    served["/containers/minikube/json"] = answer
    with pytest.raises(Unreadable, match=words):
        docker.container(machine.root, "/run/docker.sock", "minikube")


def test_where_the_host_listens_for_a_container():
    ports = {"8443/tcp": [{"HostIp": "0.0.0.0", "HostPort": "32769"}], "53/udp": None}
    labels = {docker.MINIKUBE_LABEL: "true"}
    found = docker.container_of({"NetworkSettings": {"Ports": ports}, "Config": {"Labels": labels}})
    assert (found.ports, found.minikube) == ((Port("8443/tcp", "0.0.0.0", "32769"),), True)


def test_container_without_gpus_and_limits():
    found = docker.container_of({"State": None, "HostConfig": None})
    assert (found.status, found.gpus, found.memory_mib) == (None, False, 0)


def test_toolkit(machine, seen, look):
    machine.write(
        "/var/lib/dpkg/status", "Package: libnvidia-container1\nStatus: install ok installed\nVersion: 1.20.1-1\n"
    )
    machine.write("/usr/bin/nvidia-container-runtime-hook", "")
    machine.write("/etc/nvidia-container-runtime/config.toml", "[nvidia-container-cli]\nno-cgroups = true\n")
    facts = nvidia_ctk.observe_nvidia_ctk(look())
    assert facts.packages == {"libnvidia-container1": "1.20.1-1"}
    assert (facts.hook, facts.runtime, facts.no_cgroups) == (True, False, True)


def test_toolkit_whose_option_is_a_comment(machine):
    machine.write("/etc/nvidia-container-runtime/config.toml", "#no-cgroups = true\n")
    assert nvidia_ctk.no_cgroups(machine.root) is None


ONE_LINE = """\
# deb https://commented.example.org /
deb [signed-by=/usr/share/keyrings/x.gpg] https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /
deb-src http://user:word@deb.example.org/debian/ stable main
"""
DEB822 = """\
# a comment
Types: deb
URIs: https://one.example.org/deb/
  https://two.example.org/deb
Suites: /
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----

Enabled: no
URIs: https://off.example.org/deb
"""


def test_sources_of_apt(machine, seen, look):
    machine.write("/etc/apt/sources.list", ONE_LINE)
    machine.write("/etc/apt/sources.list.d/b.sources", DEB822)
    machine.write("/etc/apt/sources.list.d/c.list.save", ONE_LINE)
    found = nvidia_ctk.observe_nvidia_ctk(look()).sources
    assert [(source.file, source.uri) for source in found] == [
        ("/etc/apt/sources.list", "https://nvidia.github.io/libnvidia-container/stable/deb/amd64"),
        ("/etc/apt/sources.list", "http://deb.example.org/debian"),
        ("/etc/apt/sources.list.d/b.sources", "https://one.example.org/deb"),
        ("/etc/apt/sources.list.d/b.sources", "https://two.example.org/deb"),
    ]


def test_no_sources_of_apt(machine, seen, look):
    assert nvidia_ctk.observe_nvidia_ctk(look()).sources == ()


def test_the_real_root_has_no_special_docker():
    assert docker.on_path(Root(), "sh")
