# SPDX-License-Identifier: GPL-3.0-or-later
"""The container toolkit."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare

from .machines import first, ids, machine

PACKAGES = machine()["nvidia_ctk"]["packages"]
# A caller for whom the toolkit is somebody else's role.
AGENT = {"entity": "team-a", "api_key_length": 40, "base_url": "https://api.wandb.ai", "queues": [{"name": "q"}]}
NEEDED = {**AGENT, "requires": {"nvidia_ctk": {"installed": True}}}


def needed(wanted, *arguments, **changes):
    """What another component is told of the toolkit that it needs."""
    return [found for found in ids("agent", wanted, *arguments, **changes) if found[0].startswith("CTK")]


def of_all(version):
    return dict.fromkeys(PACKAGES, version)


def by_id(check, wanted, **changes):
    return [f for f in compare("nvidia_ctk", machine(**changes), wanted).findings if f.id == check]


def test_wanted_version_is_fine():
    assert ids("nvidia_ctk", {"version": "1.20.1"}) == []


def test_a_bare_machine_gets_everything():
    found = ids("nvidia_ctk", {"provided": ["docker"]}, "bare", docker__engine={"containers_running": 0})
    assert found == [
        ("CTK001", "converge"),
        ("CTK007", "converge"),
        ("CTK009", "converge"),
        ("CTK010", "converge"),
    ]


@pytest.mark.parametrize("version", ["1.19.0", "1.17.8"])
def test_versions_below_the_floor_are_refused(version):
    found = by_id("CTK008", {"version": version, "allow_downgrade": True})
    assert [(f.act, f.subject) for f in found] == [("refuse", "nvidia_ctk_version")]


@pytest.mark.parametrize("version", ["latest", "1.20.1.1.1", ""])
def test_text_that_is_no_version_is_named(version):
    assert by_id("CTK012", {"version": version})[0].found == f"'{version}' is no version"


def test_who_needs_the_toolkit():
    assert needed(NEEDED, "bare") == [("CTK001", "refuse")]
    assert needed({**NEEDED, "provided": ["nvidia_ctk"]}, "bare") == [("CTK001", "tell")]
    assert needed(NEEDED) == []


def test_what_only_its_role_sets_is_nobody_elses_business():
    changes = {"nvidia_ctk__keyring": {}, "nvidia_ctk__files": {}, "nvidia_ctk__sources": None}
    assert needed(NEEDED, **changes) == []


def test_a_toolkit_without_package_counts():
    assert needed(NEEDED, "bare", nvidia_ctk__hook=True) == []


def test_an_old_toolkit_is_told_to_who_needs_it():
    assert needed(NEEDED, nvidia_ctk__packages=of_all("1.17.0-1")) == [("CTK008", "tell")]


def test_skewed_packages_are_brought_to_one_version():
    finding = first("nvidia_ctk", {}, nvidia_ctk__packages={**PACKAGES, "libnvidia-container1": "1.17.8-1"})
    assert (finding.id, finding.act) == ("CTK003", "converge")
    assert "libnvidia-container1=1.20.1-1" in finding.commands[0]


def test_a_package_that_is_missing_is_brought_back():
    there = {name: version for name, version in PACKAGES.items() if name != "nvidia-container-toolkit"}
    finding = first("nvidia_ctk", {}, nvidia_ctk__packages=there)
    assert (finding.id, finding.act) == ("CTK011", "converge")
    assert "nvidia-container-toolkit absent" in finding.found


@pytest.mark.parametrize(
    ("installed", "wanted", "refused"),
    [
        pytest.param("1.21.0-1", "1.20.1", True, id="newer"),
        pytest.param("1.20.10-1", "1.20.1", True, id="newer-by-number"),
        pytest.param("1.20.1~rc.1-1", "1.20.1", False, id="its-candidate"),
        pytest.param("1.20.1-2", "1.20.1", False, id="another-packaging"),
        pytest.param("1.19.1-1", "1.20.1", False, id="older"),
        pytest.param("1.20.1-1", "latest", False, id="no-version"),
        pytest.param("odd", "1.20.1", False, id="no-version-there"),
    ],
)
def test_a_newer_toolkit_is_not_downgraded_unasked(installed, wanted, refused):
    there = {"nvidia_ctk__packages": {"libnvidia-container1": installed}}
    found = by_id("CTK011", {"version": wanted}, **there)
    assert ("refuse" in [f.act for f in found]) is refused
    asked = by_id("CTK011", {"version": wanted, "allow_downgrade": True}, **there)
    assert [f.act for f in asked] == ["converge"]


@pytest.mark.parametrize("fact", ["packages", "sources", "keyring", "hook", "cdi", "unlinked"])
def test_facts_that_the_role_needs(fact):
    report = compare("nvidia_ctk", machine(**{f"nvidia_ctk__{fact}": None}), {})
    assert [item.fact for item in report.unknown] == [f"nvidia_ctk.{fact}"]


@pytest.mark.parametrize("fact", ["docker", "docker.config", "docker.due"])
def test_facts_of_the_engine_that_the_role_needs(fact):
    report = compare("nvidia_ctk", machine(**{fact.replace(".", "__"): None}), {})
    assert [item.fact for item in report.unknown] == [fact]


def test_a_broken_daemon_config_is_the_engines_finding():
    assert ids("nvidia_ctk", {}, docker__config={"exists": True, "valid": False}) == []


THEIRS = "/etc/apt/sources.list.d/nvidia-container-toolkit.list"
OWN = "/etc/apt/sources.list.d/nvidia-container-toolkit.sources"
URI = "https://nvidia.github.io/libnvidia-container/stable/deb/amd64"


@pytest.mark.parametrize(
    ("sources", "url", "refused"),
    [
        pytest.param([(OWN, URI)], None, False, id="own"),
        pytest.param([(OWN, URI), (THEIRS, URI)], None, True, id="two-entries"),
        pytest.param([(THEIRS, URI)], f"{URI}/", True, id="slash-at-the-end"),
        pytest.param([(THEIRS, "https://mirror.example.org")], None, False, id="another-repository"),
    ],
)
def test_a_second_source_of_the_repository_is_refused(sources, url, refused):
    there = [{"file": file, "uri": uri} for file, uri in sources]
    wanted = {"repository_url": url} if url else {}
    found = by_id("CTK014", wanted, nvidia_ctk__sources=there)
    assert [(f.act, f.subject) for f in found] == ([("refuse", THEIRS)] if refused else [])


@pytest.mark.parametrize(
    ("socket", "engine", "words"),
    [
        pytest.param("answers", {"containers_running": 0}, "", id="idle"),
        pytest.param("answers", {"containers_running": 2}, "2 containers run", id="busy"),
        pytest.param("answers", {"containers_running": None}, "an unknown number of containers run", id="not-said"),
        pytest.param("answers", None, "an unknown number of containers run", id="no-answer"),
        pytest.param("stopped", None, "", id="no-daemon-runs-no-containers"),
    ],
)
def test_an_engine_that_may_run_containers_is_not_restarted(socket, engine, words):
    changes = {"docker__socket": socket, "docker__engine": engine, "nvidia_ctk__hook": False}
    found = by_id("CTK013", {}, **changes)
    assert [f.act for f in found] == (["refuse"] if words else [])
    assert all(words in f.found for f in found)
    assert by_id("CTK013", {"restart": "always"}, **changes) == []
    assert len(by_id("CTK013", {"restart": "never"}, **changes)) == 1


def test_a_restart_that_is_not_allowed_is_told():
    due = {"kind": "restart", "reasons": ["the hook was installed later"]}
    finding = first("nvidia_ctk", {"restart": "never"}, docker__due=due)
    assert (finding.id, finding.act) == ("CTK002", "tell")
    assert "nvidia_ctk_restart: always" in finding.fix


def spec(**changes):
    return {"file": "/etc/cdi/x.yaml", "kind": "nvidia.com/gpu", **changes}


@pytest.mark.parametrize(
    ("specs", "seen", "words"),
    [
        pytest.param([spec(kind="nvidia.com/gds")], {}, [], id="another-kind"),
        pytest.param(
            [spec(nodes=["/dev/nvidia0"])], {}, ["it lacks /dev/nvidia1, /dev/nvidia2, /dev/nvidia3"], id="gpu"
        ),
        pytest.param([spec(versions=["1.2"])], {"gpu": None}, [], id="no-gpus-observed"),
        pytest.param([spec(versions=["1.2"])], {"gpu": {"nvml": None}}, [], id="no-driver"),
        pytest.param([spec(missing=["/dev/x"])], {"gpu": None}, ["it names /dev/x, which isn't there"], id="device"),
        pytest.param(
            [spec(versions=["1.2"])],
            {"gpu": {"module_version": "525.1", "nvml": None}},
            ["it is for driver 1.2, 525.1 is loaded"],
            id="driver",
        ),
    ],
)
def test_specifications_of_cdi(specs, seen, words):
    report = compare("nvidia_ctk", {**machine(nvidia_ctk__cdi=specs), **seen}, {})
    assert [f.found for f in report.findings if f.id == "CTK005"] == words


def test_a_gpu_without_a_number_is_not_looked_for():
    nvml = {"state": "ok", "gpus": [{"index": 0, "minor": None}]}
    assert ids("nvidia_ctk", {}, nvidia_ctk__cdi=[spec()], gpu__nvml=nvml) == []


@pytest.mark.parametrize(
    ("driver", "found"), [("systemd", [("CTK004", "tell")]), ("cgroupfs", [])], ids=["systemd", "cgroupfs"]
)
def test_links_matter_to_systemd_only(driver, found):
    engine = {**machine()["docker"]["engine"], "cgroup_driver": driver}
    assert ids("nvidia_ctk", {}, docker__engine=engine, nvidia_ctk__unlinked=["/dev/nvidia0"]) == found


def test_without_an_engine_neither_links_nor_variables_matter():
    changes = {"nvidia_ctk__unlinked": ["/dev/nvidia0"]}
    assert needed(NEEDED, docker=None, **changes) == []


@pytest.mark.parametrize(("flag", "found"), [(None, ["CTK006"]), (True, ["CTK006"]), (False, [])])
def test_a_default_runtime_that_obeys_images(flag, found):
    engine = {**machine()["docker"]["engine"], "default_runtime": "nvidia"}
    report = compare("nvidia_ctk", machine(docker__engine=engine, nvidia_ctk__envvar=flag), {})
    assert [f.id for f in report.findings] == found
