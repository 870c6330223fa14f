# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter that runs no module is told as SYS001, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.interpreter import interpreter_findings
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.index import CHECKS

from .reports import report

SHIM = {"module_stderr": "pyenv: python3: command not found\n", "module_stdout": "", "msg": "no JSON", "rc": 127}
WORKS = {"rc": 0, "stdout": "3.12.3\r\n"}


def silence(module=None, system=None, **more):
    return {"module": SHIM if module is None else module, "system": WORKS if system is None else system, **more}


def test_the_finding():
    (found,) = interpreter_findings(silence(interpreter="/home/me/.pyenv/shims/python3"))
    assert (found["id"], found["severity"], found["act"]) == ("SYS001", "error", "tell")
    assert found["found"] == "no module runs, rc 127: pyenv: python3: command not found"
    assert found["fix"] == CHECKS["SYS001"].fix
    assert found["evidence"] == {
        "interpreter": "/home/me/.pyenv/shims/python3",
        "rc": 127,
        "system": "/usr/bin/python3 3.12.3",
    }


@pytest.mark.parametrize(
    ("module", "found"),
    [
        pytest.param({"module_stdout": "", "msg": "no JSON", "rc": 1}, "no module runs, rc 1: no JSON", id="mute"),
        pytest.param({"module_stdout": "hello"}, "no module runs: hello", id="talks"),
        pytest.param({"module_stdout": ""}, "no module runs: no answer", id="nothing"),
    ],
)
def test_what_was_found(module, found):
    assert [item["found"] for item in interpreter_findings(silence(module))] == [found]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="nobody-asked"),
        pytest.param({}, id="it-spoke"),
        pytest.param(silence(system={"rc": 127, "stdout": ""}), id="the-system-has-none"),
        pytest.param(silence(system={"rc": 0, "stdout": ""}), id="the-system-says-nothing"),
        pytest.param(silence(system={"skipped": True}), id="not-asked"),
        pytest.param(silence({"msg": "wanted: a mapping is needed"}), id="it-failed-by-its-own-words"),
        pytest.param(
            silence({"module_stdout": "", "module_stderr": "Traceback (most recent call last):\n  File"}),
            id="it-crashed",
        ),
    ],
)
def test_nothing_else_is_taken_for_it(data):
    assert interpreter_findings(data) == []


def test_the_report_has_it_beside_the_error():
    data = report({"error": "no JSON", "reachable": True, "silence": silence()})
    assert [item["id"] for item in data["findings"]] == ["SYS001"]
    assert (data["counts"]["error"], data["error"]) == (1, "no JSON")
    assert data["components"][0]["findings"] == ["SYS001"]
