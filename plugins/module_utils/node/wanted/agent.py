# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the Launch agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .shared import Wanted


@dataclass(frozen=True)
class QueueWanted:
    """A queue as the inputs have it; its config is judged elsewhere."""

    name: str
    max_jobs: int = 0
    config: Any = None
    template_variables: Any = None


@dataclass(frozen=True)
class AgentWanted(Wanted):
    """The agent's inputs; of the key only its length is ever handed over."""

    entity: str = ""
    api_key_length: int = 0
    base_url: str = ""
    queues: tuple[QueueWanted, ...] = ()
    max_jobs: int = 0
    user: str = "wandb-launch"
    unit: str = "wandb-launch-agent.service"
    config_path: str = ""

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return (self.unit,)
