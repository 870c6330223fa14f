# SPDX-License-Identifier: GPL-3.0-or-later
"""The container engine."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare

from .machines import first, ids, machine

USERS = {"users": ["minikube"]}
PACKAGES = machine()["docker"]["packages"]


def engine(**changes):
    return {**machine()["docker"]["engine"], **changes}


def raised(wanted, name="reference", **changes):
    """Return the ids of what is not only told."""
    return sorted({check for check, act in ids("docker", wanted, name, **changes) if act != "tell"})


@pytest.mark.parametrize("source", ["distribution", "existing"])
def test_native_engine(source):
    assert ids("docker", {"source": source, **USERS}) == []


def test_a_bare_machine_gets_packages_and_settings_at_once():
    assert ids("docker", {}, "bare") == [("DOC010", "converge"), ("DOC011", "converge"), ("DOC011", "converge")]


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        pytest.param("DOC004", {"docker__snap": True}, id="snap"),
        pytest.param("DOC004", {"docker__engine": engine(root_dir="/var/snap/docker/common/x")}, id="snap-root-dir"),
        pytest.param("DOC005", {"docker__desktop_context": True}, id="desktop-context"),
        pytest.param("DOC005", {"docker__engine": engine(operating_system="Docker Desktop")}, id="desktop"),
        pytest.param("DOC006", {"docker__engine": engine(security_options=["name=rootless"])}, id="rootless"),
        pytest.param("DOC007", {"docker__packages": {**PACKAGES, "podman-docker": "4"}}, id="podman-package"),
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
    assert (finding.evidence["line"], finding.evidence["column"]) == (3, 5)
    assert finding.commands == ()


def test_the_last_copy_is_put_back_by_a_command():
    broken = {"exists": True, "valid": False, "error": "x", "backup": "/etc/docker/daemon.json.1~"}
    assert first("docker", USERS, docker__config=broken).commands == (
        "cp --preserve=all -- /etc/docker/daemon.json /etc/docker/daemon.json.broken",
        "cp --preserve=mode,ownership -- '/etc/docker/daemon.json.1~' /etc/docker/daemon.json",
    )


def test_invalid_config_without_a_line():
    broken = {"exists": True, "valid": False, "error": "it is a directory"}
    assert first("docker", USERS, docker__config=broken).subject == "/etc/docker/daemon.json"


STOPPED = {"docker__engine": None, "docker__due": {"kind": "start"}}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("absent", "does not exist"),
        ("refused", "not running"),
        ("stopped", "first caller"),
        ("silent", "hangs"),
        ("denied", "opened"),
        ("broken", "as an"),
    ],
)
def test_who_needs_an_engine_is_told_why_there_is_none(state, words):
    unit = {"load": "not-found"}
    wanted = {"requires": {"docker": {"running": True}}}
    report = compare("agent", machine(docker__socket=state, docker__unit=unit), wanted)
    finding = next(f for f in report.findings if f.id == "DOC001")
    assert finding.act == "refuse"
    assert words in finding.found


def test_what_only_role_docker_sets_is_nobody_elses_business():
    changes = {"docker__group_members": ["alex"], "docker__unit": {"load": "loaded", "active": "active"}}
    found = ids("agent", {"requires": {"docker": {"running": True}}}, docker__packages={}, **changes)
    assert [check for check, dummy in found if check.startswith("DOC")] == []


def test_an_engine_that_an_earlier_role_brings_is_told():
    found = ids("nvidia_ctk", {"requires": {"docker": {"running": True}}, "provided": ["docker"]}, "bare")
    assert ("DOC001", "tell") in found


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ({"load": "loaded", "active": "failed"}, "reset-failed"),
        ({"load": "loaded", "active": "failed", "result": "start-limit-hit"}, "has given up"),
        ({"load": "loaded", "active": "inactive"}, "systemctl start docker"),
    ],
    ids=["failed", "given-up", "stopped"],
)
def test_a_stopped_engine_is_for_its_role_to_start(unit, words):
    for state in ("refused", "stopped", "silent"):
        report = compare("docker", machine(docker__socket=state, docker__unit=unit, **STOPPED), USERS)
        finding = next(f for f in report.findings if f.id == "DOC001")
        assert finding.act == "converge"
        assert words in finding.fix
        assert finding.commands[-1] == "systemctl start docker.service"


def test_who_needs_an_engine_that_no_unit_is_known_of():
    report = compare("agent", machine(docker__socket="refused", docker__unit=None), {"requires": {"docker": NEEDED}})
    assert next(f for f in report.findings if f.id == "DOC001").fix == "start it: 'systemctl start docker'"
    missing = machine(docker__socket="absent", docker__unit={"load": "not-found"})
    report = compare("agent", missing, {"requires": {"docker": NEEDED}})
    assert "role docker" in next(f for f in report.findings if f.id == "DOC001").fix


NEEDED = {"running": True}


@pytest.mark.parametrize("state", ["silent", "denied", "broken"])
@pytest.mark.parametrize("unit", [{"load": "loaded", "active": "active", "enabled": "enabled"}, None])
def test_an_engine_that_no_role_can_mend_is_refused(state, unit):
    assert raised(USERS, docker__socket=state, docker__engine=None, docker__unit=unit) == ["DOC001"]


@pytest.mark.parametrize("active", ["active", "activating", "reloading"])
def test_a_unit_that_runs_without_its_socket_is_not_started_again(active):
    unit = {"load": "loaded", "active": active, "enabled": "enabled"}
    finding = first("docker", USERS, docker__socket="absent", docker__engine=None, docker__unit=unit)
    assert (finding.id, finding.act, finding.commands) == ("DOC001", "refuse", ())


def test_existing_engine_must_exist():
    assert ("DOC010", "refuse") in ids("docker", {"source": "existing"}, "bare")


@pytest.mark.parametrize(
    ("packages", "socket", "missing"),
    [
        pytest.param({"docker-ce": "5:29"}, "absent", [], id="the-vendors"),
        pytest.param({}, "answers", [], id="one-of-no-package"),
        pytest.param({}, "absent", ["docker.io"], id="none"),
    ],
)
def test_another_engine_is_adopted(packages, socket, missing):
    changes = {"docker__packages": packages, "docker__socket": socket, "docker__unit": {"load": "not-found"}}
    report = compare("docker", machine(**changes), USERS)
    assert [f.evidence["package"] for f in report.findings if f.id == "DOC010"] == missing


def test_each_release_has_its_packages():
    there = {"docker__packages": {"docker.io": "27"}, "host__version_id": "13"}
    report = compare("docker", machine(**there), USERS)
    assert [f.evidence["package"] for f in report.findings if f.id == "DOC010"] == ["docker-cli"]


def test_without_a_known_machine_nothing_is_said_of_packages():
    there = {name: version for name, version in PACKAGES.items() if name != "docker.io"}
    report = compare("docker", {**machine(docker__packages=there, docker__engine=None), "host": None}, USERS)
    assert [f.id for f in report.findings] == []


def config(**changes):
    return {**machine()["docker"]["config"], **changes}


FULL = {"log-driver": "a", "log-opts": {"max-size": "b"}}


@pytest.mark.parametrize(
    ("there", "owned", "full", "plain", "found"),
    [
        pytest.param({}, (), FULL, {}, ["DOC011", "DOC011"], id="nothing-there"),
        pytest.param({"debug": True}, (), FULL, {}, ["DOC011", "DOC011"], id="other-keys"),
        pytest.param({"log-driver": "x"}, ("log-driver",), FULL, {}, ["DOC011", "DOC011"], id="own-keys"),
        pytest.param({"log-driver": "x"}, (), FULL, {}, ["DOC017"], id="driver-of-somebody-else"),
        pytest.param({"log-opts": {"max-size": "x"}}, (), FULL, {}, ["DOC017"], id="options-of-somebody-else"),
        pytest.param({"log-driver": "x"}, (), FULL, FULL, ["DOC011", "DOC011"], id="named-in-the-inputs"),
        pytest.param({"log-driver": "x"}, (), {}, {}, [], id="no-rotation-wanted"),
    ],
)
def test_log_keys_of_somebody_else_stay(there, owned, full, plain, found):
    file = {"exists": True, "keys": list(there), "owned": list(owned), "settings": there}
    assert [
        check
        for check, dummy in ids("docker", {**USERS, "settings": full, "plain_settings": plain}, docker__config=file)
    ] == found


def test_lost_keys_of_the_runtime_have_commands_and_those_of_docker_have_none():
    report = compare("docker", machine(docker__config=config(settings={})), USERS)
    lost = {f.subject.split(": ")[1]: f for f in report.findings if f.id == "DOC003"}
    assert sorted(lost) == ["log-driver", "log-opts", "runtimes"]
    assert lost["log-opts"].commands == ()
    assert lost["runtimes"].commands[0].endswith("--nvidia-runtime-name=nvidia")


def test_a_default_runtime_that_was_lost_is_not_mended_by_a_command():
    records = {"nvidia_ctk": [{"path": ["default-runtime"], "value": "x"}]}
    report = compare("docker", machine(docker__config=config(records=records)), {**USERS, "settings": {}})
    assert [(f.id, f.act, f.commands) for f in report.findings] == [("DOC003", "tell", ())]


def test_an_unknown_key_is_told_only_where_the_engine_has_not_proven_it():
    keys = ["log-driver", "log-opts", "runtimes", "shiny"]
    assert ids("docker", USERS, docker__config=config(keys=keys)) == []
    assert ids("docker", USERS, docker__config=config(keys=keys, newer=True)) == [("DOC002", "tell")]


def test_flags_of_a_unit_that_was_not_seen_conflict_with_nothing():
    report = compare("docker", machine(docker__unit=None), USERS)
    assert [f.id for f in report.findings] == []
    assert [u.fact for u in report.unknown] == ["docker.unit"]


@pytest.mark.parametrize("fact", ["docker.group_members", "docker.users", "docker.due", "docker.packages"])
def test_facts_that_the_role_needs(fact):
    report = compare("docker", machine(**{fact.replace(".", "__"): None}), USERS)
    assert [u.fact for u in report.unknown] == [fact]


def test_members_beyond_the_inputs_are_told():
    finding = first("docker", {})
    assert (finding.id, finding.act, finding.commands) == ("DOC008", "tell", ("gpasswd --delete minikube docker",))


RESTART = {"kind": "restart", "reasons": ["mtu in daemon.json is read at start only"]}


@pytest.mark.parametrize(
    ("policy", "due", "act", "words"),
    [
        pytest.param("when_idle", RESTART, "converge", "", id="idle"),
        pytest.param("when_idle", {**RESTART, "containers": ["a"]}, "tell", "containers run: a", id="busy"),
        pytest.param("always", {**RESTART, "containers": ["a"]}, "converge", "", id="always"),
        pytest.param("always", {**RESTART, "containers": None}, "converge", "", id="always-asks-nobody"),
        pytest.param("never", RESTART, "tell", "is allowed 'never'", id="never"),
        pytest.param("never", {**RESTART, "reloadable": True}, "converge", "'never'", id="never-but-part-by-reload"),
        pytest.param("never", {"kind": "reload", "reasons": ["x"]}, "converge", "", id="a-reload-harms-nobody"),
    ],
)
def test_what_is_due_is_done_or_told_and_never_due_for_ever(policy, due, act, words):
    report = compare("docker", machine(docker__due=due), {**USERS, "restart": policy})
    assert [(f.id, f.act) for f in report.findings] == [("DOC013", act)]
    assert words in report.findings[0].fix
    assert report.unknown == ()


def test_containers_that_cannot_be_listed_keep_a_restart_from_being_done():
    report = compare("docker", machine(docker__due={**RESTART, "containers": None}), USERS)
    assert [u.fact for u in report.unknown] == ["docker.due.containers"]


@pytest.mark.parametrize("size", ["", "10m", "512K", "1048576"])
def test_sizes_that_docker_knows(size):
    assert ids("docker", {**USERS, "log_max_size": size}) == []


@pytest.mark.parametrize("size", ["ten", "10mb", "-1", "1.5g", "m", "10m\n"])
def test_other_sizes_are_refused(size):
    finding = first("docker", {**USERS, "log_max_size": size})
    assert (finding.id, finding.act, finding.subject) == ("DOC014", "refuse", "docker_log_max_size")


def test_no_file_is_no_number_of_files():
    assert first("docker", {**USERS, "log_max_file": 0}).subject == "docker_log_max_file"


def test_an_input_with_a_password_is_named():
    finding = first("docker", {**USERS, "secret_inputs": ["docker_proxy"]})
    assert (finding.act, finding.subject) == ("refuse", "docker_proxy")
    assert "holds a user or password" in finding.found


@pytest.mark.parametrize(
    ("packages", "versions", "told"),
    [
        pytest.param({"docker-ce": "x", "containerd.io": "y"}, {"Engine": "29.9.0"}, [], id="above"),
        pytest.param({"docker-ce": "x"}, {"Engine": "28.0.1"}, ["docker-engine"], id="below"),
        pytest.param({"docker.io": "20.10.24"}, {"Engine": "20.10.24"}, [], id="a-distributions"),
        pytest.param({"docker.io": "20", "containerd.io": "y"}, {"containerd": "v1.7.1"}, ["containerd"], id="mixed"),
        pytest.param(None, {"runc": "1.2.1"}, ["runc"], id="of-nobody"),
    ],
)
def test_floors(packages, versions, told):
    changes = {"docker__packages": packages, "docker__engine": engine(versions=versions)}
    report = compare("docker", machine(**changes), USERS)
    assert [f.subject for f in report.findings if f.id == "DOC009"] == told


def test_a_line_without_fixes_has_no_version_to_name():
    changes = {"docker__packages": {"docker-ce": "x"}, "docker__engine": engine(versions={"runc": "1.0.0"})}
    assert [f.id for f in compare("docker", machine(**changes), USERS).findings] == []


def test_a_distributions_package_is_one_on_an_unknown_machine_too():
    seen = {**machine(docker__engine=engine(versions={"runc": "1.2.1"})), "host": None}
    assert [f.id for f in compare("docker", seen, USERS).findings] == []


def test_a_rootless_engine_may_go_without_cgroups():
    changes = {"docker__engine": engine(security_options=["name=rootless"]), "nvidia_ctk__no_cgroups": True}
    assert ids("docker", USERS, **changes) == [("DOC006", "refuse")]
    assert ids("docker", USERS, nvidia_ctk__no_cgroups=True) == [("DOC006", "refuse")]


def test_without_a_toolkit_there_is_nothing_to_say_of_it():
    seen = {**machine(), "nvidia_ctk": None}
    assert compare("docker", seen, USERS).converged


def test_the_account_of_the_cluster_may_be_in_the_group():
    changes = {"docker__group_members": ["minikube", "alex"], "docker__cluster_accounts": ["minikube"]}
    found = [f for f in compare("docker", machine(**changes), {**USERS, "users": []}).findings if f.id == "DOC008"]
    assert [f.found for f in found] == ["alex"]
