# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the cases of a measurement on the lab host, round by round."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.lab import config, inventory

from . import cases, command, paths, ssh, state
from .cases import Case
from .figures import Results, Series

HOST = inventory.DEMO_HOST
UV = "uv-*/bin/uv"


@dataclass
class Bench:
    """What the runs of one measurement share, and what they gave so far."""

    folder: Path
    address: str
    pyinfra: Path | None
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    modules: dict[str, dict[str, dict[str, int]] | None] = field(default_factory=dict)
    tasks: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)

    def results(self, conditions: Mapping[str, str]) -> Results:
        """Everything measured so far."""
        series = {
            key: Series(self.seconds[key], self.cpu[key], self.modules[key], self.tasks.get(key, {}))
            for key in self.seconds
        }
        return Results(series, conditions, max((len(one) for one in self.seconds.values()), default=0))


def install_pyinfra() -> Path:
    """The peer in the version of uv.lock, in an environment of its own: it needs older libraries than our tools."""
    program = paths.cache() / "pyinfra/bin/pyinfra"
    uv = max(config.cache_dir().glob(UV))  # make setup installs it
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(program.parent.parent)}
    line = [str(uv), "sync", "--quiet", "--frozen", "--only-group", "bench"]
    subprocess.run(line, cwd=paths.REPOSITORY, env=environment, check=True)
    return program


@contextmanager
def bench(chosen: Sequence[Case]) -> Iterator[Bench]:
    """SSH, peers and the state for them; the folder holds a key of the lab and is removed at the end.

    It lies where the lab has its sockets: the path of a shared SSH connection must stay under 108 bytes.
    """
    with TemporaryDirectory(prefix="bench-", dir=config.RUN_DIR) as place:
        folder = Path(place)
        address = ssh.prepare(HOST, folder)
        variables = folder / "variables.json"
        variables.write_text(json.dumps(state.read(HOST, folder / "files")), encoding="utf-8")
        host = {
            "ssh_hostname": address, "ssh_user": "root", "ssh_key": str(ssh.key()),
            "ssh_known_hosts_file": str(ssh.known_hosts()), "ssh_strict_host_key_checking": "yes",
        }  # fmt: skip
        (folder / "hosts.py").write_text(f"hosts = [({HOST!r}, {host!r})]\n", encoding="utf-8")
        wanted = any(case.program == "pyinfra" for case in chosen)
        try:
            yield Bench(folder, address, install_pyinfra() if wanted else None)
        finally:
            ssh.close(HOST, address, folder)


def environment(one: Bench) -> dict[str, str]:
    """Compiled modules are kept beside the lab's cache: without them every start would compile all of Ansible."""
    known = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    role = paths.geerlingguy()
    return {
        **known,
        "ANSIBLE_CALLBACK_PLUGINS": str(paths.HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "remote_modules,task_seconds",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_ROLES_PATH": str(role.parent if role else one.folder),
        "BENCHMARK_VARIABLES": str(one.folder / "variables.json"),
        "PYTHONPYCACHEPREFIX": str(paths.cache() / "pycache"),
        "REMOTE_MODULES_FILE": str(one.folder / "modules.json"),
        "TASK_SECONDS_FILE": str(one.folder / "tasks.json"),
    }


def line_of(one: Bench, case: Case, rehearse: bool) -> list[str]:
    """The command line of a case."""
    added = [part for part in case.rehearsal if rehearse]
    arguments = [part.replace(cases.VARIABLES, str(one.folder / "variables.json")) for part in case.arguments]
    if case.program == "pyinfra":
        return [str(one.pyinfra), "--json", "-y", *added, str(one.folder / "hosts.py"), *arguments]
    return [case.program, "-i", str(ssh.inventory_dir(case.names)), *arguments, *added]


def once(one: Bench, case: Case, rehearse: bool = False) -> command.Outcome:
    """Run a case.

    Raises:
        SystemExit: it changed something or ended otherwise than expected, so its time would mean nothing.
    """
    if case.program == "ansible-playbook":
        ssh.connect(HOST, one.address, case.names, one.folder, case.fresh)
    done = command.run(line_of(one, case, rehearse), environment(one))
    problem = spoiled(case, done)
    if problem:
        raise SystemExit(f"{done.output}{done.messages}\nbenchmarks: {case.title} is no measure: {problem}")
    return done


def spoiled(case: Case, done: command.Outcome) -> str:
    """Why the time of a run means nothing; empty when it is as expected."""
    if case.refusal:
        if done.status == 0 or case.refusal not in f"{done.output}{done.messages}":
            return f"status {done.status}, and no word of {case.refusal!r}"
    elif done.status != 0:
        return f"status {done.status}"
    changes = command.pyinfra_changes if case.program == "pyinfra" else command.ansible_changes
    changed = changes(done.output)
    return f"changed: {', '.join(changed)}" if changed else ""


def count(one: Bench, case: Case) -> dict[str, dict[str, int]] | None:
    """The modules that the last run sent to the host."""
    if case.program == "pyinfra":
        return None
    found: dict[str, dict[str, int]] = json.loads((one.folder / "modules.json").read_text(encoding="utf-8"))
    return found


def keep_tasks(one: Bench, case: Case) -> None:
    """Add the times of the last run's tasks to those of earlier rounds."""
    if case.program == "pyinfra":
        return
    kept = one.tasks.setdefault(case.key, {})
    for name, seconds in json.loads((one.folder / "tasks.json").read_text(encoding="utf-8")).items():
        kept.setdefault(name, []).append(seconds)


def rounds(one: Bench, chosen: Sequence[Case], number: int, say: Callable[[str], None] = print) -> None:
    """Warm up, then measure."""
    for case in chosen:
        if case.names == 1 and not case.fresh:
            once(one, case, rehearse=True)
            say(f"benchmarks: warm-up: {case.title}")
    for turn in range(number):
        for case in cases.order(chosen, turn):
            one.loads.append(os.getloadavg()[0])
            done = once(one, case)
            one.seconds.setdefault(case.key, []).append(done.seconds)
            one.cpu.setdefault(case.key, []).append(done.cpu)
            one.modules[case.key] = count(one, case)
            keep_tasks(one, case)
            say(f"benchmarks: round {turn + 1}/{number}: {case.title}: {done.seconds:.2f} s, CPU {done.cpu:.2f} s")
