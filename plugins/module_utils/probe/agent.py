# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the Launch agent's user, unit and files; the credential's text is never read."""

from __future__ import annotations

import os

from ..node.observed.agent import AgentFacts
from .accounts import account
from .look import Look


def observe_agent(look: Look) -> AgentFacts:
    """Return the facts of the agent; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["agent"]
    user = wanted.user
    found = seen.fact("agent.user_exists", lambda: (account(root, user),))
    known = found[0] if found else None
    home = known.home if known else None
    path = wanted.config_path or (os.path.join(home, "launch-config.yaml") if home else "")
    return AgentFacts(
        user=user,
        user_exists=None if found is None else known is not None,
        home=home,
        config=bool(path) and root.exists(path),
        kubeconfig=home is not None and root.exists(os.path.join(home, ".kube", "config")),
        unit=look.units.get(wanted.unit),
    )
