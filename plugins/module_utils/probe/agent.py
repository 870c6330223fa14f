# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the Launch agent has on the machine; of the key only whether it is the wanted one leaves this file."""

from __future__ import annotations

import hmac
import json
import re
from urllib.parse import urlsplit

from ..launch.agent_config import KEYS
from ..node.observed.agent import AccountSeen, AgentFacts
from . import agent_log, agent_venv, dpkg
from .accounts import account, locked
from .agent_cluster import context_of, rights_and_leftovers
from .agent_server import server
from .files import look_at
from .look import Look
from .root import Root, Unreadable

_KEY = re.compile(r"^([A-Za-z_][A-Za-z0-9_-]*)[ \t]*:", re.MULTILINE)


def observe_agent(look: Look) -> AgentFacts:
    """Return the facts of the agent; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["agent"]
    unit = look.units.get(wanted.unit)
    runs = unit is not None and unit.active == "active"
    context = seen.fact("agent.context", lambda: context_of(look, wanted))
    reaches = context is not None and context.same
    rights = seen.fact("agent.refused_rights", lambda: rights_and_leftovers(look, wanted)) if reaches else None
    return AgentFacts(
        account=seen.fact("agent.account", lambda: account_of(root, wanted.user)),
        home_filled=seen.fact("agent.home_filled", lambda: bool(root.names(wanted.home))),
        files=look_at(root, seen, "agent.files", wanted.files()),
        key=seen.fact("agent.key", lambda: key_of(root, wanted.netrc, wanted.base_url, look.api_key)),
        packages=seen.fact("agent.packages", lambda: dpkg.installed(root, wanted.packages)),
        python=seen.fact("agent.python", lambda: agent_venv.version(root, wanted.python)),
        venv=seen.fact("agent.venv", lambda: agent_venv.venv(root, wanted.venv)),
        unknown_keys=seen.fact("agent.unknown_keys", lambda: unknown_keys(root, wanted.config_path)),
        context=context,
        unit=unit,
        timers={name: look.units[name] for name in wanted.timers if name in look.units},
        newer=seen.fact("agent.newer", lambda: agent_log.newer(root, unit, wanted)) if unit and runs else None,
        polling=seen.fact("agent.polling", lambda: agent_log.polling(root, unit, wanted.home))
        if unit and runs
        else None,
        server=seen.fact("agent.server", lambda: server(wanted, look.api_key, look.deadline)),
        refused_rights=None if rights is None else rights[0],
        leftovers=None if rights is None else rights[1],
    )


def account_of(root: Root, name: str) -> AccountSeen:
    """Return what the machine's own files say of an account."""
    found = account(root, name)
    if found is None:
        return AccountSeen()
    return AccountSeen(True, found.comment, found.home, found.shell, locked(root, name))


def key_of(root: Root, path: str, base_url: str, wanted: str) -> str:
    """Return whether a netrc file has the wanted key for a server: absent, same or other.

    Raises:
        Unreadable: no key was handed to this observation.
    """
    text = root.read(path)
    if text is None:
        return "absent"
    if not wanted:
        raise Unreadable("no API key was handed to the observation, so that of the machine can't be compared")
    words = [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    expected = ["machine", urlsplit(base_url).netloc, "login", "user", "password", wanted]
    same = hmac.compare_digest("\n".join(words).encode(), "\n".join(expected).encode())
    return "same" if same else "other"


def unknown_keys(root: Root, path: str) -> tuple[str, ...]:
    """Return the top-level keys of a configuration file that the agent exits on."""
    text = root.read(path) or ""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    try:
        data = json.loads(lines)
        names = list(data) if isinstance(data, dict) else []
    except ValueError:  # YAML; its top-level keys begin a line
        names = _KEY.findall(lines)
    return tuple(sorted(set(names) - set(KEYS)))
