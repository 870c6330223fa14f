# SPDX-License-Identifier: GPL-3.0-or-later
"""The container engine."""

import pytest

from .machines import first, ids, machine

USERS = {"users": ["minikube"]}


def engine(**changes):
    return {**machine()["docker"]["engine"], **changes}


@pytest.mark.parametrize("name", ["reference", "bare"])
@pytest.mark.parametrize("source", ["distribution", "vendor"])
def test_native_engine_or_none(name, source):
    assert ids("docker", {"source": source, **USERS}, name) == []


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        pytest.param("DOC004", {"docker__snap": True}, id="snap"),
        pytest.param("DOC004", {"docker__engine": engine(root_dir="/var/snap/docker/common/x")}, id="snap-root-dir"),
        pytest.param("DOC005", {"docker__desktop_context": True}, id="desktop-context"),
        pytest.param("DOC005", {"docker__engine": engine(operating_system="Docker Desktop")}, id="desktop"),
        pytest.param("DOC006", {"docker__engine": engine(security_options=["name=rootless"])}, id="rootless"),
        pytest.param("DOC007", {"docker__packages": {"podman-docker": "4.3"}}, id="podman-package"),
        pytest.param("DOC007", {"docker__engine": engine(components=["Podman Engine"])}, id="podman-answers"),
    ],
)
def test_other_engines_are_refused_and_never_removed(check, changes):
    assert ids("docker", USERS, **changes) == [(check, "refuse")]


def test_invalid_config_names_line_and_column():
    broken = {"exists": True, "valid": False, "error": "a comment is not allowed in JSON", "line": 3, "column": 5}
    finding = first("docker", {**USERS, "config_path": "/etc/docker/other.json"}, docker__config=broken)
    assert (finding.id, finding.act) == ("DOC002", "refuse")
    assert finding.subject == "/etc/docker/other.json line 3 column 5"
    assert finding.evidence == {"line": 3, "column": 5}


def test_invalid_config_without_a_line():
    broken = {"exists": True, "valid": False, "error": "it is a directory"}
    assert first("docker", USERS, docker__config=broken).subject == "/etc/docker/daemon.json"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("absent", "does not exist"),
        ("refused", "not running"),
        ("silent", "hangs"),
        ("denied", "opened"),
        ("broken", "as an"),
    ],
)
def test_who_needs_an_engine_is_told_why_there_is_none(state, words):
    finding = first("docker", {"running": True, **USERS}, docker__socket=state)
    assert (finding.id, finding.act) == ("DOC001", "refuse")
    assert words in finding.found


def test_an_engine_that_an_earlier_role_brings_is_told():
    assert ids("nvidia_ctk", {"requires": {"docker": {"running": True}}, "provided": ["docker"]}, "bare") == [
        ("DOC001", "tell")
    ]


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ({"load": "not-found"}, "role docker"),
        ({"load": "loaded", "active": "failed"}, "reset-failed"),
        ({"load": "loaded", "active": "inactive"}, "systemctl start docker"),
        (None, "systemctl start docker"),
    ],
    ids=["absent", "failed", "stopped", "not-seen"],
)
def test_way_out_depends_on_the_unit(unit, words):
    assert words in first("docker", {"running": True, **USERS}, docker__socket="refused", docker__unit=unit).fix


@pytest.mark.parametrize("state", ["silent", "denied", "broken"])
@pytest.mark.parametrize("wanted", [{"running": True}, {}, {"source": "existing"}], ids=["needed", "own", "existing"])
def test_an_engine_that_no_role_can_mend_is_refused(state, wanted):
    assert ids("docker", {**wanted, **USERS}, docker__socket=state) == [("DOC001", "refuse")]


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        pytest.param({"load": "loaded", "active": "inactive"}, [], id="starts-by-its-socket"),
        pytest.param({"load": "loaded", "active": "failed"}, [], id="failed"),
        pytest.param({"load": "loaded", "active": "active"}, [("DOC001", "refuse")], id="runs-and-hangs"),
        pytest.param({"load": "not-found"}, [("DOC001", "refuse")], id="of-somebody-else"),
        pytest.param(None, [("DOC001", "refuse")], id="not-seen"),
    ],
)
def test_a_silent_socket_of_a_stopped_unit_is_for_the_role_to_start(unit, found):
    assert ids("docker", USERS, docker__socket="silent", docker__unit=unit) == found


def test_existing_engine_must_exist():
    assert ids("docker", {"source": "existing"}, "bare") == [("DOC010", "refuse")]
    assert ids("docker", {"source": "existing", **USERS}) == []


def test_members_beyond_the_inputs_are_told():
    assert ids("docker", {}) == [("DOC008", "tell")]
