# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes API, asked with a client certificate."""

import dataclasses
import json
import socket

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import kubernetes
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.kubernetes import Server, Session
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.profile import api_server
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

from . import tls

NODE = "/api/v1/nodes/minikube"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    for name in ("ca", "other"):
        tls.authority(folder, name)
    tls.issue(folder, "server")
    tls.issue(folder, "client")
    tls.issue(folder, "stranger", ca="other")
    return folder


@pytest.fixture
def api(papers):
    found = tls.Api(papers)
    yield found
    found.close()


@pytest.fixture
def server(api, papers):
    files = (str(papers / name) for name in ("ca.crt", "client.crt", "client.key"))
    return Server("127.0.0.1", api.port, *files)


def get(server, path, seconds=5.0):
    with Session(server, seconds) as session:
        return session.get(path)


def test_answer(api, server):
    api.answers[NODE] = (200, {"kind": "Node"})
    assert get(server, NODE) == {"kind": "Node"}


def test_no_such_object(server):
    assert get(server, NODE) is None


def test_one_connection_for_several_questions(api, server):
    api.answers[NODE] = (200, {"kind": "Node"})
    with Session(server) as session:
        assert [session.get(NODE), session.get("/none"), session.get(NODE)] == [
            {"kind": "Node"},
            None,
            {"kind": "Node"},
        ]
    assert api.connections == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [((403, {}), "answer 403"), ((500, {}), "answer 500"), ((200, b"<html>"), "no JSON")],
    ids=["denied", "broken", "no JSON"],
)
def test_no_usable_answer(api, server, answer, says):
    api.answers[NODE] = answer
    with pytest.raises(Unreadable, match=f"https://127.0.0.1:{server.port}{NODE}: {says}"):
        get(server, NODE)


def test_too_long(api, server, monkeypatch):
    monkeypatch.setattr(kubernetes, "LIMIT", 4)
    api.answers[NODE] = (200, {"kind": "Node"})
    with pytest.raises(Unreadable, match="more than 4 bytes"):
        get(server, NODE)


def test_silence(api, server):
    api.silence = 1
    with pytest.raises(Unreadable, match=r"no answer within 0\.1 s"):
        get(server, NODE, 0.1)


def test_an_answer_that_never_ends(papers, server, monkeypatch):
    moments = iter([0.0, 9.0])
    monkeypatch.setattr(kubernetes.time, "monotonic", lambda: next(moments))
    with pytest.raises(Unreadable, match="no answer within 5 s"):
        get(server, NODE)


def test_nobody_listens(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = dataclasses.replace(server, port=free.getsockname()[1])
        with pytest.raises(Unreadable, match="Connection refused"):
            get(closed, NODE)


def test_no_http(papers, server):
    class Garbage(kubernetes.http.client.HTTPSConnection):
        def request(self, *_args, **_more):
            raise kubernetes.http.client.BadStatusLine("x")

    session = Session(server)
    session._connection = Garbage("127.0.0.1")
    with session, pytest.raises(Unreadable, match="BadStatusLine"):
        session.get(NODE)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ca": "other.crt"}, "(?i)verify"),
        ({"certificate": "stranger.crt", "key": "stranger.key"}, "(?i)alert|closed|reset|eof|broken pipe"),
        ({"certificate": "gone.crt"}, "gone.crt and its key: No such file"),
    ],
    ids=["another authority", "a stranger's certificate", "no file"],
)
def test_papers_that_do_not_fit(papers, server, changes, says):
    changed = {name: str(papers / value) for name, value in changes.items()}
    with pytest.raises(Unreadable, match=says):
        get(dataclasses.replace(server, **changed), NODE)


def config(**more):
    return json.dumps({"KubernetesConfig": {}, **more})


def test_server_of_a_profile(machine):
    machine.write("/m/.minikube/profiles/p/config.json", config(Nodes=[{"IP": "192.168.49.2", "Port": 8443}]))
    found = api_server(machine.root, "/m", "p")
    assert str(found) == "https://192.168.49.2:8443"
    folder = machine.folder / "m/.minikube"
    wanted = [folder / "ca.crt", folder / "profiles/p/client.crt", folder / "profiles/p/client.key"]
    assert [found.ca, found.certificate, found.key] == [str(path) for path in wanted]
    assert "client.key" not in repr(found)


def test_no_profile_no_server(machine):
    assert api_server(machine.root, "/m", "p") is None


@pytest.mark.parametrize(
    "text",
    [config(), config(Nodes=[]), config(Nodes="x"), config(Nodes=[{"IP": "", "Port": 1}]), "{", "[]"],
    ids=["no nodes", "an empty list", "no list", "no address yet", "no JSON", "no profile"],
)
def test_profile_without_an_address(machine, text):
    machine.write("/m/.minikube/profiles/p/config.json", text)
    with pytest.raises(Unreadable):
        api_server(machine.root, "/m", "p")
