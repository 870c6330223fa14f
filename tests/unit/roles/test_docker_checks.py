# SPDX-License-Identifier: GPL-3.0-or-later
"""What docker and nvidia_ctk refuse, and which log keys docker sets: their variables, as Ansible evaluates them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROOT = Path(__file__).resolve().parents[3]


def evaluated(role, name, facts, **inputs):
    """Return a variable of a role on the reference machine; facts are (component, key, value)."""
    observed = json.loads((ROOT / "tests/fixtures/observations/reference.json").read_text())
    for component, key, value in facts:
        observed[component][key] = value
    loader = DataLoader()
    variables = {
        "role_path": str(ROOT / "roles" / role),
        f"__{role}_seen": {"observed": observed},
        "__docker_accounts": {"results": []},
    }
    for part in ("defaults", "vars"):
        variables.update(loader.load_from_file(str(ROOT / f"roles/{role}/{part}/main.yml"), trusted_as_template=True))
    return Templar(loader, {**variables, **inputs}).template(trust_as_template("{{ " + name + " }}"))


def refusals(role, *facts, **inputs):
    return " | ".join(evaluated(role, f"__{role}_refusals", facts, **inputs))


@pytest.mark.parametrize("role", ["docker", "nvidia_ctk"])
def test_the_reference_machine_is_accepted(role):
    assert refusals(role) == ""


@pytest.mark.parametrize("size", ["", "10m", "512K", "1048576"])
def test_sizes_that_docker_knows(size):
    assert refusals("docker", docker_log_max_size=size) == ""


@pytest.mark.parametrize("size", ["ten", "10mb", "-1", "1.5g", "m"])
def test_other_sizes_are_refused(size):
    assert f"docker_log_max_size is '{size}'" in refusals("docker", docker_log_max_size=size)


@pytest.mark.parametrize(
    ("role", "name", "value"),
    [
        pytest.param("docker", "docker_proxy", {"http": "http://me:word@proxy:3128"}, id="proxy"),
        pytest.param("docker", "docker_proxy", {"https": "me:word@proxy:3128"}, id="proxy-without-scheme"),
        pytest.param("docker", "docker_registry_mirrors", ["https://ok", "https://me:word@mirror"], id="mirror"),
        pytest.param("nvidia_ctk", "nvidia_ctk_proxy", {"http": "http://me:word@proxy"}, id="proxy-of-the-toolkit"),
        pytest.param("nvidia_ctk", "nvidia_ctk_repository_url", "https://me:word@mirror/deb", id="repository"),
        pytest.param("nvidia_ctk", "nvidia_ctk_repository_key_url", "https://me:word@mirror/key", id="key"),
    ],
)
def test_user_and_password_in_an_address_are_refused_and_not_repeated(role, name, value):
    text = refusals(role, **{name: value})
    assert name in text
    assert "holds a user or password" in text
    assert "word@" not in text


def test_an_address_may_have_an_at_sign_elsewhere():
    assert refusals("nvidia_ctk", nvidia_ctk_repository_key_url="https://mirror/@nvidia/key") == ""


def config(*keys, owned=()):
    return ("docker", "config", {"exists": True, "keys": list(keys), "owned": list(owned)})


ROTATED = ["log-driver", "log-opts"]


@pytest.mark.parametrize(
    ("there", "settings", "keys"),
    [
        pytest.param(config(), {}, ROTATED, id="nothing-there"),
        pytest.param(config("debug"), {}, ROTATED, id="other-keys"),
        pytest.param(config(*ROTATED, owned=ROTATED), {}, ROTATED, id="own-keys"),
        pytest.param(config("log-driver"), {}, [], id="driver-of-somebody-else"),
        pytest.param(config("log-opts"), {}, [], id="options-of-somebody-else"),
        pytest.param(config("log-driver"), {"log-driver": "local"}, ROTATED, id="named-in-the-inputs"),
        pytest.param(config("log-driver"), {"log-opts": {"tag": "x"}}, ["log-opts"], id="only-options-named"),
        pytest.param(config(), {"log-driver": "journald"}, ["log-driver"], id="driver-without-rotation"),
    ],
)
def test_log_keys_of_somebody_else_stay(there, settings, keys):
    assert sorted(evaluated("docker", "__docker_settings", [there], docker_settings=settings)) == keys


def source(file, uri="https://nvidia.github.io/libnvidia-container/stable/deb/amd64"):
    return {"file": file, "uri": uri}


OWN = "/etc/apt/sources.list.d/nvidia-container-toolkit.sources"
THEIRS = "/etc/apt/sources.list.d/nvidia-container-toolkit.list"


@pytest.mark.parametrize(
    ("sources", "url", "refused"),
    [
        pytest.param([source(OWN)], "", False, id="own"),
        pytest.param([source(OWN), source(THEIRS)], "", True, id="two-entries"),
        pytest.param([source(THEIRS)], "https://nvidia.github.io/libnvidia-container/stable/deb/amd64/", True, id="/"),
        pytest.param([source(THEIRS, "https://mirror.example.org")], "", False, id="another-repository"),
    ],
)
def test_a_second_source_of_the_repository_is_refused(sources, url, refused):
    inputs = {"nvidia_ctk_repository_url": url} if url else {}
    assert (THEIRS in refusals("nvidia_ctk", ("nvidia_ctk", "sources", sources), **inputs)) is refused


@pytest.mark.parametrize(
    ("installed", "wanted", "refused"),
    [
        pytest.param("1.21.0-1", "1.20.1", True, id="newer"),
        pytest.param("1.20.10-1", "1.20.1", True, id="newer-by-number"),
        pytest.param("1.20.1~rc.1-1", "1.20.1", False, id="its-candidate"),
        pytest.param("1.20.1-2", "1.20.1", False, id="another-packaging"),
        pytest.param("1.19.1-1", "1.20.1", False, id="older"),
        pytest.param("1.20.1-1", "latest", False, id="no-version"),
    ],
)
def test_a_newer_toolkit_is_not_downgraded_unasked(installed, wanted, refused):
    there = ("nvidia_ctk", "packages", {"libnvidia-container1": installed})
    assert ("nvidia_ctk_allow_downgrade" in refusals("nvidia_ctk", there, nvidia_ctk_version=wanted)) is refused
    asked = {"nvidia_ctk_version": wanted, "nvidia_ctk_allow_downgrade": "true"}
    assert "nvidia_ctk_allow_downgrade" not in refusals("nvidia_ctk", there, **asked)


@pytest.mark.parametrize(
    ("socket", "engine", "words"),
    [
        pytest.param("answers", {"containers_running": 0}, "", id="idle"),
        pytest.param("answers", {"containers_running": 2}, "2 containers run", id="busy"),
        pytest.param("answers", {"containers_running": None}, "an unknown number of containers run", id="not-said"),
        pytest.param("answers", None, "an unknown number of containers run", id="no-answer"),
    ],
)
def test_an_engine_that_may_run_containers_is_not_restarted(socket, engine, words):
    facts = [("docker", "socket", socket), ("docker", "engine", engine), ("nvidia_ctk", "hook", False)]
    assert words in refusals("nvidia_ctk", *facts)
    assert ("containers run" in refusals("nvidia_ctk", *facts)) is bool(words)


def test_no_daemon_runs_no_containers():
    facts = [("docker", "socket", "absent"), ("docker", "engine", None), ("nvidia_ctk", "hook", False)]
    assert refusals("nvidia_ctk", *facts, nvidia_ctk_site=["docker"]) == ""


def test_a_broken_keyring_counts_as_none():
    assert evaluated("nvidia_ctk", "__nvidia_ctk_trusted", [], __nvidia_ctk_key_there={"content": "eA=="}) == []
