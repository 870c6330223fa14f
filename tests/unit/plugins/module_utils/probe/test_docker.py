# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine and node container, over a real socket."""

import dataclasses
import os
import socket
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.cluster import NodeContainer, Port
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.docker import DaemonConfig
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.docker import DROPIN
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import docker, unix_http
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
VERSION = {"Components": [{"Name": "Engine", "Version": "20.10.24"}, {"Name": "containerd"}, "odd"]}
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
    assert facts.engine.versions == {"Engine": "20.10.24", "containerd": ""}
    assert [item.fact for item in seen.missing] == ["docker.due"]  # systemd was not asked


@pytest.mark.parametrize(
    ("host", "measured"),
    [
        pytest.param({"free_mib": {"/expected": 1}, "data_root": "/expected"}, True, id="moved"),
        pytest.param({"free_mib": {"/var/lib/docker": 1}, "data_root": "/var/lib/docker"}, False, id="as-expected"),
        pytest.param({}, False, id="nobody-asks"),
    ],
)
def test_the_room_of_a_data_root_that_was_not_expected(served, look, host, measured):
    served.update(OK)
    facts = docker.observe_docker(look(docker={"socket": "/run/docker.sock"}, host=host))
    assert (facts.engine.disk is not None and facts.engine.disk.total_mib > 0) == measured


def test_the_room_is_left_alone_where_the_machine_is_not_looked_at(served, look):
    served.update(OK)
    whole = look(docker={"socket": "/run/docker.sock"})
    alone = dataclasses.replace(whole, wanted={"docker": whole.wanted["docker"]})
    assert docker.observe_docker(alone).engine.disk is None


def test_no_engine_is_a_fact_and_not_unknown(machine, seen, look):
    machine.write("/var/lib/dpkg/status", STATUS)
    units = {"docker.service": Unit(load="not-found")}
    facts = docker.observe_docker(look(docker={"socket": "/none", "users": ["alex"]}, units=units))
    assert (facts.socket, facts.engine, facts.config, facts.snap) == ("absent", None, DaemonConfig(settings={}), False)
    assert (facts.users, facts.files[DROPIN].kind, facts.due.kind) == ({"alex": False}, "absent", "start")
    assert seen.missing == ()


@pytest.mark.parametrize(
    ("unit", "listener", "asked"),
    [
        pytest.param(Unit(load="loaded", active="inactive"), Unit(active="active"), False, id="stopped"),
        pytest.param(Unit(load="loaded", active="failed"), Unit(active="active"), False, id="failed"),
        pytest.param(Unit(load="loaded", active="inactive"), Unit(active="inactive"), True, id="no-listener"),
        pytest.param(Unit(load="loaded", active="active"), Unit(active="active"), True, id="runs"),
        pytest.param(Unit(load="not-found"), None, True, id="no-unit"),
        pytest.param(None, None, True, id="not-seen"),
    ],
)
def test_a_look_starts_no_engine(served, look, unit, listener, asked):
    served.update(OK)
    units = {name: item for name, item in (("docker.service", unit), ("docker.socket", listener)) if item}
    facts = docker.observe_docker(look(docker={"socket": "/run/docker.sock"}, units=units))
    assert facts.socket == ("answers" if asked else "stopped")


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


def test_the_real_root_has_no_special_docker():
    assert docker.on_path(Root(), "sh")


def test_the_account_of_the_cluster_is_known_by_its_comment(machine):
    machine.write("/etc/group", "docker:x:990:minikube,alex,gone\n")
    machine.write(
        "/etc/passwd",
        "minikube:x:990:990:minikube of mlinfra.gpu_launch:/var/lib/minikube-gpu:/usr/sbin/nologin\n"
        "alex:x:1000:1000:Alex:/home/alex:/bin/bash\n",
    )
    assert docker.cluster_accounts(machine.root) == ("minikube",)
