# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what the Launch agent has on the machine: account, environment, files, key, cluster, unit, polling."""

from __future__ import annotations

from .agent_leftovers import compare_leftovers
from .agent_timers import compare_timers
from .files import compare_files
from .judge import Judge
from .model import REFUSE, TELL
from .observed.agent import AgentFacts, VenvSeen
from .observed.shared import FileSeen, Unit
from .versions import below
from .wanted.agent import AgentWanted

PYTHON = "3.11"
SHELL = "/usr/sbin/nologin"
SILENT = 960.0  # seconds; a polling agent says so every 300


def compare_host_side(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    """Judge everything that the role makes on the machine, and what would be in its way."""
    _account(judge, agent, wanted)
    _environment(judge, agent, wanted)
    _key_file(judge, agent, wanted)
    _files(judge, agent, wanted)
    _settings(judge, agent, wanted)
    _cluster(judge, agent, wanted)
    compare_timers(judge, agent, wanted)
    unit = judge.need("agent.unit", agent.unit)
    if unit is not None:
        _unit(judge, unit, wanted)
        if unit.active == "active":
            _running(judge, agent, wanted)


def _account(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    account = judge.need("agent.account", agent.account)
    subject = f"account {wanted.user}"
    if account is not None and not account.exists:
        judge.find("AGT026", subject, "no such account", f"a locked account with home {wanted.home}")
    elif account is not None and account.comment != wanted.comment:
        fix = "name a new user in launch_agent_user: the role would change this one's home, shell and password"
        judge.find("AGT025", subject, "an account that the role did not make", "no account of that name", fix)
    elif account is not None:
        has = (account.home, account.shell, account.locked)
        if has != (wanted.home, SHELL, True):
            lock = "locked" if account.locked else "with a password"
            found = f"home {account.home}, shell {account.shell}, {lock}"
            judge.find("AGT026", subject, found, f"home {wanted.home}, shell {SHELL}, locked")
    home = agent.files.get(wanted.home)
    if judge.need("agent.home_filled", agent.home_filled) and home is not None and home.owner != wanted.user:
        fix = "name a folder in launch_agent_home that is empty or absent"
        found = f"a folder of {home.owner or 'nobody that is known'}, and it is not empty"
        judge.find("AGT025", wanted.home, found, "a folder of the agent alone", fix)
    else:
        _compare(judge, "AGT026", agent, wanted, wanted.home)


def _compare(judge: Judge, check: str, agent: AgentFacts, wanted: AgentWanted, *paths: str) -> None:
    files = wanted.files()
    compare_files(judge, check, "agent.files", agent.files, {path: files[path] for path in paths})


def _environment(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    judge.need_read("agent.python")
    if agent.python is not None and below(agent.python, PYTHON):
        fix = "name another interpreter in launch_agent_python"
        judge.find(
            "AGT024", "launch_agent_python", f"{wanted.python} is Python {agent.python}", f"{PYTHON} or newer", fix
        )
    venv = judge.need("agent.venv", agent.venv)
    if venv is not None and _venv(judge, venv, agent, wanted):
        packages = judge.need("agent.packages", agent.packages)
        for name in () if packages is None else (name for name in wanted.packages if name not in packages):
            judge.find("AGT014", f"package {name}", "not installed, and the environment is to be made", "installed")


def _venv(judge: Judge, venv: VenvSeen, agent: AgentFacts, wanted: AgentWanted) -> bool:
    """Return whether the environment is to be made."""
    complete = f"the environment of wandb {wanted.version}"
    if venv.kind == "strange" and not venv.recorded:
        fix = "name a folder in launch_agent_venv that is empty or absent"
        judge.find("AGT025", wanted.venv, "it holds what the role did not put there", "a folder of its own", fix)
        return False
    if venv.kind != "own":
        found = "nothing" if venv.kind in ("absent", "empty") else "the remains of an interrupted run"
    elif not venv.python or venv.missing:
        found = f"packages are missing: {', '.join(venv.missing)}" if venv.python else "its interpreter is gone"
    else:
        _compare(judge, "AGT014", agent, wanted, wanted.marker)
        return False
    judge.find("AGT014", wanted.venv, found, complete)
    return True


def _key_file(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    """The file is root's where systemd hands the key over, else the agent's own; the unit that is there tells which."""
    seen = judge.need(f"agent.files.{wanted.netrc}", agent.files.get(wanted.netrc))
    if seen is None:
        return
    path = wanted.netrc
    if seen.kind == "file" and int(seen.mode or "0", 8) & 0o077:
        fix = "run the role, which closes the file; make a new key where others may have read this one"
        judge.converge("AGT011", path, f"mode {seen.mode}: others may read the key", "mode 0600", fix, path=path)
    else:
        _compare(judge, "AGT015", agent, wanted, path)
    owner = _reader(agent, wanted)
    if seen.kind == "file" and owner and seen.owner != owner:
        judge.find("AGT015", path, f"owner {seen.owner}", f"owner {owner}, who reads it", path=path)
    if seen.kind == "file" and judge.need("agent.key", agent.key) == "other":
        judge.find("AGT015", path, "another key, or one of another server", "the key of the inputs", path=path)


def _reader(agent: AgentFacts, wanted: AgentWanted) -> str:
    unit = agent.files.get(wanted.unit_path, FileSeen()).sha256
    readers = {wanted.units.get("by_credential"): "root", wanted.units.get("by_file"): wanted.user}
    return readers.get(unit, "") if unit else ""


def _files(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    elsewhere = (wanted.home, wanted.marker, wanted.netrc, wanted.kubeconfig)
    _compare(judge, "AGT015", agent, wanted, *(path for path in wanted.files() if path not in elsewhere))
    kubeconfig = judge.need(f"agent.files.{wanted.kubeconfig}", agent.files.get(wanted.kubeconfig))
    if kubeconfig is not None and kubeconfig.kind != "absent":  # of one that is not there AGT003 tells
        _compare(judge, "AGT015", agent, wanted, wanted.kubeconfig)


def _settings(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    judge.need_read("agent.unknown_keys")
    if agent.unknown_keys:
        found = f"unknown keys: {', '.join(agent.unknown_keys)}"
        judge.find("AGT001", wanted.config_path, found, "keys that the agent knows", path=wanted.config_path)


def _cluster(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    context = judge.need("agent.context", agent.context)
    if context is None:
        return
    act = TELL if "cluster" in judge.provided else REFUSE
    if context.source == "absent":
        fix = "make the cluster first (role minikube_gpu), or name another file in launch_agent_kubeconfig"
        judge.find("AGT003", wanted.source, "no such file", "the kubeconfig of the cluster", fix, act=act)
    elif context.source == "idle":
        fix = "start the cluster first (role minikube_gpu or its unit), or name another file in launch_agent_kubeconfig"
        cause = "minikube takes the context out when it stops the cluster, and puts it back when it starts"
        judge.find("AGT003", wanted.source, "no current context", "the context of a cluster that runs", fix, cause, act)
    elif context.source == "unusable":
        fix = "write it with kubectl config view --raw --flatten --minify, or name another in launch_agent_kubeconfig"
        judge.find("AGT003", wanted.source, context.reason, "a kubeconfig that others can use", fix, act=REFUSE)
    elif not context.same:
        has = agent.files.get(wanted.kubeconfig, FileSeen()).kind != "absent"
        found = f"another cluster, credentials or namespace than in {wanted.source}" if has else "no such file"
        judge.find("AGT003", wanted.kubeconfig, found, "the current context of the cluster", path=wanted.kubeconfig)
    if "cluster" not in judge.provided:  # its API may still be down then
        judge.need_read("agent.refused_rights")
    for right in agent.refused_rights or ():
        judge.find("AGT006", f"cluster of {wanted.kubeconfig}", f"the agent may not {right}", "it may")
    if agent.leftovers is not None:
        compare_leftovers(judge, agent.leftovers, wanted)


def _unit(judge: Judge, unit: Unit, wanted: AgentWanted) -> None:
    if "WANDB_API_KEY" in unit.environment:
        fix = f"take it out (systemctl cat {wanted.unit} shows where it is), then make a new key"
        found = "its environment holds WANDB_API_KEY, which everybody on the machine and each queue can read"
        judge.find("AGT011", wanted.unit, found, "no key in the environment", fix, act=TELL)
    if unit.load == "not-found":
        judge.find("AGT015", wanted.unit, "no such unit", "enabled and active")
        return
    if unit.enabled != "enabled" or unit.active != "active":
        state = f"{unit.sub or 'unknown'}, result {unit.result or 'unknown'}"
        found = f"{unit.enabled or 'not enabled'}, {unit.active} ({state})"
        judge.find("AGT015", wanted.unit, found, "enabled and active", unit=wanted.unit)
    if unit.need_reload:
        judge.find("AGT015", wanted.unit, "its file is newer than what systemd has read", "the same", unit=wanted.unit)


def _running(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    newer = judge.need("agent.newer", agent.newer)
    if newer:
        found = f"it was started before {', '.join(newer)} was written"
        judge.find("AGT027", wanted.unit, found, "an agent that has read them", unit=wanted.unit)
    polling = judge.need("agent.polling", agent.polling)
    if polling is None:
        return
    cause = ""
    if polling.halted:
        found, cause = "active, and its process is stopped", "somebody has stopped it with a signal, or a debugger has"
    elif polling.error:
        found = f"active, and its last words are: {polling.error}"
    elif polling.age is None:
        found = f"active for {polling.running:.0f} s, and it has not said that it polls"
    elif polling.age > SILENT:
        found = f"active, and it last said {polling.age:.0f} s ago that it polls"
    else:
        return
    judge.find("AGT010", wanted.unit, found, f"an agent that polls {wanted.base_url}", cause=cause, unit=wanted.unit)
