# SPDX-License-Identifier: GPL-3.0-or-later
"""The Launch agent on a machine made of files, and its queues on the lab's W&B server."""

import base64
import json
import threading

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.queue import Queue, Wanted, make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.agent import (
    ContextSeen,
    LeftoversSeen,
    VenvSeen,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.agent import AgentWanted, QueueWanted
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import agent, agent_server, agent_venv
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.agent_cluster import (
    context_of,
    rights_and_leftovers,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.agent_server import server
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.api import WandbApi
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.client import Client
from tests.lab.wandb_server.api import Api
from tests.lab.wandb_server.http import Log, make_server
from tests.lab.wandb_server.state import Options

from . import tls
from .test_agent_log import LOG, running, says

KEY = "k" * 40
HOME = "/var/lib/wandb-launch"
VENV = "/opt/mlinfra.gpu_launch/launch-agent"
NETRC = "/etc/mlinfra.gpu_launch/launch_agent/netrc"
SOURCE = "/var/lib/minikube-gpu/.kube/config"


def test_nothing_is_there(look, seen):
    facts = agent.observe_agent(look())
    assert (facts.account.exists, facts.home_filled, facts.key, facts.venv.kind) == (False, False, "absent", "absent")
    assert (facts.context, facts.unit, facts.polling, facts.newer) == (ContextSeen(), None, None, None)
    assert {item.kind for item in facts.files.values()} == {"absent"}
    assert [item.fact for item in seen.missing] == ["agent.packages", "agent.server"]


def test_everything_is_there(machine, look):
    machine.write("/etc/passwd", f"wandb-launch:x:990:990:W&B Launch agent:{HOME}:/usr/sbin/nologin\n")
    machine.write("/etc/shadow", "root:$y$:1:\nwandb-launch:!:1::::::\n")
    machine.write(f"{HOME}/launch-config.yaml", "# made\nentity: team\n")
    machine.link(f"{HOME}/wandb/latest-run", "run-1")
    machine.write(LOG, says(10))
    unit = "wandb-launch-agent.service"
    facts = agent.observe_agent(look(units={unit: running()}, agent={"units": {"by_file": "x"}}))
    assert (facts.account.comment, facts.account.locked, facts.home_filled) == ("W&B Launch agent", True, True)
    assert facts.unit.active == "active"
    assert 5 < facts.polling.age < 60
    assert facts.newer == (f"{HOME}/launch-config.yaml",)


@pytest.mark.parametrize(
    ("shadow", "locked"),
    [("a:!$y$x:1\n", True), ("a:*:1\n", True), ("a:$y$x:1\n", False), ("b:!:1\n", True), ("a\n", True)],
    ids=["locked", "never-had-one", "password", "no-line", "broken-line"],
)
def test_accounts(machine, shadow, locked):
    """Without an entry no password works, as for the cluster's account."""
    machine.write("/etc/passwd", "a:x:1:1:Alex:/home/a:/bin/sh\n")
    machine.write("/etc/shadow", shadow)
    assert agent.account_of(machine.root, "a").locked is locked


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        (f"# x\nmachine h:1 login user password {KEY}\n", KEY, "same"),
        (f"machine other login user password {KEY}\n", KEY, "other"),
        ("machine h:1 login user password x\n", KEY, "other"),
        ("", KEY, "other"),
        (None, KEY, "absent"),
        (None, "", "absent"),
    ],
    ids=["same", "another-server", "another-key", "empty", "absent", "absent-without-key"],
)
def test_keys(machine, text, key, found):
    if text is not None:
        machine.write(NETRC, text)
    assert agent.key_of(machine.root, NETRC, "http://h:1/base", key) == found


def test_a_key_is_not_compared_with_nothing(machine):
    machine.write(NETRC, "machine h login user password x")
    with pytest.raises(Unreadable, match="no API key was handed"):
        agent.key_of(machine.root, NETRC, "http://h", "")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("#\nentity: a\nqueues:\n- b\nqueue: c\nx-y : 1\n", ("queue", "x-y")),
        ('# made\n{"entity": "a", "project": "b"}', ("project",)),
        ("[1]", ()),
        ("", ()),
    ],
    ids=["yaml", "json", "list", "empty"],
)
def test_keys_that_the_agent_does_not_know(machine, text, unknown):
    machine.write("/c", text)
    assert agent.unknown_keys(machine.root, "/c") == unknown


@pytest.fixture
def venv(machine):
    machine.write("/usr/bin/python3.11", "")
    machine.link("/usr/bin/python3", "python3.11")
    machine.link(f"{VENV}/bin/python3", "/usr/bin/python3")
    machine.link(f"{VENV}/bin/python", "python3")
    for name in agent_venv.MARKS:
        machine.write(f"{VENV}/{name}", "")
    for name in agent_venv.NEEDED:
        machine.write(f"{VENV}/lib/python3.11/site-packages/{name}/__init__.py", "")
    return machine


def test_a_good_environment(venv):
    assert agent_venv.venv(venv.root, VENV) == VenvSeen("own", False, True, "/usr/bin/python3.11", ())
    assert agent_venv.version(venv.root, "/usr/bin/python3") == "3.11"


def test_a_package_that_is_missing(venv):
    (venv.folder / f"{VENV}/lib/python3.11/site-packages/yaml/__init__.py".lstrip("/")).unlink()
    assert agent_venv.venv(venv.root, VENV).missing == ("yaml",)


def test_an_interpreter_that_is_gone(venv):
    (venv.folder / "usr/bin/python3.11").unlink()
    assert agent_venv.venv(venv.root, VENV).python == ""
    assert agent_venv.version(venv.root, "/usr/bin/python3") is None


def test_links_that_lead_round(machine):
    machine.link("/a", "b")
    machine.link("/b", "a")
    assert agent_venv.resolved(machine.root, "/a") == ""


@pytest.mark.parametrize(
    ("names", "ledger", "kind", "recorded"),
    [
        ([], None, "empty", False),
        (["train.py"], None, "strange", False),
        (["pyvenv.cfg"], {"entries": [{"kind": "venv", "subject": VENV}]}, "strange", True),
        (["pyvenv.cfg"], {"entries": [{"kind": "file", "subject": VENV}]}, "strange", False),
    ],
    ids=["empty", "a-project", "interrupted", "of-others"],
)
def test_what_is_in_the_place_of_an_environment(machine, names, ledger, kind, recorded):
    machine.mkdir(VENV)
    for name in names:
        machine.write(f"{VENV}/{name}", "")
    if ledger:
        machine.write(agent_venv.LEDGER, json.dumps(ledger))
    found = agent_venv.venv(machine.root, VENV)
    assert (found.kind, found.recorded, found.parent) == (kind, recorded, True)


def test_a_file_in_the_place_of_an_environment(machine):
    machine.write(VENV, "")
    assert agent_venv.venv(machine.root, VENV).kind == "strange"


@pytest.mark.parametrize("text", ["{", "[]", '{"entries": [1]}'], ids=["no-json", "a-list", "no-entries"])
def test_a_ledger_that_is_none(machine, text):
    machine.write(f"{VENV}/x", "")
    machine.write(agent_venv.LEDGER, text)
    with pytest.raises(Unreadable, match="not a ledger"):
        agent_venv.venv(machine.root, VENV)


def kubeconfig(server="https://10.0.0.1:8443", token="t", **context):
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", **context}}],
        "clusters": [{"name": "c", "cluster": {"server": server, "extensions": [{"last-update": "now"}]}}],
        "users": [{"name": "u", "user": {"token": token}}],
    }
    return json.dumps(document)


@pytest.mark.parametrize(
    ("source", "own", "found"),
    [
        (kubeconfig(), kubeconfig(namespace="default"), ContextSeen("good", same=True)),
        (kubeconfig(), kubeconfig(namespace="other"), ContextSeen("good")),
        (kubeconfig(token="new"), kubeconfig(namespace="default"), ContextSeen("good")),
        (kubeconfig(), None, ContextSeen("good")),
        (kubeconfig(), "{", ContextSeen("good")),
        (None, kubeconfig(), ContextSeen()),
        ('{"current-context": ""}', kubeconfig(), ContextSeen("idle")),
    ],
    ids=["same", "namespace", "credentials", "no-own", "own-broken", "no-source", "cluster-stopped"],
)
def test_contexts(machine, look, source, own, found):
    for path, text in ((SOURCE, source), (f"{HOME}/.kube/config", own)):
        if text is not None:
            machine.write(path, text)
    assert context_of(look(options={"runner": no_program}), AgentWanted()) == found


def no_program(argv, deadline):
    raise Unreadable(f"{argv[0]}: no such program")


def test_scalars_are_compared_as_text(machine, look):
    yaml = (
        "current-context: c\ncontexts:\n- name: c\n  context:\n    cluster: c\n    user: u\nclusters:\n- name: c\n"
        "  cluster:\n    server: https://10.0.0.1:8443\n    insecure-skip-tls-verify: true\n"
        "users:\n- name: u\n  user:\n    token: t\n"
    )
    machine.write(SOURCE, yaml)
    own = json.loads(kubeconfig(namespace="default"))
    own["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    machine.write(f"{HOME}/.kube/config", json.dumps(own))
    assert context_of(look(), AgentWanted()).same


def test_a_source_that_nobody_else_can_use(machine, look):
    document = json.loads(kubeconfig())
    document["users"][0]["user"] = {"client-key": "/home/a/key"}
    machine.write(SOURCE, json.dumps(document))
    found = context_of(look(), AgentWanted())
    assert (found.source, "client-key is a path" in found.reason) == ("unusable", True)


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    tls.authority(folder)
    tls.issue(folder, "server")
    tls.issue(folder, "client")
    return folder


@pytest.fixture
def cluster(machine, papers):
    """An API server, and the agent's kubeconfig for it."""
    api = tls.Api(papers)
    document = json.loads(kubeconfig(f"https://127.0.0.1:{api.port}", namespace="jobs"))
    files = ("ca.crt", "client.crt", "client.key")
    data = {name: base64.b64encode((papers / name).read_bytes()).decode() for name in files}
    document["clusters"][0]["cluster"]["certificate-authority-data"] = data["ca.crt"]
    user = {"client-certificate-data": data["client.crt"], "client-key-data": data["client.key"]}
    document["users"][0]["user"] = user
    machine.write(f"{HOME}/.kube/config", json.dumps(document))
    machine.write(SOURCE, json.dumps(document))
    yield api
    api.close()


def test_rights(cluster, look):
    queues = (
        QueueWanted("a", True, resource="jobs.batch"),
        QueueWanted("b", True, resource="pytorchjobs.kubeflow.org", namespace="train"),
        QueueWanted("c"),
    )
    cluster.posted = lambda body: {"status": {"allowed": body["spec"]["resourceAttributes"]["resource"] == "jobs"}}
    wanted = AgentWanted(queues=queues)
    assert rights_and_leftovers(look(), wanted)[0] == ("create pytorchjobs.kubeflow.org in train",)


def test_the_cluster_is_asked_where_the_agent_has_its_context(cluster, look):
    cluster.posted = lambda body: {}
    queues = [{"name": "q", "has_config": True, "resource": "jobs.batch"}]
    facts = agent.observe_agent(look(agent={"namespace": "jobs", "queues": queues}))
    assert facts.refused_rights == ("create jobs.batch in jobs",)
    assert facts.leftovers == LeftoversSeen()


@pytest.fixture
def wandb(tmp_path):
    """The lab's W&B server with one queue; answers its address."""
    state = Api(Options(api_key=KEY), tmp_path / "state.json")
    found = make_server("127.0.0.1", 0, state, Log(tmp_path))
    threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{found.server_address[1]}"
    found.shutdown()
    found.server_close()


def ask(url, key=KEY, queues=(), **inputs):
    return server(AgentWanted(entity="team-a", base_url=url, queues=queues, **inputs), key, 5.0)


def make(url, name, config, variables=None):
    wanted = Wanted.from_params({"name": name, "config": config, "template_variables": variables or {}})
    (api := WandbApi(Client(url, KEY))).make_project("team-a")
    api.upsert(make_plan(None, wanted).request("team-a", "model-registry"))
    return wanted.digest()


def test_queues_of_the_server(wandb, monkeypatch):
    config = {
        "spec": {"template": {"spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "{{gpus}}"}}}]}}}
    }
    digest = make(wandb, "kept", config, {"gpus": {"type": "integer", "default": 1, "maximum": 8}})
    make(wandb, "named", {"spec": {"hostPath": 1, "activeDeadlineSeconds": 60}})
    queues = tuple(QueueWanted(name, name == "kept") for name in ("kept", "named", "absent"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # the role's proxy counts, not that of who runs it
    found = ask(wandb, queues=queues)
    assert (found.user, found.names, sorted(found.queues)) == ("alex", ("kept", "named"), ["kept", "named"])
    assert (found.queues["kept"].digest, found.queues["kept"].gpus, found.queues["kept"].flaws) == (digest, 8, ())
    assert [(flaw.id, flaw.act) for flaw in found.queues["named"].flaws] == [("AGT005", "refuse"), ("AGT007", "tell")]


def test_a_queue_whose_variables_do_not_fit():
    flaws = agent_server._flaws(Queue("q", config={"a": "{{gpus}}"}), "0.31.0")
    assert [(flaw["id"], flaw["act"]) for flaw in flaws] == [("AGT008", "tell")]


def test_a_key_that_the_server_rejects(wandb):
    assert "rejects the API key" in ask(wandb, key="x" * 40).rejects


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("http://127.0.0.1:9", KEY, "can't be reached"),
        ("http://127.0.0.1:9", "", "without a key"),
        ("", KEY, "without a key"),
        ("ftp://x", KEY, "is not an address"),
    ],
    ids=["nobody-there", "no-key", "no-address", "no-http"],
)
def test_no_answer(url, key, words):
    with pytest.raises(Unreadable, match=words):
        ask(url, key=key)
