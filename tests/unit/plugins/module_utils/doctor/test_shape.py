# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor reads the facts that node_state returns, under the names that it returns them by."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.components import TITLES
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.machine import Pod, Run, gpus, pods
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.page_machine import machine
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.summary import summary
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import from_mapping
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import Observation

from ..node.healthy import PARTS
from .reports import healthy, report, seen


class Returned(dict):
    """A mapping that node_state returned; reading a key that it lacks is an error."""

    def get(self, key, default=None):
        """Return a value that is there."""
        return self[key]


def returned(value):
    """Return data of which only keys that are there can be read."""
    if isinstance(value, dict):
        return Returned({key: returned(part) for key, part in value.items()})
    return [returned(part) for part in value] if isinstance(value, list) else value


def observed(parts):
    """Return facts as node_state returns them: every field of the dataclasses, and no other key."""
    return returned(from_mapping(Observation, parts, "observed").to_dict())


MACHINES = {
    "healthy": {name: part["observed"] for name, part in PARTS.items()},
    "lively": seen()["observed"],
    "hostile": seen("hostile")["observed"],
    "reference": healthy()["observed"],
}


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_is_read_that_node_state_does_not_return(name):
    facts = observed(MACHINES[name])
    assert [component for component in TITLES if not summary(component, facts)] in ([], ["agent"])
    assert "GPU 0" in str(machine({**report({"observed": facts}), "observed": facts}))


@pytest.mark.parametrize(
    ("component", "line"),
    [
        ("gpu", "4 x Tesla T4, driver 580.178.04, CUDA 13.0"),
        ("cluster", "profile minikube, running, Kubernetes v1.34.4, allocatable GPUs 4"),
        ("nfs", "kernel server active, /srv/nfs/kubedata to 192.168.49.0/24"),
        ("agent", "unit active"),
    ],
)
def test_the_summary_of_the_healthy_host(component, line):
    assert summary(component, observed(MACHINES["healthy"])) == line


def test_the_agent_without_its_account():
    facts = observed(MACHINES["healthy"])
    facts["agent"]["account"]["exists"] = False
    assert summary("agent", facts) == "no user, unit active"


def test_the_picture_of_the_healthy_host():
    facts = observed(MACHINES["healthy"])
    first, *rest = gpus(facts)
    assert first.runs == (Run("4711", "python", "pid 4711, root, 1.0 GiB, in a pod or container", True),)
    assert [(view.word, view.runs) for view in rest] == [("healthy", ())] * 3
    assert pods(facts) == [Pod("default/train", "running, 2 GPUs")]
