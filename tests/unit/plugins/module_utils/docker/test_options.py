# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that the engine knows."""

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.merge import RELOADED
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.options import KNOWN, unknown


def test_keys_that_no_engine_takes():
    assert unknown(["runtimes", "log-opt", "Debug"]) == ("Debug", "log-opt")


def test_what_is_reloaded_is_known():
    assert RELOADED <= KNOWN
