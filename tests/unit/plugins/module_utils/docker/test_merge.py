# SPDX-License-Identifier: GPL-3.0-or-later
"""The merge touches owned keys only, and gives back what it no longer owns."""

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.errors import DaemonConfigError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.merge import Current, make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.reader import read
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.record import (
    OwnedLeaf,
    Record,
    from_data,
    to_data,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.values import ABSENT, to_path

NVIDIA = {"runtimes": {"nvidia": {"args": [], "path": "nvidia-container-runtime"}}}
LOGS = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}


def current(config):
    text = config if isinstance(config, str) else json.dumps(config, indent=2)
    return Current(text, *read(text.encode()))


MERGES = [
    pytest.param({}, NVIDIA, [], NVIDIA, ("runtimes.nvidia.args", "runtimes.nvidia.path"), id="empty"),
    pytest.param({"debug": True}, LOGS, [], {"debug": True, **LOGS}, None, id="foreign-key-stays"),
    pytest.param(
        {"runtimes": {"crun": {"path": "/usr/bin/crun"}}},
        NVIDIA,
        [],
        {"runtimes": {"crun": {"path": "/usr/bin/crun"}, **NVIDIA["runtimes"]}},
        None,
        id="foreign-runtime-stays",
    ),
    pytest.param({**NVIDIA, "debug": True}, NVIDIA, [], {**NVIDIA, "debug": True}, (), id="nothing-to-do"),
    pytest.param({"live-restore": True}, {"live-restore": False}, [], {"live-restore": False}, None, id="value"),
    pytest.param({"dns": ["192.0.2.1"]}, {"dns": ["192.0.2.2"]}, [], {"dns": ["192.0.2.2"]}, ("dns",), id="list"),
    pytest.param({"runtimes": None}, NVIDIA, [], NVIDIA, None, id="null-counts-as-absent"),
    pytest.param({"features": {"cdi": True}}, {"features": {}}, [], {"features": {"cdi": True}}, (), id="empty-object"),
    pytest.param({"a": 1, "b": {"c": 2, "d": 3}}, {}, ["a", "b.c"], {"b": {"d": 3}}, ("a", "b.c"), id="remove"),
    pytest.param({"a": 1}, {}, ["b", "a.b"], {"a": 1}, (), id="remove-absent"),
    pytest.param({"a.b": 1, "c": 2}, {}, [["a.b"]], {"c": 2}, ("a.b",), id="remove-key-with-dot"),
]


@pytest.mark.parametrize(("before", "settings", "remove", "after", "keys"), MERGES)
def test_merge(before, settings, remove, after, keys):
    plan = make_plan(current(before), settings, [to_path(path) for path in remove])
    assert plan.config == after
    assert plan.changed == (before != after)
    if keys is not None:
        assert plan.changed_keys == keys


def test_true_is_not_one():
    with pytest.raises(DaemonConfigError, match="mtu is a boolean here, a number is wanted"):
        make_plan(current({"mtu": True}), {"mtu": 1})


def test_order_of_foreign_keys_stays():
    plan = make_plan(current('{"z": 1, "log-driver": "none", "a": 2}'), {**LOGS, "b": 3})
    assert list(plan.config) == ["z", "log-driver", "a", "log-opts", "b"]


WRONG_TYPES = [
    pytest.param('{\n  "runtimes": []\n}', NVIDIA, 2, 15, "runtimes is a list here", id="list-for-object"),
    pytest.param('{"log-opts": {"max-file": 3}}', LOGS, 1, 27, "log-opts.max-file is a number here", id="number"),
    pytest.param('{"dns": "192.0.2.1"}', {"dns": []}, 1, 9, "dns is text here, a list is wanted", id="text-for-list"),
    pytest.param('{"live-restore": "true"}', {"live-restore": True}, 1, 18, "is text here", id="text-for-boolean"),
    pytest.param('{"log-driver": {}}', LOGS, 1, 16, "log-driver is an object here", id="object-for-text"),
]


@pytest.mark.parametrize(("text", "settings", "line", "column", "reason"), WRONG_TYPES)
def test_refuses_another_type(text, settings, line, column, reason):
    with pytest.raises(DaemonConfigError) as caught:
        make_plan(current(text), settings)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("settings", "remove", "reason"),
    [
        pytest.param({"dns": None}, [], "name it under remove", id="null"),
        pytest.param({"log-opts": {"max-size": "1m"}}, ["log-opts"], "listed under remove and set", id="parent"),
        pytest.param({"dns": []}, ["dns.0"], "listed under remove and set", id="child"),
        pytest.param({"dns": []}, ["debug", "dns"], "listed under remove and set", id="second"),
        pytest.param({}, [""], "is no key path", id="empty-path"),
        pytest.param({}, [["dns", 1]], "is no key path", id="number-in-path"),
        pytest.param({}, [7], "is no key path", id="number"),
    ],
)
def test_refuses_contradictions(settings, remove, reason):
    with pytest.raises(DaemonConfigError, match=reason):
        make_plan(current({}), settings, [to_path(path) for path in remove])


RELEASES = [
    pytest.param({}, LOGS, {}, id="absent-before"),
    pytest.param({"log-opts": {"tag": "x"}}, LOGS, {"log-opts": {"tag": "x"}}, id="neighbour-stays"),
    pytest.param({"log-opts": {}}, LOGS, {"log-opts": {}}, id="empty-object-was-there"),
    pytest.param({"log-driver": "journald"}, LOGS, {"log-driver": "journald"}, id="earlier-value-returns"),
    pytest.param({"dns": ["192.0.2.9"]}, {"dns": []}, {"dns": ["192.0.2.9"]}, id="earlier-list-returns"),
]


@pytest.mark.parametrize(("before", "settings", "after"), RELEASES)
def test_released_keys_go_back(before, settings, after):
    first = make_plan(current(before), settings)
    record = Record(first.leaves, "{}", ("/etc/docker/daemon.json.1~",))
    remembered = from_data(json.loads(json.dumps(to_data(record))))
    assert remembered == record
    last = make_plan(current(first.config), {}, owned=remembered.leaves)
    assert last.config == after
    assert last.leaves == ()


def test_a_second_value_does_not_forget_the_first_earlier_one():
    first = make_plan(current({"log-driver": "journald"}), {"log-driver": "json-file"})
    second = make_plan(current(first.config), {"log-driver": "local"}, owned=first.leaves)
    last = make_plan(current(second.config), {}, owned=second.leaves)
    assert last.config == {"log-driver": "journald"}


def test_a_key_changed_by_somebody_else_is_not_released():
    first = make_plan(current({}), {"debug": True})
    last = make_plan(current({"debug": False}), {}, owned=first.leaves)
    assert last.config == {"debug": False}


@pytest.mark.parametrize("data", [None, [], {}, {"version": 2, "leaves": []}, {"version": 1, "leaves": [{"path": []}]}])
def test_refuses_a_foreign_record(data):
    with pytest.raises(DaemonConfigError, match="unknown shape"):
        from_data(data)


@pytest.mark.parametrize(
    ("settings", "reload_keys", "restart_keys"),
    [
        pytest.param(NVIDIA, ("runtimes.nvidia.args", "runtimes.nvidia.path"), (), id="runtimes"),
        pytest.param({"default-runtime": "nvidia"}, ("default-runtime",), (), id="default-runtime"),
        pytest.param({"insecure-registries": ["192.0.2.7:5000"]}, ("insecure-registries",), (), id="registries"),
        pytest.param(LOGS, (), ("log-driver", "log-opts.max-file", "log-opts.max-size"), id="logs"),
        pytest.param({"debug": True, "data-root": "/data"}, ("debug",), ("data-root",), id="mixed"),
    ],
)
def test_restart_only_where_a_reload_does_not_do(settings, reload_keys, restart_keys):
    plan = make_plan(current({}), settings)
    assert (plan.reload_keys, plan.restart_keys) == (reload_keys, restart_keys)
    unchanged = make_plan(current(plan.config), settings)
    assert (unchanged.reload_keys, unchanged.restart_keys) == ((), ())


@pytest.mark.parametrize(
    ("original", "config", "text"),
    [
        pytest.param(ABSENT, {}, ABSENT, id="there-was-no-file"),
        pytest.param(ABSENT, {"debug": True}, None, id="no-file-but-somebody-elses-keys"),
        pytest.param('{"a":1,\n "b" : 2}', {"b": 2, "a": 1}, '{"a":1,\n "b" : 2}', id="byte-by-byte"),
        pytest.param('{"a": 1}', {"a": 2}, None, id="somebody-else-changed-it"),
        pytest.param("", {}, "", id="empty-file"),
    ],
)
def test_text_to_put_back(original, config, text):
    assert Record((OwnedLeaf(("x",), 1),), original).text_after(config) == text
