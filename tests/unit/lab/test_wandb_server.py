# SPDX-License-Identifier: GPL-3.0-or-later
"""The W&B stand-in over HTTP, asked as the agent, the command and a job's wandb.init ask it."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import stat
import threading
import time

import pytest

from tests.lab.wandb_server.api import Api
from tests.lab.wandb_server.http import Log, make_server
from tests.lab.wandb_server.state import CRASHED_AFTER, Options, State, load, outcome

KEY = "k" * 40
QUEUE = {"e": "team-a", "p": "model-registry", "q": "gpu-queue"}
CONFIG = {"resource_args": {"kubernetes": {"spec": {"limits": {"nvidia.com/gpu": "{{gpus}}"}}}}}
VARIABLES = {"gpus": {"schema": {"type": "integer", "default": 1, "minimum": 0, "maximum": 4}}}
UPSERT_QUEUE = """mutation ($e: String!, $p: String!, $q: String!, $c: JSONString!, $t: JSONString) {
  upsertRunQueue(input: {entityName: $e, projectName: $p, queueName: $q, resourceType: "kubernetes", resourceConfig: $c,
    templateVariables: $t}) { success configSchemaValidationErrors } }"""
PUSH = """mutation ($e: String!, $p: String!, $q: String!, $s: JSONString!, $v: JSONString) {
  pushToRunQueueByName(input: {entityName: $e, projectName: $p, queueName: $q, runSpec: $s,
    templateVariableValues: $v}) {
    runQueueItemId runSpec } }"""
POP = """mutation ($e: String!, $p: String!, $q: String!) {
  popFromRunQueue(input: {entityName: $e, projectName: $p, queueName: $q}) { runQueueItemId runSpec } }"""
ACK = "mutation ($i: ID!, $r: String!) { ackRunQueueItem(input: {runQueueItemId: $i, runName: $r}) { success } }"
FAIL = """mutation ($i: ID!, $m: String!) {
  failRunQueueItem(input: {runQueueItemId: $i, message: $m, stage: "run"}) { success } }"""
ITEM = """query ($e: String!, $p: String!, $q: String!, $i: ID!) { project(name: $p, entityName: $e) {
  runQueue(name: $q) { runQueueItem(id: $i) { state associatedRunId } } } }"""
RUN = 'query ($n: String!) { project(name: "demo", entityName: "team-a") { run(name: $n) { state stopped } } }'


class Client:
    """A W&B client with an API key."""

    def __init__(self, port, key=KEY):
        self.port, self.key = port, key

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        token = base64.b64encode(f"api:{self.key}".encode()).decode()
        connection.request(method, path, body, {"Authorization": f"Basic {token}", **(headers or {})})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def ask(self, query, **variables):
        status, data = self.send("POST", "/graphql", json.dumps({"query": query, "variables": variables}))
        return {"status": status, **json.loads(data)}

    def state(self):
        return json.loads(self.send("GET", "/_control/state")[1])

    def stream(self, run, content, pack=False):
        body = json.dumps(content).encode()
        headers = {"Content-Encoding": "gzip"} if pack else {}
        return self.send(
            "POST", f"/files/team-a/demo/{run}/file_stream", gzip.compress(body) if pack else body, headers
        )

    def push(self, **values):
        spec = {"entity": "team-a", "project": "demo", "docker": {"docker_image": "i"}}
        return self.ask(PUSH, **QUEUE, s=json.dumps(spec), v=json.dumps(values))


@pytest.fixture
def start(tmp_path):
    """Starts servers on one state file; each gets a free port."""
    servers = []

    def run(**options):
        api = Api(Options(api_key=KEY, **options), tmp_path / "state.json")
        server = make_server("127.0.0.1", 0, api, Log(tmp_path))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return Client(server.server_address[1])

    yield run
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def client(start):
    """A server with the tutorial's queue."""
    found = start()
    found.ask('mutation { upsertModel(input: {entityName: "team-a", name: "model-registry"}) { project { id } } }')
    found.ask(UPSERT_QUEUE, **QUEUE, c=json.dumps(CONFIG), t=json.dumps(VARIABLES))
    return found


def claim(client, run="run1"):
    item = client.push(gpus=2)["data"]["pushToRunQueueByName"]["runQueueItemId"]
    assert client.ask(POP, **QUEUE)["data"]["popFromRunQueue"]["runQueueItemId"] == item
    assert client.ask(ACK, i=item, r=run)["data"]["ackRunQueueItem"] == {"success": True}
    return item


def result(client, item):
    return client.state()["items"][item]["outcome"]


def test_another_key_is_refused_everywhere_but_the_page(client):
    stranger = Client(client.port, "x" * 40)
    assert stranger.ask("{ viewer { entity } }")["status"] == 401
    assert stranger.stream("run1", {"complete": True, "exitcode": 0})[0] == 401
    assert stranger.send("POST", "/_control/set", '{"stop_agents": true}')[0] == 401
    assert client.state()["runs"] == {}


def test_a_queue_needs_its_registry_project(start):
    answer = start().ask(UPSERT_QUEUE, **QUEUE, c=json.dumps(CONFIG), t="{}")
    assert answer["errors"] == [{"message": "project team-a/model-registry not found"}]


def test_pushed_values_arrive_in_the_run_spec_as_integers(client):
    spec = json.loads(client.push(gpus=2)["data"]["pushToRunQueueByName"]["runSpec"])
    assert spec["resource_args"]["kubernetes"]["spec"]["limits"] == {"nvidia.com/gpu": 2}
    assert (spec["author"], spec["resource"]) == ("alex", "kubernetes")


def test_a_value_out_of_bounds_never_enters_the_queue(client):
    answer = client.push(gpus=5)
    assert answer["errors"] == [{"message": "template variable gpus: 5 is more than the maximum 4"}]
    assert client.ask(POP, **QUEUE)["data"]["popFromRunQueue"] is None


def test_an_item_finishes_only_when_the_job_itself_reports(client):
    item = claim(client)
    assert result(client, item) == "starting"
    assert client.ask(RUN, n="run1")["data"]["project"]["run"] is None
    client.ask('mutation { upsertBucket(input: {name: "run1", modelName: "demo", entityName: "team-a"}) { inserted } }')
    assert result(client, item) == "running"
    client.stream("run1", {"complete": True, "exitcode": 0})
    assert result(client, item) == "finished"
    node = client.ask(ITEM, **QUEUE, i=item)["data"]["project"]["runQueue"]["runQueueItem"]
    assert node == {"state": "CLAIMED", "associatedRunId": "run1"}


def test_an_item_that_the_agent_gave_up_stays_failed_with_its_reason(client):
    item = claim(client)
    message = "The submitted job exited successfully but failed to call wandb.init"
    client.ask(FAIL, i=item, m=message)
    assert result(client, item) == "failed"
    assert message in client.send("GET", "/")[1].decode()


def test_a_failing_job_fails_its_item(client):
    item = claim(client)
    client.stream("run1", {"complete": True, "exitcode": 3})
    assert result(client, item) == "failed"


def test_the_file_stream_keeps_console_summary_and_history_also_when_packed(client):
    files = {
        "output.log": {
            "offset": 0,
            "content": ["2026-11-24T17:21:13.000000 GPU-1", "2026-11-24T17:21:14.000000 GPU-2"],
        },
        "wandb-summary.json": {"offset": 0, "content": ['{"loss": 0.5}']},
        "wandb-history.jsonl": {"offset": 3, "content": ["{}", "{}"]},
    }
    client.stream("run1", {"files": files}, pack=True)
    run = client.state()["runs"]["team-a/demo/run1"]
    assert (run["log"], run["summary"], run["history"]) == (["GPU-1", "GPU-2"], {"loss": 0.5}, 5)


def test_everything_survives_a_restart(start, client):
    item = claim(client)
    client.stream("run1", {"complete": True, "exitcode": 0})
    second = start()
    assert result(second, item) == "finished"
    assert second.push(gpus=1)["data"]["pushToRunQueueByName"]["runQueueItemId"] not in ("", item)


def test_items_leave_the_queue_by_priority_and_then_age(client):
    query = PUSH.replace("templateVariableValues: $v", "templateVariableValues: $v, priority: $pr").replace(
        "$v: JSONString)", "$v: JSONString, $pr: Int)"
    )
    spec = json.dumps({"entity": "team-a", "project": "demo"})
    ids = [
        client.ask(query, **QUEUE, s=spec, v="{}", pr=pr)["data"]["pushToRunQueueByName"]["runQueueItemId"]
        for pr in (2, 0, 2)
    ]
    popped = [client.ask(POP, **QUEUE)["data"]["popFromRunQueue"]["runQueueItemId"] for _ in ids]
    assert popped == [ids[1], ids[0], ids[2]]


def test_an_item_is_leased_once(client):
    client.push(gpus=1)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.ask(POP, **QUEUE)["data"]["popFromRunQueue"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer is not None for answer in answers) == 1


def test_upload_addresses_name_the_server_as_the_client_reached_it(client):
    query = 'mutation { createRunFiles(input: {files: ["a b.txt"]}) { files { name uploadUrl } } }'
    (file,) = client.ask(query)["data"]["createRunFiles"]["files"]
    assert file == {"name": "a b.txt", "uploadUrl": f"http://127.0.0.1:{client.port}/upload/a%20b.txt"}


def test_an_unknown_operation_is_null_and_listed(client):
    assert client.ask("{ somethingNew { id } }")["data"] == {"somethingNew": None}
    assert client.state()["unknown_operations"] == {"somethingNew": 1}
    assert "somethingNew" in client.send("GET", "/")[1].decode()


@pytest.mark.parametrize("body", ["", "[]", '{"variables": {}}', '{"query": 3}'])
def test_nonsense_is_a_bad_request_and_the_server_lives_on(client, body):
    assert client.send("POST", "/graphql", body)[0] == 400
    assert client.ask("{ viewer { entity } }")["data"] == {"viewer": {"entity": "team-a"}}


def test_nothing_that_people_or_files_see_holds_the_key(client, tmp_path):
    claim(client)
    client.stream("run1", {"complete": True, "exitcode": 0})
    texts = [client.send("GET", path)[1].decode() for path in ("/", "/_control/state", "/team-a/demo/runs/run1")]
    texts += [(tmp_path / name).read_text(encoding="utf-8") for name in ("state.json", "graphql.jsonl")]
    assert not [text for text in texts if KEY in text or base64.b64encode(KEY.encode()).decode() in text]
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("state.json", "graphql.jsonl")} == {0o600}


def test_names_are_escaped_on_the_page(client):
    client.ask('mutation { upsertBucket(input: {name: "r", displayName: "<script>alert(1)</script>"}) { inserted } }')
    page = client.send("GET", "/")[1].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_silent_run_counts_as_crashed():
    item = {"state": "CLAIMED", "runName": "r", "runSpec": {"entity": "e", "project": "p"}}
    runs = {"e/p/r": {"state": "running", "heard": 1000.0}}
    assert [outcome(item, runs, 1000 + CRASHED_AFTER + late) for late in (0, 1)] == ["running", "crashed"]


def test_a_broken_state_file_is_set_aside(tmp_path):
    path = tmp_path / "state.json"
    path.write_text("{", encoding="utf-8")
    assert load(path) == State()
    assert (tmp_path / "state.json.broken").exists()


def test_prioritization_cannot_be_switched_off_again(client):
    query = UPSERT_QUEUE.replace("templateVariables: $t", "templateVariables: $t, prioritizationMode: V0")
    client.ask(query, **QUEUE, c=json.dumps(CONFIG), t="{}")
    answer = client.ask(UPSERT_QUEUE, **QUEUE, c=json.dumps(CONFIG), t="{}")
    assert answer["errors"] == [{"message": "prioritization cannot be disabled once it is enabled"}]


def test_requests_are_served_side_by_side(client):
    idle = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    idle.connect()  # a kept connection of an agent that is silent for now
    begin = time.monotonic()
    assert client.ask("{ viewer { username } }")["data"] == {"viewer": {"username": "alex"}}
    assert time.monotonic() - begin < 5
    idle.close()


def strike(client, *faults):
    return client.send("POST", "/_control/set", json.dumps({"faults": list(faults)}))[0]


VIEWER = "{ viewer { username } }"


@pytest.mark.parametrize(
    ("fault", "status", "has"),
    [
        pytest.param({"mode": "status", "status": 503}, 503, b"busy", id="status"),
        pytest.param({"mode": "html"}, 200, b"<html>", id="html"),
        pytest.param({"mode": "redirect"}, 302, b"", id="redirect"),
        pytest.param({"mode": "errors", "message": "no"}, 200, b'"message": "no"', id="errors"),
        pytest.param({"mode": "data", "data": {"viewer": None}}, 200, b'{"data": {"viewer": null}}', id="data"),
    ],
)
def test_a_fault_strikes_once_and_only_what_it_names(client, fault, status, has):
    assert strike(client, {**fault, "field": "viewer"}, {"mode": "html", "queue": "other", "times": 9}) == 200
    assert client.push(gpus=1)["status"] == 200
    answer = client.send("POST", "/graphql", json.dumps({"query": VIEWER}))
    assert answer[0] == status
    assert has in answer[1]
    assert client.ask(VIEWER)["data"] == {"viewer": {"username": "alex"}}
    assert client.state()["faults"] == 9


@pytest.mark.parametrize("mode", ["closed", "truncated", "silent"])
def test_an_answer_can_be_lost_after_the_work_was_done(client, mode):
    strike(client, {"mode": mode, "after": True, "seconds": 0.1})
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        client.push(gpus=1)
    assert len(client.state()["items"]) == 1


@pytest.mark.parametrize("fault", [{"mode": "nonsense"}, {"mode": "html", "filed": "viewer"}, {}])
def test_a_fault_that_is_none_is_refused(client, fault):
    assert strike(client, fault) == 400
