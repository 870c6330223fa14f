# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a configuration by the agent's own rules, which its package holds, before the agent is to live by it.

Usage: PYTHON_OF_THE_ENVIRONMENT agent_config.py < FILE

Prints what is wrong, a line for each key, and ends with 1; says nothing of what is right.
"""

from __future__ import annotations

import sys


def problems(text: str) -> list[str]:
    """Return what the agent would exit on, each with its key."""
    import yaml
    from pydantic import ValidationError
    from wandb.sdk.launch.agent.config import AgentConfig

    config = yaml.safe_load(text)
    if not isinstance(config, dict):
        return ["the configuration is no mapping"]
    try:
        AgentConfig(**config)
    except ValidationError as error:
        return [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
    return []


def main() -> int:
    """Check standard input."""
    found = problems(sys.stdin.read())
    for line in found:
        print(f"the agent refuses launch_agent_config: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
