# SPDX-License-Identifier: GPL-3.0-or-later
"""The four launch modules through main(), against the lab's W&B server in this process."""

from __future__ import annotations

import base64
import json
import threading
import urllib.request

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api import following
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import Unreachable
from ansible_collections.mlinfra.gpu_launch.plugins.modules import (
    launch_job_spec,
    launch_queue,
    launch_queue_info,
    launch_run,
    launch_run_info,
)
from tests.lab.wandb_server.api import Api
from tests.lab.wandb_server.http import Log, make_server
from tests.lab.wandb_server.state import Options

KEY = "k" * 40
CONFIG = (
    "spec:\n  template:\n    spec:\n      containers:\n        - resources: {limits: {nvidia.com/gpu: '{{gpus}}'}}\n"
)
VARIABLES = {"gpus": {"type": "integer", "default": 1, "minimum": 0, "maximum": 4}}
POP = """mutation { popFromRunQueue(input: {entityName: "team-a", projectName: "model-registry", queueName: "q"}) {
  runQueueItemId runSpec } }"""
ACK = "mutation ($i: ID!, $r: String!) { ackRunQueueItem(input: {runQueueItemId: $i, runName: $r}) { success } }"
FAIL = """mutation ($i: ID!) { failRunQueueItem(input: {runQueueItemId: $i, message: "no wandb.init", stage: "run"}) {
  success } }"""


class Site:
    """A W&B server, the modules run against it, and an agent's moves."""

    def __init__(self, port, capsys):
        self.url = f"http://127.0.0.1:{port}"
        self.capsys = capsys

    def run(self, module, check=False, **params):
        args = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp", **params}
        if module is not launch_job_spec:
            args = {"base_url": self.url, "api_key": KEY, "entity": "team-a", **args}
        with patch_module_args(args), pytest.raises(SystemExit):
            module.main()
        return json.loads(self.capsys.readouterr().out)

    def queue(self, **params):
        return self.run(launch_queue, name="q", **params)

    def submit(self, **params):
        return self.run(launch_run, queue="q", project="demo", poll_interval=0, **params)

    def ask(self, query, **variables):
        token = base64.b64encode(f"api:{KEY}".encode()).decode()
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Authorization": f"Basic {token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)["data"]

    def take(self, run_id):
        item = self.ask(POP)["popFromRunQueue"]["runQueueItemId"]
        self.ask(ACK, i=item, r=run_id)
        return item

    def report(self, run_id, exitcode):
        body = json.dumps({"complete": True, "exitcode": exitcode}).encode()
        token = base64.b64encode(f"api:{KEY}".encode()).decode()
        headers = {"Authorization": f"Basic {token}"}
        url = f"{self.url}/files/team-a/demo/{run_id}/file_stream"
        urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=5).close()


@pytest.fixture
def site(tmp_path, capsys):
    server = make_server("127.0.0.1", 0, Api(Options(api_key=KEY), tmp_path / "state.json"), Log(tmp_path))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield Site(server.server_address[1], capsys)
    server.shutdown()
    server.server_close()


def test_queue_is_made_once_changed_by_meaning_and_removed(site):
    wanted = {"config": CONFIG, "template_variables": VARIABLES}
    checked = site.queue(check=True, **wanted)
    assert checked["changed"]
    assert "nvidia.com/gpu" in checked["diff"]["after"]
    assert site.run(launch_queue_info)["queues"] == []
    made = site.queue(**wanted, external_links=[{"label": "docs", "url": "https://x"}])
    assert made["changed"]
    assert site.run(launch_queue_info) | {"invocation": 0} == {
        "changed": False,
        "queues": ["q"],
        "username": "alex",
        "error": "",
        "invocation": 0,
    }
    again = site.queue(**wanted)
    assert not again["changed"]
    assert again["queue"]["external_links"] == [{"label": "docs", "url": "https://x"}]
    changed = site.queue(config=CONFIG, template_variables={"gpus": {"type": "integer", "default": 2}})
    assert changed["changed"]
    assert "default: 1" in changed["diff"]["before"]
    assert site.queue(state="absent", check=True)["changed"]
    assert site.queue(state="absent")["changed"]
    assert not site.queue(state="absent")["changed"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({}, "does not exist, so a config is needed", id="no-config"),
        pytest.param({"config": "spec:\n\tx: 1"}, "config: line 2, column 1: a tab", id="tab"),
        pytest.param({"config": CONFIG}, "'gpus' is not declared", id="undeclared"),
        pytest.param({"config": {"spec": {"hostPath": 1}}}, "spec.hostPath: Unsafe", id="refused"),
        pytest.param({"config": {"a": "${WANDB_API_KEY}"}}, "AGT011; fix", id="secret"),
        pytest.param({"config": {}, "api_key": "x" * 40}, "rejects the API key", id="key"),
        pytest.param({"config": {}, "api_key": "short"}, "less than 40 characters", id="short-key"),
        pytest.param({"config": {}, "ca_path": "/nowhere"}, "can't be read as certificates", id="ca"),
    ],
)
def test_queue_is_refused(site, params, message):
    result = site.queue(**params)
    assert result["failed"]
    assert message in result["msg"]
    assert site.run(launch_queue_info)["queues"] == []


def test_a_finding_can_be_allowed(site):
    result = site.queue(config={"a": "${WANDB_API_KEY}"}, allow=["AGT011"])
    assert result["changed"]
    assert "AGT011" in [finding["id"] for finding in result["findings"]]


def test_without_a_server_queues_are_an_answer_only_on_request(site):
    there = site.url
    site.url = "http://127.0.0.1:9"
    report = site.run(launch_queue_info, on_error="report")
    assert "can't be reached" in report["error"]
    assert site.run(launch_queue_info)["failed"]
    site.url = there


@pytest.fixture
def queued(site):
    site.queue(config=CONFIG, template_variables=VARIABLES)
    return site


def test_run_ends_finished_when_it_says_so(queued):
    sent = queued.submit(image="x:1", values={"gpus": "2"})
    assert (sent["state"], sent["changed"]) == ("queued", True)
    assert len(sent["run_id"]) == 8
    queued.take(sent["run_id"])
    waiting = queued.submit(item_id=sent["item_id"], wait=True, wait_timeout=-1)
    assert waiting["failed"]
    assert "is still starting" in waiting["msg"]
    queued.report(sent["run_id"], 0)
    done = queued.submit(item_id=sent["item_id"], wait=True, wait_timeout=5)
    assert (done["state"], done["run_id"], done["changed"]) == ("finished", sent["run_id"], False)
    assert done["states"][-1]["state"] == "finished"


def test_run_that_fails_is_a_failure_with_its_reason(queued):
    sent = queued.submit(image="x:1", run_id="own")
    item = queued.take("own")
    queued.ask(FAIL, i=item)
    done = queued.submit(item_id=sent["item_id"], wait=True, wait_for="started", wait_timeout=5)
    assert done["failed"]
    assert "no wandb.init" in done["msg"]
    assert queued.submit(item_id=sent["item_id"])["state"] == "failed"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({"values": {"gpus": 5}}, "values.gpus: 5 is above the maximum 4", id="maximum"),
        pytest.param({"values": {"gpu": 1}}, "values.gpu: the queue has no such", id="unknown"),
        pytest.param({"queue": "nope"}, "team-a has no queue 'nope'", id="queue"),
        pytest.param({"image": "--privileged"}, "is not an image name", id="image"),
        pytest.param({"overrides": {"args": "x"}}, "overrides.args", id="overrides"),
    ],
)
def test_run_is_refused(queued, params, message):
    result = queued.run(launch_run, **{"queue": "q", "project": "demo", "image": "x:1", **params})
    assert result["failed"]
    assert message in result["msg"]
    assert queued.ask(POP)["popFromRunQueue"] is None


def test_the_servers_own_refusal_names_the_values(queued, monkeypatch):
    monkeypatch.setattr(launch_run.Submission, "request", lambda *_: REQUEST)
    result = queued.submit(image="x:1")
    assert result["failed"]
    assert '{"gpus": 5}' in result["msg"]
    assert "maximum 4" in result["msg"]


REQUEST = {
    "entityName": "team-a",
    "projectName": "model-registry",
    "queueName": "q",
    "runSpec": "{}",
    "priority": 2,
    "templateVariableValues": '{"gpus": 5}',
}


def test_check_mode_submits_nothing(queued):
    result = queued.submit(image="x:1", check=True)
    assert (result["changed"], result["item_id"]) == (True, "")
    assert queued.ask(POP)["popFromRunQueue"] is None


def test_check_mode_goes_on_without_a_queue_that_an_earlier_task_would_make(site):
    result = site.submit(image="x:1", check=True)
    assert (result["changed"], result["manifests"]) == (True, [])
    assert "team-a has no queue 'q' (it has: none)" in result["not_predicted"]


def test_check_mode_predicts_what_the_agent_would_post(queued):
    result = queued.submit(image="x:1", values={"gpus": 3}, check=True)
    limits = result["manifests"][-1]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits == {"nvidia.com/gpu": 3}
    assert (result["refused"], result["not_predicted"]) == (None, "")


def test_with_a_state_and_an_id_nothing_is_submitted(queued):
    result = queued.submit(image="x:1", run_id="own", since="starting", wait=True, wait_timeout=0)
    assert (result["timed_out"], result["item_id"]) == (True, "")
    assert queued.ask(POP)["popFromRunQueue"] is None


def test_several_runs_are_read_at_once(queued):
    sent = [queued.submit(image="x:1", run_id=name) for name in ("one", "two", "three")]
    queued.take("one")
    queued.report("one", 0)
    queued.ask(FAIL, i=queued.take("two"))
    known = [{"item_id": run["item_id"], "run_id": run["run_id"], "state": "queued"} for run in sent]
    found = queued.run(launch_run_info, queue="q", project="demo", runs=known, wait=True, wait_timeout=5)
    assert [(run["state"], run["moved"], run["ok"]) for run in found["runs"]] == [
        ("finished", True, True), ("failed", True, False), ("queued", False, False)
    ]  # fmt: skip
    assert "no wandb.init" in found["runs"][1]["message"]
    assert (found["ended"], found["changed"]) == (False, False)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({"runs": []}, "1 to 200 can be watched at once, not 0", id="none"),
        pytest.param({"runs": [{"run_id": "r"}], "api_key": "x" * 40}, "rejects the API key", id="key"),
    ],
)
def test_runs_that_cannot_be_read(queued, params, message):
    result = queued.run(launch_run_info, queue="q", project="demo", **params)
    assert result["failed"]
    assert message in result["msg"]


def test_waiting_survives_a_server_that_is_away_for_a_moment(queued, monkeypatch):
    sent = queued.submit(image="x:1", run_id="own")
    queued.take("own")
    queued.report("own", 0)
    real, calls = following.look, []

    def look(*args):
        calls.append(1)
        if len(calls) == 1:
            raise Unreachable("away")
        return real(*args)

    monkeypatch.setattr(following, "look", look)
    assert queued.submit(item_id=sent["item_id"], wait=True, wait_timeout=5)["state"] == "finished"


def test_job_spec(site):
    run = {"entity": "e", "project": "p", "image": "x:1"}
    result = site.run(launch_job_spec, config=CONFIG, template_variables=VARIABLES, values={"gpus": 2}, run=run)
    assert result["manifests"][-1]["kind"] == "Job"
    assert result["refused"] is None
    assert not result["changed"]


@pytest.mark.parametrize(
    ("params", "field", "value"),
    [
        pytest.param({"config": "a:\n\tb: 1"}, "line", 2, id="text"),
        pytest.param({"config": {"a": "{{x}}"}}, "path", "a", id="undeclared"),
        pytest.param({"config": {"context": "x"}, "fail_on_refused": True}, "refused_path", "context", id="refused"),
    ],
)
def test_job_spec_fails(site, params, field, value):
    result = site.run(launch_job_spec, **params)
    assert result["failed"]
    assert result[field] == value


@pytest.mark.parametrize("module", [launch_job_spec, launch_queue])
def test_yaml_text_without_the_library_is_told(site, monkeypatch, module):
    def missing(name):
        raise module.ReaderMissing("PyYAML")

    monkeypatch.setattr(module, "read_text", missing)
    result = site.run(module, config="a: 1", **({"name": "q"} if module is launch_queue else {}))
    assert result["failed"]
    assert "PyYAML" in result["msg"]


def test_many_specs_in_one_call(site):
    run = {"entity": "team-a", "project": "demo", "image": "job:1"}
    common = {"template_variables": VARIABLES, "run": run}
    specs = [{"config": CONFIG, "values": {"gpus": 2}}, {"config": {"hostPath": 1, "a": "{{gpus}}"}}]
    done = site.run(launch_job_spec, specs=specs, **common)
    assert [len(result["manifests"]) for result in done["results"]] == [2, 0]
    refused = site.run(launch_job_spec, specs=specs * 6, fail_on_refused=True, **common)
    assert "would refuse 6 of 12 runs: specs[1]: hostPath" in refused["msg"]
    assert refused["msg"].endswith("and 1 more")
    once = site.run(launch_job_spec, specs=specs, fail_on_refused=True, **common)
    assert once["msg"].endswith("not permitted")
    assert site.run(launch_job_spec, specs=[], **common)["results"] == []
    text = site.run(launch_job_spec, specs=specs, results_format="json", **common)["results_json"]
    assert json.loads(text) == done["results"]


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ([{"config": CONFIG}, {"config": "a: *x"}], "specs[1].config: line 1, column 4: the alias *x"),
        ([{"config": CONFIG, "values": {"gpus": 5}}], "specs[0].values.gpus: 5 is above"),
    ],
)
def test_a_bad_entry_fails_the_call(site, specs, message):
    failed = site.run(launch_job_spec, specs=specs, template_variables=VARIABLES)
    assert failed["failed"]
    assert failed["msg"].startswith(message)


def test_config_or_specs_is_needed(site):
    assert "config, specs" in site.run(launch_job_spec)["msg"]
