# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's inputs, machine and queues; that each check is raised stands in tests/fixtures/checks/agent.yml."""

import copy
from pathlib import Path

import pytest
import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.agent import url_problem
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare

from .machines import first, ids, machine

GOOD = yaml.safe_load((Path(__file__).resolve().parents[4] / "fixtures/healthy/agent.yml").read_text())["wanted"]
NETRC = "/etc/mlinfra.gpu_launch/launch_agent/netrc"
UNIT = "/etc/systemd/system/wandb-launch-agent.service"


def agent(**changes):
    """Return the healthy agent with facts replaced."""
    return {**machine()["agent"], **changes}


def test_good_inputs():
    assert ids("agent", GOOD) == []


@pytest.mark.parametrize(
    ("change", "check", "subject"),
    [
        pytest.param({"entity": ""}, "AGT017", "launch_agent_entity", id="no-entity"),
        pytest.param({"entity": "  "}, "AGT017", "launch_agent_entity", id="blank-entity"),
        pytest.param({"api_key_length": 0}, "AGT011", "launch_agent_api_key", id="no-key"),
        pytest.param({"api_key_length": 39}, "AGT011", "launch_agent_api_key", id="short-key"),
        pytest.param({"base_url": "http://localhost:8080"}, "AGT004", "launch_agent_base_url", id="loopback"),
        pytest.param({"queues": []}, "AGT002", "launch_agent_queues", id="no-queue"),
        pytest.param({"queues": [{"name": "gpu-queue"}] * 2}, "AGT002", "queue gpu-queue", id="queue-twice"),
    ],
)
def test_refused(change, check, subject):
    finding = first("agent", {**GOOD, **change})
    assert (finding.id, finding.act, finding.subject) == (check, "refuse", subject)


def test_more_jobs_than_gpus_is_told():
    assert ids("agent", {**GOOD, "max_jobs": 5}, gpu=None) == []
    assert ids("agent", {**GOOD, "max_jobs": 5}) == [("AGT009", "tell")]
    assert ids("agent", {**GOOD, "max_jobs": 4}) == []


def test_a_bare_machine_gets_everything():
    found = ids("agent", {**GOOD, "provided": ["cluster"]}, "bare")
    assert {act for check, act in found if check != "AGT003"} == {"converge"}
    assert {check for check, act in found} == {"AGT003", "AGT014", "AGT015", "AGT016", "AGT026"}


def test_without_inputs_no_content_is_compared():
    found = ids("agent", {}, "reference")
    assert found == [("AGT002", "refuse"), ("AGT004", "refuse"), ("AGT011", "refuse"), ("AGT017", "refuse")]


def test_the_unit_that_is_there_says_who_reads_the_key():
    files = agent()["files"]
    by_file = {**files, UNIT: {**files[UNIT], "sha256": GOOD["units"]["by_file"]}}
    assert ids("agent", GOOD, agent=agent(files=by_file)) == [("AGT015", "converge")]
    owned = {**by_file, NETRC: {**files[NETRC], "owner": "wandb-launch"}}
    assert ids("agent", GOOD, agent=agent(files=owned)) == []


def test_a_unit_of_others_says_nothing_of_the_owner():
    files = agent()["files"]
    seen = {**files, UNIT: {**files[UNIT], "sha256": None}, NETRC: {**files[NETRC], "owner": "alex"}}
    assert first("agent", GOOD, agent=agent(files=seen)).subject == UNIT
    assert ids("agent", GOOD, agent=agent(files=seen)) == [("AGT015", "converge")]


def test_a_key_that_is_not_there_is_one_finding():
    files = {**agent()["files"], NETRC: {"kind": "absent"}}
    assert ids("agent", GOOD, agent=agent(files=files, key="absent")) == [("AGT015", "converge")]


def test_a_part_of_the_files_alone_was_read():
    files = {path: seen for path, seen in agent()["files"].items() if path not in (NETRC, "/var/lib/wandb-launch")}
    report = compare("agent", machine(agent=agent(files=files)), GOOD)
    assert [item.fact for item in report.unknown] == [f"agent.files.{NETRC}", "agent.files./var/lib/wandb-launch"]


@pytest.mark.parametrize(
    "fact", ["account", "home_filled", "key", "venv", "context", "unit", "newer", "polling", "server"]
)
def test_what_could_not_be_read_is_never_fine(fact):
    report = compare("agent", machine(agent=agent(**{fact: None})), GOOD)
    assert report.findings == ()
    assert [item.fact for item in report.unknown] == [f"agent.{fact}"]


def test_the_package_is_of_no_matter_where_the_environment_is_good():
    assert ids("agent", GOOD, agent=agent(packages={})) == []
    absent = compare("agent", machine(agent=agent(packages=None, venv={"kind": "absent"})), GOOD)
    assert [item.fact for item in absent.unknown] == ["agent.packages"]


def test_a_stopped_cluster_is_started_first():
    finding = first("agent", GOOD, agent=agent(context={"source": "idle"}))
    assert (finding.id, finding.fix.split(" (")[0]) == ("AGT003", "start the cluster first")


@pytest.mark.parametrize("fact", ["python", "unknown_keys", "refused_rights", "leftovers"])
def test_what_only_advises_keeps_nobody_from_running(fact):
    assert compare("agent", machine(agent=agent(**{fact: None})), GOOD).converged


def test_a_key_that_is_not_handed_over_is_a_refusal_of_its_own():
    seen = machine(agent=agent(key=None))
    seen["unknown"] = [{"fact": "agent.key", "reason": "no API key was handed over"}]
    assert "no API key" in compare("agent", seen, GOOD).unknown[0].reason


def test_an_agent_that_is_down_is_not_asked_whether_it_polls():
    unit = {**agent()["unit"], "active": "failed", "result": "exit-code"}
    (finding,) = compare("agent", machine(agent=agent(unit=unit, polling=None, newer=None)), GOOD).findings
    assert (finding.id, finding.commands[-1]) == ("AGT015", "systemctl enable --now wandb-launch-agent.service")


def test_leftovers_have_their_commands():
    left = {"secrets": [{"namespace": "jobs", "name": f"wandb-api-key-{n:02}"} for n in range(30)]}
    findings = compare("agent", machine(agent=agent(leftovers=left)), GOOD).findings
    assert len(findings) == 20
    assert findings[0].commands[0].endswith("--namespace jobs delete secret wandb-api-key-00")


HEALTH = "wandb-launch-agent-health.timer"


def test_a_timer_that_nobody_wants_and_that_is_not_there_is_well():
    assert ids("agent", {**GOOD, "timers": {HEALTH: False}}, agent=agent(timers={HEALTH: {"load": "not-found"}})) == []


def test_a_timer_that_was_not_looked_at_is_never_fine():
    report = compare("agent", machine(agent=agent(timers={})), GOOD)
    assert [item.fact for item in report.unknown] == [f"agent.timers.{HEALTH}"]


def test_programs_and_their_folder_are_compared():
    path = "/usr/local/lib/mlinfra.gpu_launch/launch-agent/agent_says.py"
    unit = f"/etc/systemd/system/{HEALTH}"
    wanted = {**GOOD, "tools": {path: "6" * 64}, "timer_units": {HEALTH: "7" * 64}}
    report = compare("agent", machine(), wanted)
    assert [item.fact for item in report.unknown] == [
        f"agent.files.{name}" for name in (unit, path.rpartition("/")[0], path)
    ]


def waiting(age):
    return {"namespace": "jobs", "name": "launch-a", "secret": "wandb-api-key-a", "reason": "Unschedulable", "age": age}


def test_a_job_that_may_well_wait_is_not_told():
    assert ids("agent", GOOD, agent=agent(leftovers={"waiting": [waiting(1800.0)]})) == []


def test_a_job_that_blocks_its_queue_has_its_command():
    (finding,) = compare("agent", machine(agent=agent(leftovers={"waiting": [waiting(7200.0)]})), GOOD).findings
    assert finding.found == "its pod has not started for 120 min: Unschedulable"
    assert finding.commands[0].endswith("--namespace jobs delete job launch-a")


def test_the_queues_of_a_rejected_key_are_not_judged():
    assert ids("agent", GOOD, agent=agent(server={"rejects": "401"})) == [("AGT011", "refuse")]


def test_gpus_of_a_queue_that_is_only_named_are_those_of_the_server():
    server = copy.deepcopy(agent()["server"])
    server["queues"]["gpu-queue"]["gpus"] = 8
    wanted = {**GOOD, "queues": [{"name": "gpu-queue"}]}
    assert ids("agent", wanted, agent=agent(server=server)) == [("AGT008", "tell")]


def test_a_problem_without_queues_is_not_told_twice():
    problem = {"id": "AGT024", "act": "refuse", "subject": "launch_agent_queues[0]", "found": "must be a mapping"}
    assert ids("agent", {**GOOD, "queues": [], "problems": [problem]}) == [("AGT024", "refuse")]


@pytest.mark.parametrize("url", ["https://api.wandb.ai", "http://172.31.91.1:8080", "https://wandb.example.org/base"])
def test_urls_that_pods_reach(url):
    assert url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "nothing"),
        ("api.wandb.ai", "no http(s) URL"),
        ("ftp://api.wandb.ai", "no http(s) URL"),
        ("http://[::1", "no URL"),
        ("http://host:99999", "no URL"),
        ("http://wandb.localhost", "loopback"),
        ("http://127.0.0.2:8080", "loopback"),
        ("http://[::1]:8080", "loopback"),
        ("http://0.0.0.0", "loopback"),
    ],
)
def test_urls_that_pods_do_not_reach(url, words):
    assert words in (url_problem(url) or "")
