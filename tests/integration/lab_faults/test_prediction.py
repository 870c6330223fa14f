# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode says exactly what a real run then acts on, and changes nothing."""

from __future__ import annotations

import re

from .host import FaultHost, Report

# One state of each role, of several kinds: a key, a file's content, a file's mode, a unit. The key is one that the
# engine takes over while it runs: of any other a restart stays due, for no run restarts an engine under a cluster.
BREAK = """
python3 - <<'END'
import json
path = "/etc/docker/daemon.json"
keys = json.load(open(path))
del keys["insecure-registries"]
open(path, "w").write(json.dumps(keys, indent=2))
END
echo '# by hand' >> /etc/apt/sources.list.d/nvidia-container-toolkit.sources
systemctl disable --quiet minikube-gpu.service
echo '# by hand' >> /etc/ganesha/mlinfra_gpu_launch.conf
chmod 0600 /etc/systemd/system/wandb-launch-agent.service
"""
ROLES = ("docker", "nvidia_ctk", "minikube_gpu", "nfs_server", "launch_agent")
TOLD = re.compile(
    r"TASK \[mlinfra\.gpu_launch\.(\w+) : Preflight \| Tell what a real run would act on\].*?\n(.*?)\n\n", re.S
)
MESSAGE = re.compile(r'^\s+"([A-Z0-9]{3}\d{3}) \w+ (.*?): found ', re.M)


def due(report: Report) -> set[tuple[str, str]]:
    """What a run would act on, as the doctor says."""
    return {(found["id"], found["subject"]) for found in report.data["findings"] if found["act"] == "converge"}


def test_check_mode_predicts_what_a_run_acts_on(host: FaultHost) -> None:
    assert not due(host.doctor())
    host.sh(BREAK)
    expected = due(host.doctor())
    assert len(expected) >= len(ROLES), expected

    output = host.playbook("site", "--check", "--diff")
    told = {role: set(MESSAGE.findall(said)) for role, said in TOLD.findall(output)}
    assert set(told) == set(ROLES), output[-6000:]
    assert set.union(*told.values()) == expected
    assert due(host.doctor()) == expected, "check mode has changed something"

    host.playbook("site")
    assert not due(host.doctor())
