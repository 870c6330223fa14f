# SPDX-License-Identifier: GPL-3.0-or-later
"""When the engine must start, reload or restart, and when it may."""

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker import due

HOOK = "/usr/bin/nvidia-container-runtime-hook"


def change(keys, restart, **more):
    rest = {"path": "/etc/docker/daemon.json", "backup": "", "absent_before": True, "digest": "d", **more}
    return due.ConfigChange(tuple(keys) if restart else (), () if restart else tuple(keys), **rest)


RUNTIMES = due.Pending().with_config(change(["runtimes.nvidia.path"], False), at=100.0)
LOGS = due.Pending().with_config(change(["log-driver"], True), at=100.0)
MISSING = due.Pending(programs=(HOOK,))

CASES = [
    pytest.param(False, None, due.Pending(), {}, due.START, id="dead"),
    pytest.param(True, 50.0, due.Pending(), {}, due.NONE, id="nothing-changed"),
    pytest.param(True, 50.0, LOGS, {}, due.RESTART, id="restart-key"),
    pytest.param(True, 50.0, RUNTIMES, {}, due.RELOAD, id="reload-key"),
    pytest.param(True, 150.0, LOGS, {}, due.NONE, id="engine-started-after-the-change"),
    pytest.param(True, 50.0, MISSING, {HOOK: None}, due.NONE, id="hook-still-missing"),
    pytest.param(True, 50.0, MISSING, {HOOK: 60.0}, due.RESTART, id="hook-came-after-the-start"),
    pytest.param(True, 70.0, MISSING, {HOOK: 60.0}, due.NONE, id="hook-was-there-at-the-start"),
    pytest.param(True, 50.0, due.Pending(), {HOOK: 60.0}, due.NONE, id="upgrade-of-the-hook"),
    pytest.param(True, 50.0, RUNTIMES.with_programs([HOOK]), {HOOK: 60.0}, due.RESTART, id="restart-covers-reload"),
    pytest.param(True, 110.0, RUNTIMES.with_programs([HOOK]), {HOOK: 120.0}, due.RESTART, id="hook-after-config"),
    pytest.param(True, 50.0, due.Pending().with_reasons(["proxy"], 60.0), {}, due.RESTART, id="other-reason"),
    pytest.param(True, 70.0, due.Pending().with_reasons(["proxy"], 60.0), {}, due.NONE, id="other-reason-done"),
    pytest.param(True, None, LOGS, {}, due.RESTART, id="start-time-not-known"),
]


@pytest.mark.parametrize(("active", "started", "pending", "installed", "kind"), CASES)
def test_decide(active, started, pending, installed, kind):
    found = due.decide(due.Engine(active, started), pending, installed)
    assert found.kind == kind
    assert bool(found.reasons) == (kind != due.NONE)


def test_a_runtime_that_the_engine_lacks_calls_for_a_reload_and_a_restart_brings_it_too():
    lacking = ["runtime nvidia"]
    for pending in (due.Pending(), RUNTIMES):
        found = due.decide(due.Engine(True, 50.0), pending, {}, lacking)
        assert found.kind == due.RELOAD
        assert found.reasons[-1] == "the engine lacks runtime nvidia of daemon.json"
    assert due.decide(due.Engine(True, 50.0), LOGS, {}, lacking).kind == due.RESTART


@pytest.mark.parametrize(
    ("may", "reloadable", "kind"),
    [(True, False, due.RESTART), (False, True, due.RELOAD), (False, False, due.NONE)],
)
def test_a_reload_stands_in_for_a_restart_that_may_not_be(may, reloadable, kind):
    assert due.instead(due.Due(due.RESTART), may, reloadable) == kind


@pytest.mark.parametrize(
    ("policy", "kind", "containers", "may"),
    [
        pytest.param("when_idle", due.RESTART, (), True, id="idle"),
        pytest.param("when_idle", due.RESTART, ("minikube (minikube node)",), False, id="cluster-runs"),
        pytest.param("always", due.RESTART, ("minikube (minikube node)",), True, id="forced"),
        pytest.param("never", due.RESTART, (), False, id="never"),
        pytest.param("never", due.RELOAD, ("db",), True, id="reload-harms-nobody"),
        pytest.param("never", due.START, (), True, id="start-harms-nobody"),
    ],
)
def test_allowed(policy, kind, containers, may):
    assert due.allowed(policy, due.Due(kind, ("why",)), containers) is may


def test_the_first_backup_is_the_way_back():
    first = due.Pending().with_config(change(["log-driver"], True, backup="one", absent_before=False), at=1.0)
    both = first.with_config(change(["runtimes.x.path"], False, backup="two", absent_before=False, digest="e"), at=2.0)
    assert (both.backup, both.absent_before, both.digest, both.changed_at) == ("one", False, "e", 2.0)
    assert (both.restart_keys, both.reload_keys) == (("log-driver",), ("runtimes.x.path",))


@pytest.mark.parametrize(
    ("started", "left"),
    [
        pytest.param(None, LOGS.with_programs([HOOK]), id="engine-does-not-run"),
        pytest.param(99.0, LOGS.with_programs([HOOK]), id="changed-after-the-start"),
        pytest.param(101.0, MISSING, id="engine-started-with-it"),
    ],
)
def test_a_start_takes_over_the_configuration_and_ends_the_way_back(started, left):
    assert LOGS.with_programs([HOOK]).open_since(started) == left


def test_note_survives_the_disk():
    pending = LOGS.with_programs([HOOK]).with_reasons(["proxy"], 100.0)
    assert due.Pending.from_data(json.loads(json.dumps(pending.to_data()))) == pending


@pytest.mark.parametrize("data", [None, [], "x", {}, {"changed_at": "soon"}])
def test_broken_note_counts_as_none(data):
    assert due.Pending.from_data(data) == due.Pending()


def test_note_of_a_program_outlives_a_restart_while_it_is_missing():
    assert due.still_missing(MISSING, {HOOK: None}) == (HOOK,)
    assert due.still_missing(MISSING, {HOOK: 60.0}) == ()


def test_container_names_tell_the_node():
    listing = [
        {"Names": ["/web"], "Labels": {}},
        {"Names": ["/minikube"], "Labels": {"created_by.minikube.sigs.k8s.io": "true"}},
        {"Names": [], "Id": "0123456789abcdef", "Labels": None},
    ]
    assert due.container_names(listing) == ("0123456789ab", "minikube (minikube node)", "web")
    assert due.container_names({"message": "no"}) == ()


@pytest.mark.parametrize(
    ("info", "config", "missing"),
    [
        pytest.param({"Runtimes": {"runc": {}}}, {"runtimes": {"nvidia": {}}}, ("runtime nvidia",), id="runtime"),
        pytest.param({"Runtimes": {"nvidia": {}}}, {"runtimes": {"nvidia": {}}}, (), id="taken-over"),
        pytest.param(
            {"Runtimes": {}, "DefaultRuntime": "runc"},
            {"default-runtime": "nvidia"},
            ("default runtime nvidia",),
            id="default-runtime",
        ),
        pytest.param(None, {"runtimes": {"nvidia": {}}}, ("runtime nvidia",), id="no-answer"),
        pytest.param({}, {"debug": True}, (), id="nothing-to-see"),
    ],
)
def test_not_taken_over(info, config, missing):
    assert due.not_taken_over(info, config) == missing


def test_complaints_leave_the_chatter_out():
    journal = [
        'time="x" level=info msg="Daemon shutdown complete"',
        "Starting docker.service - Docker Application Container Engine...",
        "unable to configure the Docker daemon",
        "Failed to start docker.service",
    ]
    assert due.complaints(journal) == "unable to configure the Docker daemon | Failed to start docker.service"
