# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor on this machine: files first, exit status last, and no host hides another."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs/schema/doctor-1.json").read_text(encoding="utf-8"))
HERE = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
MUTE = {"ansible_connection": "local", "ansible_python_interpreter": "/bin/false"}
# Nobody listens there.
AWAY = {
    "ansible_host": "127.0.0.1",
    "ansible_port": 9,
    "ansible_ssh_common_args": "-o ConnectTimeout=3 -o BatchMode=yes",
}
Doctor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    """Run the playbook for hosts, in an empty folder."""

    def run(hosts: Mapping[str, Any], *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        inventory = tmp_path / "hosts.json"
        inventory.write_text(json.dumps({"all": {"children": {"gpu_node": {"hosts": dict(hosts)}}}}), encoding="utf-8")
        command = ["ansible-playbook", str(ROOT / "playbooks/doctor.yml"), "-i", str(inventory)]
        command += ["-e", json.dumps(variables), *arguments]
        environment = {
            **os.environ,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_SSH_RETRIES": "0",
        }
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

    return run


def read(folder: Path, host: str) -> Any:
    data = json.loads((folder / f"{host}.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, SCHEMA)
    return data


def test_this_machine(doctor: Doctor, tmp_path: Path) -> None:
    # No GPU and no cluster may be here; whatever is, the report is what the exit status follows.
    done = doctor({"here": HERE})
    report = read(tmp_path / "doctor", "here")
    assert report["observed"]["host"]["kernel"] == os.uname().release
    assert done.returncode == (2 if report["counts"]["error"] else 0), done.stdout + done.stderr
    assert f"file://{tmp_path}/doctor/here.html" in done.stdout
    for file in ("here.json", "here.html"):
        assert stat.S_IMODE((tmp_path / "doctor" / file).stat().st_mode) == 0o600
    assert not (tmp_path / "doctor/index.html").exists()
    assert "changed=0" in done.stdout
    for finding in report["findings"]:
        assert f"{finding['id']:7} " in done.stdout


def test_no_host_hides_another(doctor: Doctor, tmp_path: Path) -> None:
    done = doctor({"here": HERE, "away": AWAY, "a/mute": MUTE}, doctor_fail_on="never", doctor_output="all")
    folder = tmp_path / "all"
    assert done.returncode == 2, done.stdout + done.stderr
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        ["index.html", *(f"{name}.{kind}" for name in ("here", "away", "a=2Fmute") for kind in ("json", "html"))]
    )
    away, mute, here = read(folder, "away"), read(folder, "a=2Fmute"), read(folder, "here")
    assert (away["reachable"], mute["reachable"], here["error"]) == (False, True, None)
    assert "connect" in away["error"].lower()
    assert "json" in mute["error"].lower()
    assert {part["status"] for part in away["components"]} == {"not_observed"}
    assert [part["status"] for part in mute["components"]] == ["findings"] + ["not_observed"] * 6
    assert [[finding["id"] for finding in one["findings"]] for one in (away, mute)] == [[], ["SYS001"]]
    assert "away: nothing was observed" in done.stdout
    assert "here: " in done.stdout
    assert 'href="a=2Fmute.html"' in (folder / "index.html").read_text(encoding="utf-8")
    # The files of all hosts are there before the first host fails.
    assert done.stdout.index("Write the overview") < done.stdout.index("FAILED!")


def test_an_interpreter_that_runs_no_module(doctor: Doctor, tmp_path: Path) -> None:
    shim = tmp_path / "shims/python3"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    for check in ((), ("--check",)):
        done = doctor({"here": {**HERE, "ansible_python_interpreter": str(shim)}}, *check)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "SYS001 " in done.stdout
        assert "found   no module runs, rc 127: pyenv: python3: command not found" in done.stdout
        assert "here: nothing was observed" in done.stdout
        assert "changed=0" in done.stdout
    report = read(tmp_path / "doctor", "here")
    (finding,) = report["findings"]
    assert (finding["id"], finding["severity"], finding["act"]) == ("SYS001", "error", "tell")
    assert "ansible_python_interpreter: /usr/bin/python3" in finding["fix"]
    assert finding["evidence"]["interpreter"] == str(shim)
    assert finding["evidence"]["system"].startswith("/usr/bin/python3 3.")
    assert (report["reachable"], report["counts"]["error"]) == (True, 1)
    assert "SYS001" in (tmp_path / "doctor/here.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        pytest.param(
            {"doctor_fail_on": "sometimes"}, "doctor_fail_on is 'sometimes'; set one of error, warning", id="fail-on"
        ),
        pytest.param(
            {"doctor_fail_on": "advice"}, "doctor_fail_on is 'advice'; set one of error, warning", id="advice"
        ),
        pytest.param({"doctor_width": 20}, "doctor_width is '20' (set 40 or more columns)", id="width"),
        pytest.param({"doctor_output": ""}, "doctor_output is '' (set a folder on this machine)", id="output"),
    ],
)
def test_values_that_mean_nothing_are_refused_first(doctor: Doctor, tmp_path: Path, variables: Any, text: str) -> None:
    done = doctor({"here": HERE}, **variables)
    assert done.returncode == 2
    assert text in done.stdout + done.stderr
    assert "Look at every component" not in done.stdout
    assert not (tmp_path / "doctor").exists()


def test_a_folder_that_is_there_keeps_its_mode(doctor: Doctor, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    doctor({"away": AWAY}, doctor_output=str(folder))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert read(folder, "away")["reachable"] is False


def test_check_mode_writes_nothing(doctor: Doctor, tmp_path: Path) -> None:
    done = doctor({"away": AWAY}, "--check")
    assert "Check mode: no file was written." in done.stdout
    assert not (tmp_path / "doctor").exists()
