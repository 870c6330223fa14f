#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module docker_engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_engine
short_description: Have the Docker engine run with what is on the disk, without surprise restarts
version_added: 0.1.0
description:
  - Starts an engine that doesn't run, also one that systemd has given up on (C(reset-failed) first).
  - Reloads or restarts a running engine when M(mlinfra.gpu_launch.docker_daemon_config) has changed its configuration
    since it started, when a program that it looks for at its start has appeared since, or when it lacks a runtime of
    its file, whoever wrote it. What is due survives an interrupted play.
  - A restart stops every container, a minikube node among them, which doesn't come back by itself. So a restart is
    guarded by O(restart). One that is due but not allowed is told as a warning.
  - Before a start or restart, systemd reads drop-ins of the unit that changed since it read them last.
  - When the engine doesn't come up with a new configuration, the earlier file is put back, the engine is started with
    it, and the module fails with the engine's own words.
options:
  state:
    description:
      - V(current) starts, reloads or restarts as needed.
      - V(noted) changes nothing about the engine. It remembers which O(programs) are missing now, so that V(current)
        can tell later that the engine started without them, and that O(reasons) call for a restart of a running engine.
    type: str
    choices: [current, noted]
    default: current
  restart:
    description:
      - V(when_idle) restarts only while no container runs, V(always) in any case, V(never) not at all.
    type: str
    choices: [when_idle, always, never]
    default: when_idle
  programs:
    description: Programs that the engine looks for when it starts, as absolute paths.
    type: list
    elements: path
    default: []
  reasons:
    description: Changes made by others that the engine reads at its start only; remembered by O(state=noted).
    type: list
    elements: str
    default: []
  unit:
    description: The engine's systemd unit.
    type: str
    default: docker.service
  socket:
    description: The engine's socket.
    type: path
    default: /run/docker.sock
  timeout:
    description: Seconds until the engine must answer after a start, reload or restart.
    type: int
    default: 60
  run_dir:
    description: Folder of the note of pending changes.
    type: path
    default: /run/mlinfra.gpu_launch
  config:
    description: The engine's configuration; runtimes in it that the engine lacks call for a reload.
    type: path
    default: /etc/docker/daemon.json
attributes:
  check_mode:
    description: Predicts without changing anything.
    support: full
  diff_mode:
    description: There is no file to show.
    support: none
  platform:
    description: Linux with systemd.
    support: full
    platforms: linux
seealso:
  - module: mlinfra.gpu_launch.docker_daemon_config
author:
  - Contributors to mlinfra.gpu_launch (@mlinfra)
"""

EXAMPLES = r"""
- name: Take over a changed daemon.json
  mlinfra.gpu_launch.docker_engine:

- name: Remember whether the GPU hook is missing, before it is installed
  mlinfra.gpu_launch.docker_engine:
    state: noted
    programs: [/usr/bin/nvidia-container-runtime-hook]

- name: Restart once it is there, even though containers run
  mlinfra.gpu_launch.docker_engine:
    programs: [/usr/bin/nvidia-container-runtime-hook]
    restart: always
"""

RETURN = r"""
due:
  description: What the engine needs.
  returned: success
  type: str
  sample: restart
reasons:
  description: Why.
  returned: success
  type: list
  elements: str
  sample: [log-driver in daemon.json is read at start only]
pending:
  description: Whether a restart is due that the policy doesn't allow now.
  returned: success
  type: bool
  sample: false
msg:
  description: What is due and why it was not done.
  returned: when O(restart) forbids a restart that is due
  type: str
  sample: >-
    A restart of docker is due (log-driver in daemon.json is read at start only) and was not done because containers run
    (minikube (minikube node\)).
containers:
  description: Containers that run; looked up only when a restart is due.
  returned: success
  type: list
  elements: str
  sample: [minikube (minikube node)]
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker import due as rules
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine import pending as note
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine.service import Unit, appeared_at
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import unix_http


def digest(path: str) -> str:
    """Return the hash of a file, nothing when it can't be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


class EngineFailure(Exception):
    """The engine can't be brought to where it should be."""


class Host:
    """The engine of this machine."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        """Read what is pending, and whether the engine runs."""
        self.unit = Unit(params["unit"])
        self.socket = str(params["socket"])
        self.timeout = int(params["timeout"])
        self.run_dir = str(params["run_dir"])
        self.config = str(params["config"])
        self.pending = note.load(self.run_dir)
        names = rules.joined(self.pending.programs, params["programs"])
        self.installed: dict[str, float | None] = {name: appeared_at(name) for name in names}

    def engine(self) -> rules.Engine:
        """Return the state of the engine, without its containers."""
        active, since = self.unit.running_since()
        return rules.Engine(active, since)

    def containers(self) -> list[str]:
        """Return the running containers; an engine that doesn't answer must not be restarted blindly."""
        try:
            return list(rules.container_names(self.ask("/containers/json")))
        except unix_http.SocketError as error:
            raise EngineFailure(
                f"a restart is due, but the running containers can't be listed: {error}; "
                "look at 'journalctl -u docker', or allow it with restart: always"
            ) from error

    def ask(self, where: str) -> Any:
        """Return the engine's answer to one GET."""
        status, answer = unix_http.get_json(self.socket, where)
        if status != 200:
            raise unix_http.SocketError(unix_http.BROKEN, f"{self.socket}: GET {where} answered {status}")
        return answer

    def answers(self) -> bool:
        """Wait until the engine answers."""
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            try:
                if unix_http.get(self.socket, "/_ping")[0] == 200:
                    return True
            except unix_http.SocketError:
                pass
            time.sleep(0.3)
        return False

    def note(self, programs: list[str], reasons: list[str]) -> None:
        """Remember programs that are missing now, and reasons for a restart."""
        missing = [name for name in programs if self.installed.get(name) is None]
        noted = self.pending.with_programs(missing)
        if reasons:
            noted = noted.with_reasons(reasons, time.time())
        note.save(self.run_dir, noted)

    def done(self) -> None:
        """Forget what the engine has taken over."""
        missing = rules.still_missing(self.pending, self.installed)
        note.save(self.run_dir, rules.Pending(programs=missing))

    def move(self, verb: str) -> None:
        """Start or restart the engine; put the earlier configuration back when that fails."""
        fine, words = self.unit.change(verb)
        if fine and self.answers():
            self.done()
            return
        said = rules.complaints(self.unit.last_words()) or words
        back = self.roll_back()
        raise EngineFailure(f"docker failed to {verb}{back}. Its own words: {said}")

    def roll_back(self) -> str:
        """Put the earlier daemon.json back and start the engine with it; return what was done as text."""
        way = self.pending
        if not way.path or digest(way.path) != way.digest:
            return ""  # not our change: somebody has edited the file since
        if way.backup and os.path.exists(way.backup):
            os.replace(way.backup, way.path)
        elif way.absent_before and os.path.exists(way.path):
            os.unlink(way.path)
        else:
            return ""
        fine, _words = self.unit.change("start")
        self.done()
        state = "runs with it" if fine and self.answers() else "does not start with it either"
        return f" with the new configuration; the earlier {way.path} is back and the engine {state}"

    def keep_restart(self) -> None:
        """Forget what a reload has brought, and keep what needs a restart."""
        note.save(self.run_dir, self.pending.reloaded())

    def reload(self, remember: Callable[[], None]) -> None:
        """Have the engine read its configuration again, and see that it took over the runtimes."""
        self.unit.change("reload")
        end = time.monotonic() + min(self.timeout, 20)
        while True:
            missing = self.not_taken_over()
            if not missing:
                return remember()
            if time.monotonic() > end:
                said = rules.complaints(self.unit.last_words(5))
                raise EngineFailure(f"docker was reloaded but lacks: {', '.join(missing)}. Its own words: {said}")
            time.sleep(0.3)

    def not_taken_over(self) -> list[str]:
        """Compare the engine's answer with the file."""
        try:
            with open(self.pending.path or self.config, encoding="utf-8") as file:
                config = json.loads(file.read() or "{}")
            return list(rules.not_taken_over(self.ask("/info"), config))
        except (unix_http.SocketError, OSError, ValueError) as error:
            return [str(error)]

    def lacking(self) -> list[str]:
        """Return what a running engine lacks of its file; nothing where one of the two can't be read."""
        try:
            with open(self.config, encoding="utf-8") as file:
                config = json.loads(file.read() or "{}")
            return list(rules.not_taken_over(self.ask("/info"), config)) if isinstance(config, dict) else []
        except (unix_http.SocketError, OSError, ValueError):
            return []


def run(module: AnsibleModule) -> dict[str, Any]:
    """Decide what is due, and do it unless the policy or check mode forbids."""
    host = Host(module.params)
    if module.params["state"] == "noted":
        if not module.check_mode:
            host.note(module.params["programs"], module.params["reasons"])
        return {"changed": False, "due": rules.NONE, "reasons": [], "pending": False, "containers": []}
    due = rules.decide(host.engine(), host.pending, host.installed, host.lacking())
    policy = module.params["restart"]
    containers = host.containers() if due.kind == rules.RESTART and policy != "always" else []
    allowed = rules.allowed(policy, due, containers)
    kind = rules.instead(due, allowed, len(host.pending.reload_keys) > 0)
    result = {
        "changed": kind != rules.NONE,
        "due": due.kind,
        "reasons": list(due.reasons),
        "pending": not allowed,
        "containers": containers,
    }
    if not allowed:
        running = f"containers run ({', '.join(containers)})" if containers else f"restart is '{policy}'"
        text = f"A restart of docker is due ({'; '.join(due.reasons)}) and was not done because {running}."
        result["msg"] = text
        module.warn(text)
    if not module.check_mode:
        apply(host, kind, allowed)
    return result


def apply(host: Host, kind: str, allowed: bool) -> None:
    """Do what is due; with nothing due, a note from before the engine's last start is stale."""
    if kind == rules.RELOAD:
        host.reload(host.done if allowed else host.keep_restart)
    elif kind != rules.NONE:
        host.move(kind)
    elif allowed:
        host.done()


def main() -> None:
    """Translate between Ansible and the engine."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["current", "noted"], "default": "current"},
            "restart": {"type": "str", "choices": ["when_idle", "always", "never"], "default": "when_idle"},
            "programs": {"type": "list", "elements": "path", "default": []},
            "reasons": {"type": "list", "elements": "str", "default": []},
            "unit": {"type": "str", "default": "docker.service"},
            "socket": {"type": "path", "default": "/run/docker.sock"},
            "timeout": {"type": "int", "default": 60},
            "run_dir": {"type": "path", "default": "/run/mlinfra.gpu_launch"},
            "config": {"type": "path", "default": "/etc/docker/daemon.json"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except EngineFailure as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"the engine's files: {error}")


if __name__ == "__main__":
    main()
