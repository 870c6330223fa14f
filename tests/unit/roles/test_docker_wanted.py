# SPDX-License-Identifier: GPL-3.0-or-later
"""What docker and nvidia_ctk want by their inputs: their variables as Ansible evaluates them, without a host."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROOT = Path(__file__).resolve().parents[3]
DROPIN = "/etc/systemd/system/docker.service.d/mlinfra-gpu-launch-proxy.conf"
SOURCES = "/etc/apt/sources.list.d/nvidia-container-toolkit.sources"


def evaluated(role, name, **inputs):
    """Return a variable of a role at the level of a play."""
    loader = DataLoader()
    variables = {"inventory_hostname": "node"}
    for part in ("defaults", "vars"):
        variables.update(loader.load_from_file(str(ROOT / f"roles/{role}/{part}/main.yml"), trusted_as_template=True))
    return Templar(loader, {**variables, **inputs}).template(trust_as_template("{{ " + name + " }}"))


def wanted(role, **inputs):
    return evaluated(role, f"__{role}_wanted", **inputs)


@pytest.mark.parametrize(
    ("settings", "root"),
    [pytest.param({}, "/var/lib/docker", id="default"), pytest.param({"data-root": "/mnt/d"}, "/mnt/d", id="moved")],
)
def test_room_is_asked_for_at_the_data_root(settings, root):
    host = wanted("docker", docker_settings=settings)["requires"]["host"]
    assert (host["free_mib"], host["data_root"]) == ({root: 1024}, root)


def findings(role, name, **inputs):
    """Return (id, act) of what the comparison says to a recorded machine."""
    from ansible_collections.mlinfra.gpu_launch.plugins.filter.findings import findings as compared

    observed = json.loads((ROOT / f"tests/fixtures/observations/{name}.json").read_text())
    if role == "nvidia_ctk" and name == "reference":
        text = evaluated(role, "__nvidia_ctk_sources_text", **inputs)
        observed[role]["files"][SOURCES]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return [(item["id"], item["act"]) for item in compared(observed, role, wanted(role, **inputs))]


def test_the_reference_machine_is_as_the_defaults_want_it():
    assert findings("docker", "reference", docker_users=["minikube"]) == []
    assert findings("nvidia_ctk", "reference") == []


def test_the_defaults_of_the_role_are_those_of_the_wanted_state():
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import wanted_from_dict

    for role in ("docker", "nvidia_ctk"):
        mine = {key: value for key, value in wanted(role).items() if key not in ("requires", "provided")}
        told, default = (to_plain(wanted_from_dict(role, part)) for part in (mine, {}))
        told.get("files", {}).get(SOURCES, {})["sha256"] = []  # its content is not a default of the state
        assert told == default


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
def test_user_and_password_in_an_address_are_named_and_do_not_travel(role, name, value):
    found = wanted(role, **{name: value})
    assert found["secret_inputs"] == [name]
    assert "word" not in json.dumps(found)
    assert ("DOC014" if role == "docker" else "CTK012", "refuse") in findings(role, "bare", **{name: value})


def test_an_address_may_have_an_at_sign_elsewhere():
    assert wanted("nvidia_ctk", nvidia_ctk_repository_key_url="https://mirror/@nvidia/key")["secret_inputs"] == []


def test_values_of_settings_do_not_travel():
    secret = {"proxies": {"http-proxy": "http://me:word@proxy"}}
    found = wanted("docker", docker_settings=secret)
    assert list(found["plain_settings"]["proxies"]) == ["http-proxy"]
    assert "word" not in json.dumps(found)


ROTATED = ["log-driver", "log-opts"]


@pytest.mark.parametrize(
    ("inputs", "full", "plain"),
    [
        pytest.param({}, ROTATED, [], id="defaults"),
        pytest.param({"docker_log_max_size": ""}, [], [], id="no-rotation"),
        pytest.param({"docker_settings": {"log-driver": "local"}}, ROTATED, ["log-driver"], id="driver-named"),
        pytest.param({"docker_settings": {"log-opts": {"tag": "x"}}}, ROTATED, ["log-opts"], id="options-named"),
        pytest.param({"docker_settings": {"log-driver": "journald"}}, ["log-driver"], ["log-driver"], id="no-files"),
        pytest.param({"docker_registry_mirrors": ["https://m"]}, [*ROTATED, "registry-mirrors"], ["registry-mirrors"],
                     id="mirrors"),
    ],
)  # fmt: skip
def test_settings_with_and_without_rotation(inputs, full, plain):
    found = wanted("docker", **inputs)
    assert (sorted(found["settings"]), sorted(found["plain_settings"])) == (full, plain)


@pytest.mark.parametrize(("ids", "keys"), [(["DOC017"], ["debug"]), (["DOC011"], ["debug", *ROTATED])])
def test_the_tasks_set_what_the_comparison_chose(ids, keys):
    found = [{"id": name} for name in ids]
    settings = evaluated("docker", "__docker_settings", __docker_findings=found, docker_settings={"debug": True})
    assert sorted(settings) == keys


def test_the_packages_to_install_come_with_the_findings():
    found = [{"id": "DOC010", "evidence": {"package": "docker.io"}}, {"id": "DOC011", "evidence": {}}]
    assert evaluated("docker", "__docker_missing", __docker_findings=found) == ["docker.io"]


def test_the_drop_in_is_that_of_the_proxy_or_none():
    proxy = {"http": "http://p:3128", "no_proxy": "a,b%c"}
    text = evaluated("docker", "__docker_dropin_text", docker_proxy=proxy)
    assert text.splitlines()[-3:] == [
        "[Service]",
        'Environment="HTTP_PROXY=http://p:3128"',
        'Environment="NO_PROXY=a,b%%c"',
    ]
    assert text.endswith('"\n')
    assert wanted("docker", docker_proxy=proxy)["files"][DROPIN] == {
        "kind": "file",
        "sha256": [hashlib.sha256(text.encode()).hexdigest()],
        "mode": "0600",
        "owner": "root",
        "group": "root",
    }
    assert wanted("docker")["files"] == {DROPIN: {"kind": "absent"}}


def test_the_source_of_apt_is_of_the_form_deb822():
    lines = evaluated("nvidia_ctk", "__nvidia_ctk_sources_text", nvidia_ctk_repository_url="http://m/$(ARCH)").split(
        "\n"
    )
    assert lines[2:] == [
        "Types: deb",
        "URIs: http://m/$(ARCH)",
        "Suites: /",
        "Signed-By: /etc/apt/keyrings/nvidia-container-toolkit.asc",
        "",
    ]


@pytest.mark.parametrize("tags", [(["docker_install"], []), (["all"], ["docker_configure"])])
def test_a_run_of_some_tags_proves_nothing(tags):
    run, skip = tags
    assert evaluated("docker", "__docker_partly", ansible_run_tags=run, ansible_skip_tags=skip) is True
    assert evaluated("docker", "__docker_partly", ansible_run_tags=["docker"], ansible_skip_tags=[]) is False
