# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_daemon_config on a file: owned keys alone, prediction, refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .conftest import Played

BEFORE = '{\n  "data-root": "/srv/docker",\n  "log-opts": {"max-size": "5m"}\n}\n'


def keep(tmp_path: Path, **more: Any) -> Mapping[str, Any]:
    """The task."""
    options = {
        "path": str(tmp_path / "daemon.json"), "owner": "test", "settings": {"log-opts": {"max-file": "3"}},
        "validate": "never", "record_dir": str(tmp_path / "record"), "run_dir": str(tmp_path / "run"), **more,
    }  # fmt: skip
    return {"name": "Keep", "mlinfra.gpu_launch.docker_daemon_config": options}


def test_check_mode_tells_and_does_not_write(play: Callable[..., Played], tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text(BEFORE)
    found = play([keep(tmp_path)], "--check", "--diff")["Keep"]
    assert found["changed"]
    assert "max-file" in json.dumps(found["diff"])
    assert (tmp_path / "daemon.json").read_text() == BEFORE
    assert not (tmp_path / "record").exists()


def test_keys_of_others_stay_and_a_second_run_changes_nothing(play: Callable[..., Played], tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text(BEFORE)
    assert play([keep(tmp_path)])["Keep"]["changed"]
    written = json.loads((tmp_path / "daemon.json").read_text())
    assert written == {"data-root": "/srv/docker", "log-opts": {"max-size": "5m", "max-file": "3"}}
    assert not play([keep(tmp_path)])["Keep"]["changed"]


def test_a_broken_file_is_refused_with_its_place_and_stays(play: Callable[..., Played], tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text('{\n  "debug": true,,\n}\n')
    played = play([keep(tmp_path)])
    assert played.rc != 0
    assert "line 2" in played["Keep"]["msg"]
    assert (tmp_path / "daemon.json").read_text() == '{\n  "debug": true,,\n}\n'
