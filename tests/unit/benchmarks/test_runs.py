# SPDX-License-Identifier: GPL-3.0-or-later
"""What decides that a run changed nothing, what peers are given, and how modules are counted."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from benchmarks import cases, command, measure, paths, ssh, state

RECAP = """\
PLAY RECAP *********************************************************************
labhost                    : ok=110  changed=0    unreachable=0    failed=0    skipped=53
labhost-02                 : ok=110  changed=2    unreachable=0    failed=0    skipped=53
"""
CALLBACK = Path(command.__file__).parent / "callback/remote_modules.py"


def test_changes_of_ansible():
    assert command.ansible_changes(RECAP) == ["labhost-02"]
    assert command.ansible_changes("PLAY RECAP ***\n\n") == []


@pytest.mark.parametrize(
    ("planned", "success", "error", "names"),
    [
        pytest.param([], [], [], [], id="nothing"),
        pytest.param(["labhost"], [], [], ["put"], id="predicted"),
        pytest.param([], ["labhost"], [], ["put"], id="changed"),
        pytest.param([], [], ["labhost"], ["put"], id="failed"),
    ],
)
def test_changes_of_pyinfra(planned, success, error, names):
    plan = [{"name": "put", "hosts_with_change": planned}]
    done = [{"name": "put", "success": success, "error": error, "no_change": []}]
    assert command.pyinfra_changes(json.dumps({"plan": plan, "results": {"operations": done}})) == names


def test_changes_of_a_dry_run_of_pyinfra():
    assert command.pyinfra_changes(json.dumps({"plan": [], "results": None})) == []


@pytest.mark.parametrize(
    ("key", "status", "output", "problem"),
    [
        pytest.param("site", 0, "labhost : ok=3 changed=0", "", id="as-expected"),
        pytest.param("site", 2, "labhost : ok=3 changed=0", "status 2", id="failed"),
        pytest.param("site", 0, "labhost : ok=3 changed=1", "changed: labhost", id="changed"),
        pytest.param("refused", 2, "nothing was changed: too much memory", "", id="refused"),
        pytest.param("refused", 0, "labhost : ok=3 changed=0", "status 0, and no word", id="not-refused"),
        pytest.param("refused", 4, "labhost : unreachable", "status 4, and no word", id="failed-for-another-reason"),
        pytest.param("refused", 2, "nothing was changed\nlabhost : ok=3 changed=1", "changed: labhost", id="not-true"),
    ],
)
def test_a_run_that_is_no_measure_says_why(key, status, output, problem):
    case = next(case for case in cases.CASES if case.key == key)
    said = measure.spoiled(case, command.Outcome(status, output, "", 1.0, 1.0))
    assert said.startswith(problem) if problem else said == ""


def test_cpu_of_children_is_measured():
    busy = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    done = command.run(["/usr/bin/env", "python3", "-c", busy], {"PATH": "/usr/bin:/bin"})
    assert done.status == 0
    assert done.cpu >= 0.2
    assert done.seconds >= 0.2


def test_essence_of_an_object_is_what_somebody_would_write():
    found = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "nfs-pv", "uid": "1", "resourceVersion": "7"},
        "spec": {"accessModes": ["ReadWriteMany"], "claimRef": {"uid": "2"}},
        "status": {"phase": "Bound"},
    }
    assert state.essence(found) == {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "nfs-pv"},
        "spec": {"accessModes": ["ReadWriteMany"]},
    }


def test_inventory_has_one_connection_for_each_name(tmp_path, monkeypatch):
    monkeypatch.setenv("GPU_LAUNCH_LAB_CACHE", str(tmp_path))
    place = ssh.write_inventory("labhost", "192.0.2.7", 4, tmp_path / "control")
    group = yaml.safe_load((place / "hosts.yml").read_text())["all"]["children"]["gpu_node"]
    assert list(group["hosts"]) == ["labhost", "labhost-02", "labhost-03", "labhost-04"]
    assert group["vars"] == {"ansible_host": "192.0.2.7"}
    paths_of = {host["ansible_control_path"] for host in group["hosts"].values()}
    assert len(paths_of) == 4
    options = group["hosts"]["labhost"]["ansible_ssh_common_args"]
    assert f"UserKnownHostsFile={tmp_path}/benchmarks/known_hosts" in options
    assert "StrictHostKeyChecking" not in options


def test_a_missing_peer_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("GEERLINGGUY_DOCKER", str(tmp_path))
    assert paths.geerlingguy() is None
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/main.yml").write_text("[]\n")
    assert paths.geerlingguy() == tmp_path


@pytest.fixture
def callback(monkeypatch):
    """The plugin with a base class of actions that reach nothing."""
    spec = importlib.util.spec_from_file_location("remote_modules", CALLBACK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    class Actions:
        def _execute_module(self, module_name=None, module_args=None):
            return {"ran": module_name, "with": module_args}

    monkeypatch.setattr(module, "ActionBase", Actions)
    return module


def action(callback, connection="ssh", task="ansible.builtin.template", role=None):
    one = callback.ActionBase()
    named = SimpleNamespace(get_name=lambda include_role_fqcn: f"a.b.{role}" if include_role_fqcn else role)
    one._connection = SimpleNamespace(transport=connection)
    one._task = SimpleNamespace(action=task, _role=named if role else None)
    return one


def test_each_execution_counts_under_its_role(callback, tmp_path):
    lines = tmp_path / "lines"
    callback.spy(lines)
    template = action(callback, role="docker")
    assert template._execute_module("ansible.legacy.stat", module_args={"path": "/"}) == {
        "ran": "ansible.legacy.stat",
        "with": {"path": "/"},
    }
    template._execute_module(module_name="ansible.legacy.stat")
    template._execute_module("ansible.legacy.file")
    action(callback, task="mlinfra.gpu_launch.node_state")._execute_module()
    action(callback, connection="local")._execute_module("ansible.legacy.stat")
    assert callback.sums(lines.read_text()) == {"docker": {"stat": 2, "file": 1}, "playbook": {"node_state": 1}}


def test_raw_tasks_count_too(callback, tmp_path, monkeypatch):
    monkeypatch.setenv("REMOTE_MODULES_FILE", str(tmp_path / "modules.json"))
    plugin = callback.CallbackModule()
    for name, loop in (
        ("ansible.builtin.raw", None),
        ("ansible.builtin.script", ["a"]),
        ("ansible.builtin.ping", None),
    ):
        task = SimpleNamespace(action=name, loop=loop, _role=None)
        plugin.v2_runner_item_on_ok(SimpleNamespace(_task=task)) if loop else None
        plugin.v2_runner_on_ok(SimpleNamespace(_task=task))
    plugin.v2_playbook_on_stats(None)
    assert json.loads((tmp_path / "modules.json").read_text()) == {"playbook": {"raw": 1, "script": 1}}
    assert not (tmp_path / "modules.json.lines").exists()
