# SPDX-License-Identifier: GPL-3.0-or-later
"""Words and states for NVML's numbers."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.states import NvmlError, device_state, error_text


@pytest.mark.parametrize(
    ("code", "state"),
    [(4, "no_permission"), (15, "lost"), (16, "reset_required"), (999, "error")],
    ids=["permission", "lost", "reset", "other"],
)
def test_state_of_a_gpu(code, state):
    assert device_state(code) == state


def test_every_error_names_its_number():
    assert error_text(15) == "the GPU is lost (it fell off the bus) (NVML 15)"
    assert error_text(77) == "unknown NVML error (NVML 77)"


def test_error_names_the_call():
    assert str(NvmlError(9, "nvmlInit_v2")) == "nvmlInit: the driver is not loaded (NVML 9)"
    assert str(NvmlError(9)) == "the driver is not loaded (NVML 9)"
