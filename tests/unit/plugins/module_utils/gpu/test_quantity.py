# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities of Kubernetes, exact and rounded up."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.quantity import (
    CapacityError,
    cpu_millis,
    cpu_text,
    memory_mib,
    memory_text,
    whole,
)


@pytest.mark.parametrize(
    ("value", "millis"),
    [
        pytest.param(4, 4000, id="number"),
        pytest.param("4", 4000, id="text"),
        pytest.param("500m", 500, id="millicores"),
        pytest.param(3.5, 3500, id="a-float-of-yaml"),
        pytest.param("3.5", 3500, id="decimal"),
        pytest.param(0.1, 100, id="no-float-in-between"),
        pytest.param("100u", 1, id="rounded-up"),
        pytest.param("1n", 1, id="nano"),
        pytest.param("1e1", 10000, id="exponent"),
        pytest.param(".5", 500, id="without-a-zero"),
        pytest.param("5.", 5000, id="without-a-digit-behind"),
        pytest.param(0, 0, id="nothing"),
    ],
)
def test_cpu(value, millis):
    assert cpu_millis(value, "cpu") == millis


@pytest.mark.parametrize(
    ("value", "mib"),
    [
        pytest.param("12Gi", 12288, id="gi"),
        pytest.param("128Mi", 128, id="mi"),
        pytest.param("12G", 11445, id="decimal-giga"),
        pytest.param(1048577, 2, id="bytes-rounded-up"),
        pytest.param("1Ki", 1, id="ki"),
        pytest.param("1.5Gi", 1536, id="fraction"),
        pytest.param("1E", 953674316407, id="exa-is-no-exponent"),
        pytest.param("1000k", 1, id="kilo"),
        pytest.param("1e9", 954, id="exponent"),
    ],
)
def test_memory(value, mib):
    assert memory_mib(value, "memory") == mib


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-1",
        "+4",
        "4 Gi",
        "12GB",
        "1:30",
        "0x10",
        "\uff11",
        "Gi",
        "1e",
        "1e999",
        "9" * 19,
        True,
        None,
        [4],
        float("nan"),
    ],
)
def test_not_a_quantity(value):
    with pytest.raises(CapacityError, match=r"^limits\.cpu: ") as caught:
        cpu_millis(value, "limits.cpu")
    assert caught.value.path == "limits.cpu"


def test_more_than_kubernetes_counts():
    with pytest.raises(CapacityError, match="more than Kubernetes can count"):
        memory_mib("4096Ei", "memory")


def test_devices_are_whole():
    assert whole("2", "x") == 2
    with pytest.raises(CapacityError, match="not a whole number"):
        whole("1.5", "")


@pytest.mark.parametrize(("millis", "text"), [(4000, "4"), (3500, "3.5"), (16850, "16.85"), (1, "0.001"), (0, "0")])
def test_cpu_text(millis, text):
    assert cpu_text(millis) == text
    assert cpu_millis(text, "") == millis


@pytest.mark.parametrize(("mib", "text"), [(12288, "12Gi"), (1000, "1000Mi"), (0, "0Mi")])
def test_memory_text(mib, text):
    assert memory_text(mib) == text
    assert memory_mib(text, "") == mib
