# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent exits on, or silently ignores, is refused before it gets there."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.agent_config import read_agent_config
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError

GOOD = {"entity": "team-a", "queues": ["q"]}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="least"),
        pytest.param({"max_jobs": -1, "verbosity": 2, "secure_mode": True, "stopped_run_timeout": 5}, id="scalars"),
        pytest.param(
            {"environment": {"type": "aws", "region": "us-east-1"}, "registry": {"type": "ecr", "uri": "x"}}, id="cloud"
        ),
        pytest.param({"builder": {"type": "kaniko", "platform": "linux/arm64", "build-job-name": "x"}}, id="builder"),
    ],
)
def test_accepted(more):
    assert read_agent_config({**GOOD, **more}) == {**GOOD, **more}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param([], "is a mapping", id="list"),
        pytest.param({**GOOD, "queue": "q"}, "queue: unknown key", id="queue"),
        pytest.param({**GOOD, "project": "p"}, "project: unknown key", id="project"),
        pytest.param({"queues": ["q"]}, "entity: is needed", id="no-entity"),
        pytest.param({**GOOD, "queues": []}, "at least one queue", id="no-queue"),
        pytest.param({**GOOD, "queues": "q"}, "at least one queue", id="queue-text"),
        pytest.param({**GOOD, "queues": ["q", "q"]}, r"queues\[1\]: 'q' is named twice", id="twice"),
        pytest.param({**GOOD, "max_jobs": -2}, "max_jobs: -2 is not", id="below"),
        pytest.param({**GOOD, "max_jobs": True}, "max_jobs: True is not", id="bool"),
        pytest.param({**GOOD, "verbosity": 3}, "verbosity: is 0, 1 or 2", id="verbosity"),
        pytest.param({**GOOD, "secure_mode": "yes"}, "secure_mode", id="secure"),
        pytest.param({**GOOD, "environment": {"type": "azure"}}, "region: is needed", id="region"),
        pytest.param({**GOOD, "environment": {"type": "local", "region": "x"}}, "type: 'local'", id="local"),
        pytest.param({**GOOD, "registry": []}, "registry: must be a mapping", id="registry"),
        pytest.param({**GOOD, "builder": {"uri": "x"}}, r"builder\.uri: unknown key", id="builder-key"),
        pytest.param({**GOOD, "builder": {"platform": "win"}}, r"builder\.platform: is one of", id="platform"),
    ],
)
def test_refused(config, message):
    with pytest.raises(LaunchInputError, match=message):
        read_agent_config(config)
