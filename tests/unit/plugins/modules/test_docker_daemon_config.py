# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's way through main(): arguments, exit, files on the disk."""

import json
import os
import stat

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mlinfra.gpu_launch.plugins.modules import docker_daemon_config

NVIDIA = {"runtimes": {"nvidia": {"args": [], "path": "nvidia-container-runtime"}}}


class Box:
    """A folder that plays /etc/docker, with a module run in it."""

    def __init__(self, tmp_path, capsys, programs):
        self.root = tmp_path
        self.file = tmp_path / "etc" / "daemon.json"
        self.file.parent.mkdir()
        self.capsys = capsys
        self.programs = programs

    def run(self, check=False, **params):
        args = {
            "path": str(self.file),
            "record_dir": str(self.root / "records"),
            "run_dir": str(self.root / "run"),
            "_ansible_check_mode": check,
            "_ansible_diff": True,
            "_ansible_remote_tmp": str(self.root),
            "_ansible_keep_remote_files": False,
            **params,
        }
        with patch_module_args(args), pytest.raises(SystemExit):
            docker_daemon_config.main()
        return json.loads(self.capsys.readouterr().out)

    def tree(self):
        return {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}

    def program(self, name, text):
        path = self.root / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        self.programs[name] = str(path)


@pytest.fixture
def box(tmp_path, capsys, monkeypatch):
    programs = {}
    monkeypatch.setattr(basic, "get_bin_path", lambda name, *_a, **_k: programs[name])

    def find(_module, name, *_args, **_kwargs):
        return programs.get(name)

    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", find)
    return Box(tmp_path, capsys, programs)


def test_new_file(box):
    result = box.run(settings=NVIDIA)
    assert result["changed"] is True
    assert result["changed_keys"] == ["runtimes.nvidia.args", "runtimes.nvidia.path"]
    assert result["reload_enough"] is True
    assert result["backup_file"] == ""
    assert json.loads(box.file.read_text()) == NVIDIA
    assert stat.S_IMODE(box.file.stat().st_mode) == 0o644
    assert result["diff"]["before"] == ""
    assert result["diff"]["after"] == box.file.read_text()


def test_second_run_changes_nothing(box):
    box.run(settings=NVIDIA, owner="me")
    before = box.tree()
    assert box.run(settings=NVIDIA, owner="me")["changed"] is False
    assert box.tree() == before


def test_mode_of_the_file_stays_and_a_copy_is_kept(box):
    box.file.write_text('{"debug": true}')
    box.file.chmod(0o600)
    result = box.run(settings=NVIDIA)
    assert stat.S_IMODE(box.file.stat().st_mode) == 0o600
    assert json.loads(box.file.read_text()) == {"debug": True, **NVIDIA}
    with open(result["backup_file"]) as backup:
        assert backup.read() == '{"debug": true}'


def test_link_stays_a_link(box):
    real = box.root / "real.json"
    real.write_text("{}")
    box.file.symlink_to(real)
    box.run(settings=NVIDIA)
    assert box.file.is_symlink()
    assert json.loads(real.read_text()) == NVIDIA


def test_check_mode_predicts_and_touches_nothing(box):
    box.file.write_text('{"debug": true}')
    before = box.tree()
    result = box.run(check=True, settings=NVIDIA, owner="me")
    assert result["changed"] is True
    assert json.loads(result["diff"]["after"]) == {"debug": True, **NVIDIA}
    assert box.tree() == before


def test_check_mode_on_a_bare_host(box):
    result = box.run(check=True, settings=NVIDIA, path=str(box.root / "none" / "daemon.json"))
    assert result["changed"] is True


def test_missing_folder_is_named(box):
    result = box.run(settings=NVIDIA, path=str(box.root / "none" / "daemon.json"))
    assert result["failed"] is True
    assert "make it first" in result["msg"]


def test_invalid_file_is_refused_untouched(box):
    box.file.write_text('{\n  "debug": true,\n}\n')
    before = box.tree()
    result = box.run(settings=NVIDIA, owner="me")
    assert result["failed"] is True
    assert (result["line"], result["column"]) == (2, 16)
    assert "line 2 column 16" in result["msg"]
    assert "nothing was changed" in result["msg"]
    assert box.tree() == before


def test_directory_is_refused(box):
    box.file.mkdir()
    assert "is a directory" in box.run(settings=NVIDIA)["msg"]


def test_unreadable_file_is_named(box):
    loop = box.root / "loop"
    loop.symlink_to(loop)
    assert "the file is as it was" in box.run(settings=NVIDIA, path=str(loop / "daemon.json"))["msg"]


def test_keys_no_longer_listed_are_given_back(box):
    box.file.write_text('{"log-driver": "journald"}')
    box.run(settings={"log-driver": "local", "debug": True}, owner="me")
    result = box.run(settings={"debug": True}, owner="me")
    assert result["changed_keys"] == ["log-driver"]
    assert json.loads(box.file.read_text()) == {"log-driver": "journald", "debug": True}


@pytest.mark.parametrize("earlier", [None, "", '{"log-driver":"journald"\n, "z":[ ]}'])
def test_owner_that_lets_go_leaves_everything_as_it_was(box, earlier):
    if earlier is not None:
        box.file.write_text(earlier)
    before = box.tree()
    box.run(settings={"log-driver": "local"}, owner="me")
    box.run(settings={"log-driver": "local", "debug": True}, owner="me")
    box.run(settings=NVIDIA, owner="you")
    box.run(settings={}, owner="you")
    assert box.run(check=True, settings={}, owner="me")["changed"] is True
    assert box.run(settings={}, owner="me")["changed"] is True
    after = box.tree()
    after.pop("run/docker-engine.json")
    assert after == before
    assert box.run(settings={}, owner="me")["changed"] is False


def test_owner_that_lets_go_keeps_keys_of_somebody_else(box):
    box.run(settings={"log-driver": "local"}, owner="me")
    box.file.write_text('{"log-driver": "local", "debug": true}')
    box.run(settings={}, owner="me")
    assert json.loads(box.file.read_text()) == {"debug": True}


def test_change_is_noted_for_the_engine(box):
    box.run(settings={"log-driver": "local"})
    note = json.loads((box.root / "run" / "docker-engine.json").read_text())
    assert note["restart_keys"] == ["log-driver"]
    assert note["absent_before"] is True


def test_engine_validates_the_new_file(box):
    box.program("dockerd", 'test "$1" = --validate && grep -q nvidia "$3"')
    assert box.run(settings=NVIDIA)["validated"] is True


def test_engine_refuses_the_new_file(box):
    box.program("dockerd", 'echo "unknown option: bogus" >&2; exit 1')
    before = box.tree()
    result = box.run(settings={"bogus": 1})
    assert "dockerd --validate refuses the new configuration: unknown option: bogus" in result["msg"]
    assert box.tree() == before


def test_old_engine_has_no_validation(box):
    box.program("dockerd", 'echo "unknown flag: --validate" >&2; exit 125')
    assert box.run(settings=NVIDIA)["validated"] is False
    assert json.loads(box.file.read_text()) == NVIDIA


def test_flag_of_the_unit_is_refused(box):
    box.program("systemctl", 'echo "{ path=/x ; argv[]=/x/dockerd -H fd:// --data-root=/a ; }"')
    result = box.run(settings={"data-root": "/b"})
    assert "data-root (flag --data-root)" in result["msg"]
    assert not box.file.exists()


def test_failed_replacement_leaves_no_temporary_file(box, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(basic.AnsibleModule, "atomic_move", fail)
    box.file.write_text("{}")
    result = box.run(settings=NVIDIA, backup=False)
    assert "No space left" in result["msg"]
    assert box.file.read_text() == "{}"
    assert os.listdir(box.file.parent) == ["daemon.json"]
