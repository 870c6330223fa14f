# SPDX-License-Identifier: GPL-3.0-or-later
"""gpu_info through main(), over libraries that fail in every way that NVML knows: always an answer, never a failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mlinfra.gpu_launch.plugins.modules import gpu_info

ROOT = Path(__file__).resolve().parents[4]
FIXTURES = ROOT / "tests/fixtures/nvml"
HOSTILE = ["Tesla T4", "NVIDIA L4", "{{ lookup('pipe','id') }}", "\x1b[2J\x07", "café \ufffd", "a\nb; rm -rf /", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the dynamic loader finds odd_nvml.c by NVML's name."""
    path = tmp_path_factory.mktemp("odd")
    argv = ["gcc", "-w", "-shared", "-fPIC", "-o", str(path / "libnvidia-ml.so.1"), str(FIXTURES / "odd_nvml.c")]
    subprocess.run(argv, check=True, timeout=120)
    return path


@pytest.fixture
def ask(capsys, folder, monkeypatch):
    def run(deadline=5.0, **faults):
        for name, value in faults.items():
            monkeypatch.setenv(f"ODD_{name.upper()}", str(value))
        library = str(folder / "libnvidia-ml.so.1")
        args = {
            "nvml_library": library,
            "deadline": deadline,
            "_ansible_remote_tmp": "/tmp",
            "_ansible_check_mode": True,
        }
        with patch_module_args(args), pytest.raises(SystemExit) as ended:
            gpu_info.main()
        assert ended.value.code == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("count", [1, 4, 8, 16])
def test_any_number_of_gpus(ask, count):
    found = ask(count=count)
    assert (found["state"], found["driver"], found["source"], found["changed"]) == ("ok", "580.178.04", "ctypes", False)
    assert [gpu["index"] for gpu in found["gpus"]] == list(range(count))
    assert {gpu["health"]["state"] for gpu in found["gpus"]} == {"ok"}


def test_no_gpu(ask):
    found = ask(count=0)
    assert (found["state"], found["gpus"], found["error"]) == ("no_devices", [], None)


def test_names_are_data(ask):
    assert [gpu["name"] for gpu in ask(count=7)["gpus"]] == HOSTILE


def test_mixed_models(ask):
    assert {gpu["memory_total"] >> 20 for gpu in ask()["gpus"]} == {15360, 23034}


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (9, "driver_not_loaded"),
        (18, "version_mismatch"),
        (4, "no_permission"),
        (12, "library_not_found"),
        (99, "error"),
    ],
)
def test_a_driver_that_does_not_work(ask, code, state):
    found = ask(init=code)
    assert (found["state"], found["gpus"]) == (state, [])
    assert f"NVML {code}" in found["error"]


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [("lost", "lost", 15), ("reset", "reset_required", 16), ("denied", "no_permission", 4)],
)
def test_a_gpu_that_fails_costs_only_its_own_entry(ask, fault, state, code):
    found = ask(**{fault: 1})
    assert found["state"] == "ok"
    assert [gpu["health"]["state"] for gpu in found["gpus"]] == ["ok", state, "ok", "ok"]
    assert (found["gpus"][1]["health"]["code"], found["gpus"][1]["name"]) == (code, None)


def test_nvml_that_blocks_costs_the_deadline_and_keeps_what_was_read(ask):
    began = time.monotonic()
    found = ask(deadline=0.5, block=2)
    assert time.monotonic() - began < 3
    assert (found["state"], found["error"]) == ("timeout", "NVML: no answer within 0.5 s")
    assert [gpu["name"] for gpu in found["gpus"]] == HOSTILE[:2]


def test_nvml_that_crashes_keeps_what_was_read(ask):
    found = ask(crash=3)
    assert (found["state"], len(found["gpus"])) == ("crashed", 3)
    assert "signal 11" in found["error"]


def test_the_default_deadline_is_ten_seconds():
    with patch_module_args({"_ansible_remote_tmp": "/tmp"}):
        module = gpu_info.AnsibleModule(argument_spec=gpu_info.argument_spec())
    assert module.params["deadline"] == 8.0


BY_NAME = """
import json
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml import read_gpus
print(json.dumps(to_plain(read_gpus(deadline=2))))
"""


@pytest.mark.parametrize(
    "faults",
    [{"COUNT": "7"}, {"INIT": "18"}, {"LOST": "1", "RESET": "2"}, {"CRASH": "2"}, {"COUNT": "0"}],
    ids=["names", "mismatch", "ill", "crash", "none"],
)
def test_the_python_binding_says_the_same(ask, folder, faults):
    """nvidia-ml-py finds the library by its name, so it runs in a process whose loader sees this one first."""
    by_ctypes = ask(**faults)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(folder), "PYTHONPATH": str(ROOT / "collections")}
    argv = [sys.executable, "-c", BY_NAME]
    done = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=60)
    by_binding = json.loads(done.stdout)
    assert (by_binding.pop("source"), by_ctypes.pop("source")) == ("pynvml", "ctypes")
    assert by_binding == {key: by_ctypes[key] for key in by_binding}
