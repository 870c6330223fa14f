# SPDX-License-Identifier: GPL-3.0-or-later
"""The composite observation."""

import time

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import COMPONENTS, Observation
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.observe import observe
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root

SHOW = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"


def test_units_of_all_components_cost_one_call(machine, look):
    machine.mkdir("/run/systemd/system")
    calls = []

    def runner(argv, deadline):
        calls.append(list(argv))
        return "\n".join([SHOW] * len(argv[argv.index("--") + 1 :]))

    seen = observe(COMPONENTS, look(options={"runner": runner}))
    assert len(calls) == 1
    assert {c.unit.active for c in (seen.docker, seen.cluster, seen.nfs, seen.agent)} == {"active"}


def test_only_what_was_asked_for_is_read(machine, look):
    seen = observe(["nvidia_ctk"], look())
    assert sorted(seen.to_dict()) == ["nvidia_ctk", "unknown"]
    assert [u.fact for u in seen.unknown] == ["nvidia_ctk.packages"]


def test_a_bare_folder_is_observed_without_a_failure(machine, look):
    seen = observe(COMPONENTS, look())
    assert Observation.from_dict(seen.to_dict()) == seen
    assert "units" in [u.fact for u in seen.unknown]
    assert seen.docker.socket == "absent"


def test_this_machine_is_observed_within_seconds(tmp_path, look):
    began = time.monotonic()
    seen = observe(COMPONENTS, look(Root(), options={"nvml_library": str(tmp_path / "none")}))
    assert time.monotonic() - began < 10
    assert seen.host.cpus >= 1
    assert seen.gpu.nvml.state == "library_not_found"
