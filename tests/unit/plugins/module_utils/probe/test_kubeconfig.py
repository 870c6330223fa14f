# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig, read without a YAML library where it is as plain as minikube and kubectl write it."""

import base64
import json
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import plain_yaml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.kubeconfig import KUBECTL, access, load
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

MINIKUBE = """apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: QUJD
    extensions:
    - extension:
        last-update: Thu, 26 Nov 2026 09:40:12 UTC
        provider: minikube.sigs.k8s.io
        version: v1.38.1
      name: cluster_info
    server: https://192.168.49.2:8443
  name: minikube
contexts:
- context:
    cluster: minikube
    namespace: jobs
    user: minikube
  name: minikube
current-context: minikube
kind: Config
preferences: {}
users:
- name: minikube
  user:
    client-certificate-data: REVG
    client-key-data: R0hJ
"""
PATH = "/home/me/.kube/config"


def no_program(argv, _deadline):
    raise Unreadable(f"{argv[0]}: No such file or directory")


def kubeconfig(user=None, cluster=None, **top):
    return {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://10.0.0.1:6443/", **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
        **top,
    }


@pytest.fixture
def opened(machine):
    def read(data, runner=no_program):
        machine.write(PATH, data if isinstance(data, str) else json.dumps(data))
        return access(machine.root, PATH, 1.0, runner)

    return read


def test_embedded_files_live_in_memory(opened):
    with opened(MINIKUBE) as found:
        assert (found.server, found.namespace, found.token) == ("https://192.168.49.2:8443", "jobs", "")
        assert [Path(path).read_bytes() for path in (found.ca, found.cert, found.key)] == [b"ABC", b"DEF", b"GHI"]
        assert Path(found.key).read_bytes() == b"GHI"
    assert not Path(found.key).exists()


def test_files_are_found_beside_the_kubeconfig(opened, machine):
    user = {"client-certificate": "pki/c.crt", "client-key": "/etc/c.key"}
    with opened(kubeconfig(user, {"certificate-authority": "../ca.crt"})) as found:
        base = str(machine.folder)
        assert (found.ca, found.cert, found.key) == (
            f"{base}/home/me/.kube/../ca.crt",
            f"{base}/home/me/.kube/pki/c.crt",
            f"{base}/etc/c.key",
        )
        assert (found.server, found.namespace) == ("https://10.0.0.1:6443", "default")


def test_tokens_stay_out_of_texts(opened, machine):
    with opened(kubeconfig({"token": "s3cret"})) as found:
        assert found.token == "s3cret"
        assert "s3cret" not in repr(found)
        assert (found.ca, found.cert) == ("", "")
    machine.write("/home/me/.kube/token", "from-file\n")
    with opened(kubeconfig({"tokenFile": "token", "token": "other"})) as found:
        assert found.token == "from-file"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (kubeconfig({"exec": {"command": "aws"}}), "uses exec"),
        (kubeconfig({"auth-provider": {"name": "gcp"}}), "uses auth-provider"),
        (kubeconfig({"as": "root"}), "uses as,"),
        (kubeconfig({"password": "x"}), "uses password"),
        (kubeconfig(cluster={"insecure-skip-tls-verify": True}), "uses insecure-skip-tls-verify"),
        (kubeconfig(cluster={"server": "http://10.0.0.1"}), "no https address"),
        (kubeconfig({"client-key-data": "***"}), "client-key-data is not base64"),
        (kubeconfig(users=[]), "no user named 'u'"),
        (kubeconfig(clusters="x"), "no cluster named 'k'"),
        ({}, "it has no current context"),
        (kubeconfig(contexts=[]), "no context named 'c'"),
        ("[1]", "it is no kubeconfig"),
        ("a: &x {b: 'key", "it is no YAML"),
    ],
)
def test_what_is_not_followed_is_told(opened, data, words):
    with pytest.raises(Unreadable, match=words), opened(data):
        pass


@pytest.mark.parametrize(
    ("server", "place"),
    [("https://10.0.0.1:6443/", ("10.0.0.1", 6443)), ("https://[fd00::1]", ("fd00::1", 443))],
)
def test_address_of_the_api(opened, server, place):
    with opened(kubeconfig({"token": "s3cret"}, {"server": server})) as found:
        api = found.api()
    assert (api.host, api.port, api.token) == (*place, "s3cret")
    assert "s3cret" not in repr(api)


@pytest.mark.parametrize("server", ["https://10.0.0.1:http", "https://", "https://rancher.example.org/k8s/c-1"])
def test_addresses_that_are_none(opened, server):
    with opened(kubeconfig(cluster={"server": server})) as found, pytest.raises(Unreadable, match="no address of"):
        found.api()


def test_false_is_as_good_as_absent(opened):
    with opened(kubeconfig(cluster={"insecure-skip-tls-verify": "false"})) as found:
        assert found.server


def test_no_file(machine):
    with pytest.raises(Unreadable, match="no such file"), access(machine.root, PATH, 1.0, no_program):
        pass


ODD = "a: [1, {b: c}]\n"


def test_a_library_reads_the_rest(machine):
    machine.write(PATH, ODD)
    assert load(machine.root, PATH, 1.0, no_program) == {"a": [1, {"b": "c"}]}


@pytest.mark.parametrize("own", [True, False], ids=["the collection's kubectl", "kubectl on PATH"])
def test_kubectl_reads_it_where_no_library_is(machine, monkeypatch, own):
    monkeypatch.setitem(sys.modules, "yaml", None)
    machine.write(PATH, ODD)
    if own:
        machine.write(KUBECTL, "")
    asked = []

    def program(argv, deadline):
        asked.append((argv, deadline))
        return '{"kind": "Config"}'

    assert load(machine.root, PATH, 2.5, program) == {"kind": "Config"}
    folder = str(machine.folder)
    assert asked == [
        (
            [
                folder + KUBECTL if own else "kubectl",
                "config",
                "view",
                "--raw",
                "-o",
                "json",
                "--kubeconfig",
                folder + PATH,
            ],
            2.5,
        )
    ]
    with pytest.raises(Unreadable, match="printed no JSON"):
        load(machine.root, PATH, 1.0, lambda _argv, _deadline: "error: x")
    with pytest.raises(Unreadable, match="kubectl: No such file"):
        load(machine.root, PATH, 1.0, no_program)


@pytest.mark.parametrize(
    "text",
    [
        MINIKUBE,
        "a:\n  b: c\n  d:\n\n# comment\ne: \"q\"\nf: 'r s'\ng: ''\nh: []\n",
        "---\nlist:\n  - x: y\n    z:\n      deep: er\n  - x: w\nend:\n",
        "a:\n- b: c\n- d: e\nf: g\n",
    ],
)
def test_the_plain_part_means_what_the_library_says(text):
    assert plain_yaml.read(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "- a: b\n",
        "a: &anchor b\n",
        "a: *alias\n",
        "a: !!str b\n",
        "a: |\n  text\n",
        "a: b # comment\n",
        "a: b: c\n",
        "a: b:\n",
        'a: "b\\n"\n',
        "a: {b: c}\n",
        "a: b\n  continued\n",
        "a:\n  b: c\n d: e\n",
        "a: b\n  c: d\n",
        "a: b\na: c\n",
        "a:\n- - b: c\n",
        "a:\n- b\n",
        "? a\n: b\n",
        "a:\tb\n",
        "a: 'it''s'\n",
        "a: b\n- c: d\n",
    ],
)
def test_the_rest_is_refused_never_guessed(text):
    with pytest.raises(Unreadable):
        plain_yaml.read(text)


def test_data_is_never_quoted_in_a_refusal(opened):
    secret = base64.b64encode(b"key").decode()
    with pytest.raises(Unreadable) as error, opened(f"a: [{secret}\n"):
        pass
    assert secret not in str(error.value)
