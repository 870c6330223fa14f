# SPDX-License-Identifier: GPL-3.0-or-later
"""The API key is in the files that need it, readable for one user, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.lab import services

from .conftest import LabHost, Run


@pytest.fixture(scope="module")
def key() -> str:
    text = services.api_key_file().read_text(encoding="utf-8").strip()
    assert len(text) >= 40
    return text


def test_key_is_not_in_verbose_output_even_when_the_agent_is_configured_again(
    host: LabHost, play: Callable[..., Run], key: str
) -> None:
    host.sh("find /etc/mlinfra.gpu_launch/launch_agent -type f -delete")
    done = play("site.yml", "-vvv", "--diff")
    assert done.rc == 0, done.output[-4000:]
    assert sum(done.changed.values()) > 0, "the run was meant to write the key again"
    assert key not in done.output


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("ps axww -o args", id="process arguments"),
        pytest.param(
            "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ || true; done 2>/dev/null",
            id="environment of every process",
        ),
        pytest.param("journalctl --no-pager", id="journal"),
        pytest.param("systemctl show wandb-launch-agent.service; systemctl cat wandb-launch-agent.service", id="unit"),
        pytest.param("cat /var/lib/mlinfra.gpu_launch/ledger/*", id="ledger"),
    ],
)
def test_key_is_not_in(host: LabHost, key: str, script: str) -> None:
    output = host.sh(script)
    assert len(output) > 20, "the probe itself must say something"
    assert key not in output


def test_files_with_the_key_are_for_their_owner_alone(host: LabHost, key: str) -> None:
    found = host.sh(
        f"grep -rlsI --exclude-dir=docker --exclude-dir=containerd {key} /etc /var/lib /var/log /tmp /root /home"
        " /opt/mlinfra.gpu_launch | xargs -r stat -c '%a %n'",
        check=False,
    )
    assert found, "the key must be somewhere, or the agent could not log in"
    wide = [line for line in found.splitlines() if not line.startswith(("600 ", "400 "))]
    assert wide == []
