# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the role installs; processes are files, and signals are noted."""

import importlib.util
import os
import signal
import sys
import time
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "roles/launch_agent/files"
UNIT = "wandb-launch-agent.service"
OTHER = "wandb-launch-agent-health.service"
LOST = "wandb: launch: agent a polling on queues q\nError: Failed to execute API request\n"
AGENT = ("/opt/bin/python", "/opt/bin/wandb", "launch-agent", "-c", "/c")
TICKS = os.sysconf("SC_CLK_TCK")


def load(name, monkeypatch):
    """Load a program as it stands on a machine: beside the file that judges."""
    monkeypatch.syspath_prepend(str(ROOT / "plugins/module_utils/node"))
    spec = importlib.util.spec_from_file_location(f"program_{name}", FILES / f"{name}.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return program


class Machine:
    """Processes as files; what is sent to one is noted, and ends it unless it ignores that."""

    def __init__(self, folder):
        self.proc = folder / "proc"
        self.home = folder / "home"
        self.sent = []
        self.ignores = ()
        (self.proc / "self").mkdir(parents=True)

    def process(self, number, *words, parent=1, unit=UNIT, age=100.0, state="S"):
        begun = int((time.clock_gettime(time.CLOCK_BOOTTIME) - age) * TICKS)
        place = self.proc / str(number)
        place.mkdir()
        (place / "cgroup").write_text(f"0::/system.slice/{unit}\n")
        (place / "cmdline").write_bytes(b"\0".join(word.encode() for word in words) + b"\0")
        (place / "stat").write_text(f"{number} (wandb) x) {state} {parent} " + "0 " * 17 + f"{begun} 0")

    def says(self, text, age=10.0):
        place = self.home / "wandb/latest-run/files/output.log"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        os.utime(place, (time.time() - age,) * 2)

    def kill(self, number, what):
        self.sent.append((number, what))
        if not (self.proc / str(number)).exists():
            raise ProcessLookupError
        if what not in self.ignores:
            (self.proc / str(number) / "stat").write_text("")


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def health(machine, monkeypatch):
    program = load("agent_health", monkeypatch)
    monkeypatch.setattr(program.os, "kill", machine.kill)
    monkeypatch.setattr(program, "PATIENCE", 0.3)
    return lambda: program.main(UNIT, str(machine.home), machine.proc)


def test_a_dead_agent_is_ended_alone(machine, health, capsys):
    machine.process(70, *AGENT, unit=OTHER)
    machine.process(77, *AGENT)
    machine.process(78, "/opt/wandb-core", "--pid", "77", parent=77)
    machine.process(79, "/opt/bin/python", "launch-agent", parent=77)
    machine.says(LOST)
    health()
    assert machine.sent == [(77, signal.SIGTERM)]
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("does not poll; its last words are: Error: Failed to execute API request")
    assert said[1].startswith("process 77: it ended; systemd starts the agent anew")


def test_one_that_ignores_that_is_killed(machine, health, capsys):
    machine.ignores = (signal.SIGTERM,)
    machine.process(77, *AGENT)
    machine.says(LOST)
    health()
    assert machine.sent == [(77, signal.SIGTERM), (77, signal.SIGKILL)]
    assert "was killed" in capsys.readouterr().out


def test_one_that_has_ended_meanwhile(machine, health, monkeypatch, capsys):
    machine.process(77, *AGENT)
    machine.says(LOST)
    monkeypatch.setattr(os, "kill", lambda *what: (dummy for dummy in ()).throw(ProcessLookupError))
    health()
    assert "it ended by itself meanwhile" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("process", "words", "age"),
    [
        pytest.param(True, "agent a polling on queues q\n", 10.0, id="polls"),
        pytest.param(True, LOST, 500.0, id="words-of-the-start-before"),
        pytest.param(True, None, 0.0, id="no-words-yet"),
        pytest.param(False, LOST, 10.0, id="not-running"),
    ],
)
def test_nothing_is_ended(machine, health, capsys, process, words, age):
    if process:
        machine.process(77, *AGENT)
    machine.process(90, "/opt/wandb-core")  # left of an agent that was killed
    if words is not None:
        machine.says(words, age)
    health()
    assert (machine.sent, capsys.readouterr().out) == ([], "")


def test_processes_of_others_and_those_that_vanish_are_none_of_its(machine, health, monkeypatch):
    machine.process(77, *AGENT)
    machine.says(LOST)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    health()
    monkeypatch.undo()
    assert machine.sent == []


def test_a_zombie_has_no_start(machine, monkeypatch):
    program = load("agent_health", monkeypatch)
    machine.process(77, *AGENT, state="Z")
    assert program.started(machine.proc, 77) == 0.0
    machine.process(78, *AGENT)
    assert program.started(machine.proc, 78) == pytest.approx(time.time() - 100, abs=5)
    assert not program._mine(machine.proc / "99")


def test_the_look_needs_nothing_but_the_standard_library(monkeypatch):
    program = load("agent_health", monkeypatch)
    modules = {value.__name__ for value in vars(program).values() if isinstance(value, types.ModuleType)}
    assert modules <= sys.stdlib_module_names


class Invalid(Exception):
    """As the package that checks raises it."""

    def errors(self):
        return [{"loc": ("builder", "type"), "msg": "Input should be 'docker'"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{entity: a}", "", id="good"),
        pytest.param("[1]", "the configuration is no mapping", id="list"),
        pytest.param("{builder: {type: x}}", "builder.type: Input should be 'docker'", id="bad"),
    ],
)
def test_the_agents_own_rules_name_the_key(monkeypatch, capsys, text, says):
    def agent_config(**config):
        if "builder" in config:
            raise Invalid

    for name in ("wandb", "wandb.sdk", "wandb.sdk.launch", "wandb.sdk.launch.agent"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    rules = types.SimpleNamespace(AgentConfig=agent_config)
    monkeypatch.setitem(sys.modules, "wandb.sdk.launch.agent.config", rules)
    monkeypatch.setitem(sys.modules, "pydantic", types.SimpleNamespace(ValidationError=Invalid))
    program = load("agent_config", monkeypatch)
    monkeypatch.setattr(program.sys, "stdin", types.SimpleNamespace(read=lambda: text))
    assert program.main() == (1 if says else 0)
    assert capsys.readouterr().err == (f"the agent refuses launch_agent_config: {says}\n" if says else "")
