# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an agent is dead, by what the real one has printed."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.agent_says import last_words

POLLS = "wandb: launch: agent agent-1 polling on queues q, running 0 out of a maximum of 1 jobs\n"
TAKEN = "wandb: launch: agent agent-1 running 4 out of a maximum of 4 jobs\n"
DETAILS = "wandb: ERROR Find detailed error logs at: /tmp/debug-cli.root.log\n"
LOST = "Error: Failed to execute API request: the service process is busy and did not respond in time."


@pytest.mark.parametrize(
    ("output", "words"),
    [
        pytest.param("", "", id="nothing-yet"),
        pytest.param(POLLS, "", id="polls"),
        pytest.param(POLLS + DETAILS + LOST + "\n", LOST, id="server-lost"),
        pytest.param(POLLS + LOST + "\n\nwandb: waiting for uploads\n", LOST, id="more-words-while-it-hangs"),
        pytest.param(LOST + "\n" + POLLS, "", id="polls-again"),
        pytest.param(LOST + "\n" + TAKEN, "", id="all-slots-taken"),
        pytest.param(POLLS + DETAILS, "", id="an-error-that-it-survives"),
        pytest.param("wandb: job printed Error: no\n", "", id="an-error-of-others"),
        pytest.param("  Error: " + "x" * 300, "Error: " + "x" * 193, id="long"),
    ],
)
def test_last_words(output, words):
    assert last_words(output) == words
