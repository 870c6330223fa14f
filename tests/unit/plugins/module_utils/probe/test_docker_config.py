# SPDX-License-Identifier: GPL-3.0-or-later
"""daemon.json and the roles' records, without a value of either; what the engine has not taken over."""

import json
import os
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.digest import digested
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.due import ConfigChange, Pending
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.docker import DueSeen, Engine, OwnedSeen
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import docker, docker_due
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.docker_config import observe_config
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

FILE = "/etc/docker/daemon.json"
RECORDS = "/var/lib/mlinfra.gpu_launch/daemon-config"
NOTE = "/run/mlinfra.gpu_launch/docker-engine.json"


def config(look, started=None, **wanted):
    return observe_config(look(docker=wanted), started)


@pytest.mark.parametrize(
    ("text", "keys", "runtimes", "default"),
    [
        pytest.param("", (), (), None, id="empty"),
        pytest.param(
            '{"runtimes": {"nvidia": {}}, "default-runtime": "nvidia"}',
            ("default-runtime", "runtimes"),
            ("nvidia",),
            "nvidia",
            id="runtimes",
        ),
        pytest.param('{"runtimes": 3, "default-runtime": 4}', ("default-runtime", "runtimes"), (), None, id="odd"),
    ],
)
def test_names_in_the_file(machine, look, text, keys, runtimes, default):
    machine.write(FILE, text)
    found = config(look)
    assert (found.exists, found.valid, found.keys) == (True, True, keys)
    assert (found.runtimes, found.default_runtime) == (runtimes, default)


def test_no_file(look):
    found = config(look)
    assert (found.exists, found.valid, found.settings, found.records) == (False, True, {}, {})


SECRET = {"proxies": {"http-proxy": "http://me:word@proxy"}, "log-driver": "json-file", "mtu": 1400}


def test_only_named_leaves_are_digested_and_no_value_is_kept(machine, look):
    machine.write(FILE, json.dumps(SECRET))
    record = {"version": 1, "original": json.dumps(SECRET), "leaves": [{"path": ["mtu"], "value": 1400, "earlier": 9}]}
    machine.write(f"{RECORDS}/nvidia_ctk.json", json.dumps(record))
    found = config(look, settings={"log-driver": "x"})
    assert found.settings == {
        "proxies": {"http-proxy": ""},
        "log-driver": digested("json-file"),
        "mtu": digested(1400),
    }
    leaf = OwnedSeen(("mtu",), digested(1400), digested(9), True)
    assert found.records == {"nvidia_ctk": (leaf,)}
    assert not any(part in json.dumps(to_plain(found)) for part in ("word", "1400", "json-file"))


def test_a_wanted_leaf_of_either_role_is_named(machine, look):
    machine.write(FILE, '{"default-runtime": "nvidia"}')
    found = observe_config(look(nvidia_ctk={"settings": {"default-runtime": "x"}}), None)
    assert found.settings == {"default-runtime": digested("nvidia")}


LEAVES = [{"path": ["log-opts", "max-size"], "value": "10m"}, {"path": ["log-driver"], "value": "json-file"}]


def test_keys_that_role_docker_set(machine, look):
    machine.write(f"{RECORDS}/docker.json", json.dumps({"version": 1, "leaves": LEAVES}))
    found = config(look)
    assert found.owned == ("log-driver", "log-opts")
    assert not found.records["docker"][0].was_there


def test_a_broken_record_is_unknown_and_not_nothing(machine, seen, look):
    machine.write(FILE, "{}")
    machine.write(f"{RECORDS}/docker.json", "[]")
    assert docker.observe_docker(look(docker={"socket": "/none"})).config is None
    assert "docker.config" in [item.fact for item in seen.missing]


def test_a_broken_file_has_a_place_and_the_newest_copy_that_is_fine(machine, look):
    machine.write(FILE, '{\n  "debug": true,\n}\n')
    copies = ["/etc/docker/old~", "/etc/docker/new~", "/etc/docker/broken~", "/etc/docker/folder~", "/gone~"]
    for age, name in enumerate(copies[:3]):
        os.utime(machine.write(name, "{" if "broken" in name else "{}"), (1000 + age, 1000 + age))
    machine.mkdir(copies[3])
    machine.write(f"{RECORDS}/docker.json", json.dumps({"version": 1, "leaves": LEAVES, "backups": copies}))
    found = config(look)
    assert (found.valid, found.line, found.column, found.backup) == (False, 2, 16, "/etc/docker/new~")


def test_a_directory_in_its_place(machine, look):
    machine.mkdir(FILE)
    found = config(look)
    assert (found.valid, found.error, found.backup) == (False, "it is a directory", None)


@pytest.mark.parametrize(("age", "newer"), [(-10, True), (10, False)])
def test_a_file_that_changed_after_the_engine_had_started(machine, look, age, newer):
    machine.write(FILE, "{}")
    assert config(look, started=time.time() + age).newer is newer


ACTIVE = Unit(load="loaded", active="active", pid=7)


def noted(machine, pending):
    machine.write(NOTE, json.dumps(pending.to_data()))


def change(keys, restart):
    sides = (tuple(keys), ()) if restart else ((), tuple(keys))
    return ConfigChange(*sides, FILE, "", True, "d")


def due(look, unit=ACTIVE, engine=None, path="/none"):
    return docker_due.observe_due(look(docker={"socket": path}), unit, engine)


def test_nothing_is_due(look):
    assert due(look) == DueSeen()


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_a_broken_note_counts_as_none(machine, look, text):
    machine.write(NOTE, text)
    assert due(look) == DueSeen()


def test_a_stopped_engine_is_to_be_started(look):
    assert due(look, Unit(load="loaded", active="failed")).kind == "start"


def test_a_unit_that_was_not_seen_is_unknown(look):
    with pytest.raises(Unreadable, match=r"docker.service was not observed"):
        due(look, None)


def test_a_reload(machine, look):
    noted(machine, Pending().with_config(change(["runtimes.x.path"], False), time.time()))
    found = due(look)
    assert (found.kind, found.reloadable, found.reasons) == (
        "reload",
        True,
        ("runtimes.x.path in daemon.json changed",),
    )


def test_a_restart_names_the_containers_that_it_would_stop(machine, look, engine):
    path, answers = engine
    answers["/containers/json"] = (200, [{"Names": ["/db"]}])
    machine.link("/run/docker.sock", path)
    noted(machine, Pending().with_config(change(["mtu"], True), time.time()))
    found = due(look, path="/run/docker.sock")
    assert (found.kind, found.containers, found.reloadable) == ("restart", ("db",), False)


@pytest.mark.parametrize(("answer", "words"), [((500, {}), "answered 500"), (None, "/none")])
def test_containers_that_cannot_be_listed(machine, seen, look, engine, answer, words):
    path, answers = engine
    if answer:
        answers["/containers/json"] = answer
        machine.link("/run/docker.sock", path)
    noted(machine, Pending().with_config(change(["mtu"], True), time.time()))
    assert due(look, path="/run/docker.sock" if answer else "/none").containers is None
    (missing,) = seen.missing
    assert missing.fact == "docker.due.containers"
    assert words in missing.reason


def test_a_program_that_came_after_the_engine(machine, look):
    machine.write("/usr/bin/hook", "")
    noted(machine, Pending().with_programs(["/usr/bin/hook", "/usr/bin/other"]))
    assert due(look).reasons == ("/usr/bin/hook was installed after the engine had started",)


def test_an_engine_that_started_later_has_taken_it_over(machine, look):
    ticks = os.sysconf("SC_CLK_TCK")
    since = int((time.clock_gettime(time.CLOCK_BOOTTIME) + 100) * ticks)
    machine.write("/proc/7/stat", f"7 (dockerd) S {' '.join(['0'] * 18)} {since} 0")
    noted(machine, Pending().with_config(change(["mtu"], True), time.time()))
    assert due(look) == DueSeen()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param('{"runtimes": {"nvidia": {}}}', "reload", id="lacks-a-runtime"),
        pytest.param('{"runtimes": {"runc": {}}, "default-runtime": "runc"}', "none", id="has-it"),
        pytest.param("{", "none", id="broken"),
        pytest.param("[]", "none", id="list"),
    ],
)
def test_runtimes_of_the_file_that_the_engine_lacks(machine, look, text, kind):
    machine.write(FILE, text)
    assert due(look, engine=Engine(runtimes=("runc",), default_runtime="runc")).kind == kind
