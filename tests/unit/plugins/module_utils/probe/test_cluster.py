# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile, its node and what the role keeps beside it, on a machine made of files and a real API server."""

import base64
import json
import os

import pytest
import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.kubeconfig import minified
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.cluster import (
    Copy,
    NodeContainer,
    StraySetting,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import cluster, cluster_kubeconfigs
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.cluster import observe_cluster
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.profile import state_folder
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root

from . import tls

HOME = "/var/lib/m"
PROFILE = f"{HOME}/.minikube/profiles/minikube"
ADDONS = {"nvidia-device-plugin": True, "ingress": False}
BIN = "/usr/local/lib/mlinfra.gpu_launch/bin"


def no_program(argv, _deadline):
    raise AssertionError(f"{argv} was started")


def config(port=8443, **more):
    data = {
        "GPUs": "all",
        "CPUs": 2,
        "Memory": 4096,
        "Driver": "docker",
        "KubernetesConfig": {"KubernetesVersion": "v1.34.4", "ContainerRuntime": "docker"},
        "Addons": ADDONS,
        "Nodes": [{"IP": "127.0.0.1", "Port": port}],
    }
    return json.dumps({**data, **more})


@pytest.fixture
def observe(look):
    def observed(socket="/none", **wanted):
        wanted = {"home": HOME, "socket": socket, **wanted}
        return observe_cluster(look(cluster=wanted, options={"runner": no_program, "deadline": 5.0}))

    return observed


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    tls.authority(folder)
    for name in ("server", "client"):
        tls.issue(folder, name)
    return folder


@pytest.fixture
def running(machine, papers, engine):
    """A cluster that runs: profile with certificates, kubeconfig, container, API server."""
    api = tls.Api(papers)
    socket, answers = engine
    machine.link("/run/docker.sock", socket)
    answers["/containers/minikube/json"] = (200, {"State": {"Status": "running"}, "HostConfig": {}})
    api.answers["/api/v1/nodes/minikube"] = (200, {"status": {"allocatable": {"nvidia.com/gpu": "4"}}})
    machine.write(f"{PROFILE}/config.json", config(api.port))
    machine.write(f"{HOME}/.minikube/ca.crt", (papers / "ca.crt").read_bytes())
    for name in ("client.crt", "client.key"):
        machine.write(f"{PROFILE}/{name}", (papers / name).read_bytes())
    machine.write(f"{HOME}/.kube/config", kubeconfig(papers, api.port))
    yield api
    api.close()


def data(path):
    return base64.b64encode(path.read_bytes()).decode()


def document(papers, port, name="minikube"):
    extensions = [{"name": "cluster_info", "extension": {"last-update": "now"}}]
    server = {"certificate-authority-data": data(papers / "ca.crt"), "server": f"https://127.0.0.1:{port}"}
    keys = {"client-certificate-data": data(papers / "client.crt"), "client-key-data": data(papers / "client.key")}
    return {
        "apiVersion": "v1",
        "clusters": [{"name": name, "cluster": {**server, "extensions": extensions}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
        "users": [{"name": name, "user": keys}],
    }


def kubeconfig(papers, port, **more):
    return yaml.safe_dump({**document(papers, port), **more})


def test_a_cluster_that_runs(running, observe, seen):
    found = observe("/run/docker.sock")
    assert (found.node.allocatable_gpus, found.plugin.name, found.gpu_pods) == (4, "", ())
    assert (found.kubeconfig, found.kubeconfig_current, found.exists) == (True, True, True)
    assert sorted(os.path.basename(path) for path in found.certificates) == ["ca.crt", "client.crt"]
    assert seen.missing == ()


def test_a_stopped_engine_is_not_started_by_the_question(running, look, engine):
    stopped = Unit("loaded", "inactive", "dead", "enabled")
    listening = Unit("loaded", "active", "listening", "enabled")
    wanted = {"home": HOME, "socket": "/run/docker.sock"}
    units = {"docker.service": stopped, "docker.socket": listening}
    assert not observe_cluster(look(units=units, cluster=wanted)).container.exists
    assert observe_cluster(look(units={"docker.service": stopped}, cluster=wanted)).container.exists


def test_nothing_of_a_key_is_in_the_observation(running, observe, papers, machine):
    machine.write("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\n")
    machine.write("/home/alice/.kube/minikube-gpu.yml", kubeconfig(papers, running.port))
    text = repr(observe("/run/docker.sock", kubeconfig_users=["alice"]))
    assert data(papers / "client.key")[:40] not in text
    assert "PRIVATE KEY" not in text


def test_an_api_server_that_does_not_answer_is_noted(running, observe, seen):
    running.answers["/api/v1/nodes/minikube"] = (500, {})
    found = observe("/run/docker.sock")
    assert (found.node, found.container.status) == (None, "running")
    assert [item.fact for item in seen.missing] == ["cluster.node"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda papers, port: kubeconfig(papers, port, **{"current-context": "other"}), id="other context"),
        pytest.param(lambda papers, port: kubeconfig(papers, port + 1), id="another address"),
        pytest.param(lambda papers, port: kubeconfig(papers, port, users=[]), id="no user"),
        pytest.param(lambda papers, port: yaml.safe_dump(document(papers, port, "prod")), id="another cluster's name"),
    ],
)
def test_a_kubeconfig_that_is_not_for_the_profile(running, observe, machine, papers, text):
    machine.write(f"{HOME}/.kube/config", text(papers, running.port))
    found = observe("/run/docker.sock")
    assert (found.kubeconfig, found.kubeconfig_current) == (True, False)


def test_a_kubeconfig_without_certificates_to_compare_with_is_unknown(running, observe, seen, machine):
    (machine.folder / f"{PROFILE}/client.key".lstrip("/")).unlink()
    assert observe("/run/docker.sock").kubeconfig_current is None
    assert "cluster.kubeconfig_current" in [item.fact for item in seen.missing]


def test_copies(running, observe, machine, papers, seen):
    people = ["alice", "bob", "carol", "dave"]
    lines = [f"{name}:x:{1000 + place}:{1000 + place}::/home/{name}:/bin/sh\n" for place, name in enumerate(people)]
    machine.write("/etc/passwd", "".join(lines))
    machine.write("/etc/group", "alice:x:1000:\n")
    same = yaml.safe_dump(minified(document(papers, running.port)))
    machine.write("/home/alice/.kube/minikube-gpu.yml", same)
    machine.write("/home/bob/.kube/minikube-gpu.yml", same + "preferences: {}\n")
    machine.write("/home/carol/.kube/minikube-gpu.yml", "broken")
    found = observe("/run/docker.sock", kubeconfig_users=[*people, "nobody"]).copies
    assert [found[name].current for name in people] == [True, False, False, None]
    assert (found["alice"].group, found["bob"].group, found["alice"].folder) == ("alice", "", True)
    assert (found["dave"].file.kind, found["dave"].folder) == ("absent", False)
    assert found["nobody"] == Copy()
    assert seen.missing == ()


def test_a_copy_that_may_not_be_looked_at_is_noted(observe, machine, seen):
    machine.write("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\n")
    machine.link("/home/alice", "alice")  # a loop
    assert observe(kubeconfig_users=["alice"]).copies == {}
    assert [item.fact for item in seen.missing] == ["cluster.copies.alice"]


def test_people_of_a_name_service(look):
    this = look(Root("/"), options={"runner": no_program})
    assert cluster_kubeconfigs._by_name_service(this, "root").home == "/root"
    assert cluster_kubeconfigs._by_name_service(this, "no-such-user") is None


def test_profile(machine, seen, observe):
    machine.write(f"{PROFILE}/config.json", config())
    machine.write(f"{HOME}/.kube/config", "{}")
    facts = observe()
    assert (facts.exists, facts.kubeconfig, facts.container) == (True, True, NodeContainer())
    assert (facts.profile.gpus, facts.profile.cpus, facts.profile.memory_mib) == ("all", 2, 4096)
    assert (facts.profile.kubernetes_version, facts.profile.addons) == ("v1.34.4", ADDONS)
    assert facts.node is None


def test_no_profile(seen, observe):
    facts = observe()
    assert (facts.exists, facts.profile, facts.creating, facts.kubeconfig_current) == (False, None, False, False)
    assert {file.kind for file in facts.files.values()} == {"absent"}
    assert set(facts.links.values()) == {""}
    assert seen.missing == ()


@pytest.mark.parametrize(
    ("text", "words"), [("{", "config.json: Expecting"), ("[]", "not a profile"), ("{}", "not a profile")]
)
def test_profile_that_cannot_be_read(machine, seen, text, words, observe):
    machine.write(f"{PROFILE}/config.json", text)
    facts = observe()
    assert (facts.exists, facts.profile) == (True, None)
    assert [u.fact for u in seen.missing] == ["cluster.profile"]
    assert words in seen.missing[0].reason


@pytest.mark.parametrize(
    ("folder", "home", "expected"),
    [
        ("/h/.minikube", "/h", "/h/.minikube"),
        ("/h/.minikube", "/h/.minikube", "/h/.minikube"),
        ("/h/profiles", "/h", "/h"),
        ("/h", "/h", "/h/.minikube"),
    ],
    ids=["home", "state-folder", "MINIKUBE_HOME", "nothing-yet"],
)
def test_state_folder(machine, folder, home, expected):
    machine.mkdir(folder)
    assert state_folder(machine.root, home) == expected


@pytest.mark.parametrize(
    ("text", "left"), [("", None), ("container abc\n", "abc"), ("container \n", "")], ids=["cut off", "left", "none"]
)
def test_a_creation_that_did_not_end(machine, observe, text, left):
    machine.write(f"{HOME}/.minikube.creating", text)
    facts = observe()
    assert (facts.creating, facts.left) == (True, left)


def test_a_mark_that_is_a_link_is_not_followed(machine, observe):
    machine.write("/etc/secret", "container x")
    machine.link(f"{HOME}/.minikube.creating", "/etc/secret")
    assert (observe().creating, observe().left) == (True, None)


def test_programs_and_names_on_the_path(machine, observe):
    for name in ("minikube", "kubectl"):
        machine.write(f"{BIN}/{name}", name)
    machine.link("/usr/local/bin/kubectl", f"{BIN}/kubectl")
    machine.write("/usr/local/bin/minikube", "another")
    facts = observe()
    assert [len(words) for words in facts.programs.values()] == [1, 1]
    assert facts.links == {"/usr/local/bin/kubectl": f"{BIN}/kubectl", "/usr/local/bin/minikube": "-"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"WantUpdateNotification": false}', ()),
        (
            '{"WantUpdateNotification": false, "gpus": "x", "driver": "kvm"}',
            ("driver", "gpus"),
        ),
        ('{"driver": ', ("driver",)),
    ],
)
def test_settings(machine, observe, text, names):
    machine.write(f"{HOME}/.minikube/config/config.json", text)
    assert observe().settings == names


def test_stray_variables(machine, observe):
    unit = "/etc/systemd/system/minikube-gpu.service.d"
    machine.write(f"{unit}/b.conf", '[Service]\nEnvironment=A=1 "MINIKUBE_GPUS=all" MINIKUBE_CPUS=9\n# MINIKUBE_X=1\n')
    machine.write(f"{unit}/b.conf.bak", "Environment=MINIKUBE_Y=1\n")
    machine.write("/run/systemd/system/service.d/c.conf", "Environment=MINIKUBE_HOME=/x\n")
    assert observe().stray == (
        StraySetting("MINIKUBE_CPUS", f"{unit}/b.conf"),
        StraySetting("MINIKUBE_GPUS", f"{unit}/b.conf"),
        StraySetting("MINIKUBE_HOME", "/run/systemd/system/service.d/c.conf"),
    )


def test_rights_of_the_account(machine, observe):
    machine.write("/etc/passwd", f"minikube:x:999:999::{HOME}:/usr/sbin/nologin\n")
    machine.write("/etc/shadow", "root:*:1::::::\nminikube:$6$a$b:1::::::\n")
    machine.write("/etc/group", "docker:x:998:minikube,alex\n")
    facts = observe()
    assert (facts.user_home, facts.user_locked, facts.user_docker) == (HOME, False, True)


@pytest.mark.parametrize("line", ["minikube:!:1::::::", "minikube:*:1::::::", "other:x:1"])
def test_no_password_works(machine, observe, line):
    machine.write("/etc/shadow", line + "\n")
    assert (observe().user_locked, observe().user_docker) == (True, False)


def test_addons_may_be_absent():
    assert cluster.profile_of("p", {"KubernetesConfig": {}, "Addons": None, "Nodes": None}).addons == {}
