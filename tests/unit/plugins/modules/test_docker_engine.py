# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's way through main(), against an engine of our own making."""

import hashlib
import json
import time

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.due import ConfigChange, Pending
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine import pending as note
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import unix_http
from ansible_collections.mlinfra.gpu_launch.plugins.modules import docker_engine

NVIDIA = '{"runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}'


class FakeUnit:
    """A unit that starts unless daemon.json holds the word `bogus`."""

    def __init__(self, config):
        self.config = config
        self.active = True
        self.since = time.time() - 1000
        self.asked = []
        self.deaf = False

    def running_since(self):
        return self.active, self.since if self.active else None

    def change(self, verb):
        self.asked.append(verb)
        bogus = self.config.exists() and "bogus" in self.config.read_text()
        if verb != "reload":
            self.active, self.since = not bogus, time.time() + 1
        return self.active, "" if self.active else "start failed"

    def last_words(self, _lines=15):
        return ["unable to configure the Docker daemon"]


class Box:
    def __init__(self, root, capsys, monkeypatch):
        self.root = root
        self.capsys = capsys
        self.config = root / "daemon.json"
        self.unit = FakeUnit(self.config)
        self.containers = []
        self.status = 200
        monkeypatch.setattr(docker_engine, "Unit", lambda _name: self.unit)
        monkeypatch.setattr(unix_http, "get", self.get)

    def get(self, path, where, _seconds=5.0):
        if not self.unit.active:
            raise unix_http.SocketError(unix_http.REFUSED, f"{path}: Connection refused")
        runtimes = {"runc": {}} if self.unit.deaf else {"runc": {}, "nvidia": {}}
        answers = {"/_ping": "OK", "/containers/json": self.containers, "/info": {"Runtimes": runtimes}}
        return self.status, json.dumps(answers[where]).encode()

    def run(self, check=False, **params):
        args = {
            "run_dir": str(self.root / "run"),
            "config": str(self.config),
            "timeout": 1,
            "_ansible_check_mode": check,
            "_ansible_remote_tmp": str(self.root),
            "_ansible_keep_remote_files": False,
            **params,
        }
        with patch_module_args(args), pytest.raises(SystemExit):
            docker_engine.main()
        return json.loads(self.capsys.readouterr().out)

    def write(self, text, keys, restart, earlier=None):
        backup = ""
        if earlier is not None:
            backup = str(self.root / "backup")
            (self.root / "backup").write_text(earlier)
        self.config.write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        sides = (tuple(keys), ()) if restart else ((), tuple(keys))
        change = ConfigChange(*sides, str(self.config), backup, earlier is None, digest)
        note.save(str(self.root / "run"), self.pending().with_config(change, time.time()))

    def pending(self):
        return note.load(str(self.root / "run"))


@pytest.fixture
def box(tmp_path, capsys, monkeypatch):
    return Box(tmp_path, capsys, monkeypatch)


def test_nothing_due(box):
    result = box.run()
    assert (result["changed"], result["due"], box.unit.asked) == (False, "none", [])


def test_a_runtime_of_the_file_that_the_engine_lacks_is_loaded_whoever_wrote_it(box):
    box.config.write_text(NVIDIA)
    box.unit.deaf = True
    result = box.run(check=True)
    assert (result["due"], result["reasons"]) == ("reload", ["the engine lacks runtime nvidia of daemon.json"])
    box.unit.deaf = False
    assert box.run()["due"] == "none"


@pytest.mark.parametrize("text", ["{", "[]", '{"runtimes": {"nvidia": {}}}'], ids=["broken", "list", "engine-silent"])
def test_a_file_or_engine_that_says_nothing_lacks_nothing(box, text):
    box.config.write_text(text)
    box.status = 500 if "nvidia" in text else 200
    assert box.run(check=True)["due"] == "none"


def test_dead_engine_is_started(box):
    box.unit.active = False
    result = box.run(restart="never")
    assert (result["changed"], box.unit.asked) == (True, ["start"])


def test_restart_key_restarts_once(box):
    box.write('{"log-driver": "local"}', ["log-driver"], True)
    result = box.run()
    assert result["due"] == "restart"
    assert result["reasons"] == ["log-driver in daemon.json is read at start only"]
    assert box.unit.asked == ["restart"]
    assert box.pending() == Pending()
    assert box.run()["changed"] is False


def test_runtime_is_reloaded(box):
    box.write(NVIDIA, ["runtimes.nvidia.path"], False)
    assert box.run()["changed"] is True
    assert box.unit.asked == ["reload"]
    assert box.pending() == Pending()


def test_reload_that_is_not_taken_over_fails(box):
    box.write(NVIDIA, ["runtimes.nvidia.path"], False)
    box.unit.deaf = True
    result = box.run()
    assert "docker was reloaded but lacks: runtime nvidia" in result["msg"]
    assert box.pending().reload_keys == ("runtimes.nvidia.path",)


def test_cluster_forbids_a_restart(box):
    box.containers = [{"Names": ["/minikube"], "Labels": {"created_by.minikube.sigs.k8s.io": "true"}}]
    box.write('{"log-driver": "local"}', ["log-driver"], True)
    result = box.run()
    assert (result["changed"], result["pending"], box.unit.asked) == (False, True, [])
    assert "minikube (minikube node)" in result["msg"]
    assert box.pending().restart_keys == ("log-driver",)
    assert box.run(restart="always")["changed"] is True


def test_reload_stands_in_for_a_restart_that_is_not_allowed(box):
    box.containers = [{"Names": ["/web"]}]
    box.write('{"log-driver": "local"}', ["log-driver"], True)
    box.write(NVIDIA, ["runtimes.nvidia.path"], False)
    result = box.run()
    assert (result["changed"], result["pending"], box.unit.asked) == (True, True, ["reload"])
    assert (box.pending().restart_keys, box.pending().reload_keys) == (("log-driver",), ())
    assert box.run()["changed"] is False


def test_never_means_never(box):
    box.write('{"log-driver": "local"}', ["log-driver"], True)
    assert "restart is 'never'" in box.run(restart="never")["msg"]
    assert box.unit.asked == []


def test_engine_that_does_not_list_its_containers_is_not_restarted(box):
    box.write('{"log-driver": "local"}', ["log-driver"], True)
    box.status = 500
    assert "can't be listed" in box.run()["msg"]
    assert box.unit.asked == []


def test_check_mode_predicts(box):
    box.write('{"log-driver": "local"}', ["log-driver"], True)
    before = box.pending()
    assert box.run(check=True)["changed"] is True
    assert (box.unit.asked, box.pending()) == ([], before)


def test_program_that_came_after_the_start(box):
    hook = box.root / "hook"
    programs = [str(hook)]
    assert box.run(state="noted", programs=programs)["changed"] is False
    assert box.run(programs=programs)["changed"] is False
    hook.write_text("")
    assert box.run(programs=programs)["due"] == "restart"
    assert box.run(programs=programs)["changed"] is False


def test_program_that_was_there_all_the_time(box):
    hook = box.root / "hook"
    hook.write_text("")
    box.run(state="noted", programs=[str(hook)])
    assert box.run(programs=[str(hook)])["changed"] is False


def test_check_mode_notes_nothing(box):
    box.run(check=True, state="noted", programs=[str(box.root / "hook")], reasons=["proxy"])
    assert box.pending() == Pending()


def test_other_reason(box):
    box.run(state="noted", reasons=["the proxy changed"])
    assert box.run()["reasons"] == ["the proxy changed"]


@pytest.mark.parametrize("earlier", [None, '{"debug": true}'])
def test_failed_restart_brings_the_earlier_file_back(box, earlier):
    box.write('{"bogus": 1}', ["bogus"], True, earlier)
    result = box.run()
    assert "is back and the engine runs with it" in result["msg"]
    assert "unable to configure the Docker daemon" in result["msg"]
    assert box.unit.asked == ["restart", "start"]
    assert (box.config.read_text() if box.config.exists() else None) == earlier
    assert box.unit.active
    assert box.run()["changed"] is False


def test_file_edited_by_somebody_else_is_not_rolled_back(box):
    box.write('{"log-driver": "local"}', ["log-driver"], True, "{}")
    box.config.write_text('{"bogus": "of somebody else"}')
    result = box.run()
    assert "is back" not in result["msg"]
    assert box.config.read_text() == '{"bogus": "of somebody else"}'


def test_no_way_back_without_a_backup(box):
    box.write('{"bogus": 1}', ["bogus"], True, "{}")
    (box.root / "backup").unlink()
    assert "is back" not in box.run()["msg"]
    assert box.config.read_text() == '{"bogus": 1}'


def test_unwritable_note_is_named(box):
    (box.root / "run").write_text("a file where a folder belongs")
    assert "the engine's files" in box.run(state="noted", reasons=["proxy"])["msg"]
