# SPDX-License-Identifier: GPL-3.0-or-later
"""What minikube_gpu hands to its comparison, what its unit says, and what its teardown goes by."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.cluster import SETTINGS, ClusterWanted
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import states_of, wanted_from_dict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.docker import CLUSTER_COMMENT

ROLE = Path(__file__).resolve().parents[3] / "roles" / "minikube_gpu"


def trusted(value):
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


def templar(**given):
    parts = [yaml.safe_load((ROLE / part / "main.yml").read_text(encoding="utf-8")) for part in ("defaults", "vars")]
    variables = {**trusted({**parts[0], **parts[1]}), "ansible_managed": "managed", **given}
    return Templar(loader=DataLoader(), variables=variables)


def read(expression, **given):
    return templar(**given).template(trust_as_template("{{ " + expression + " }}"))


def wanted(**given):
    data = dict(read("__minikube_gpu_wanted", **given))
    own = {key: value for key, value in data.items() if key not in ("requires", "provided")}
    states_of({"cluster": data}, ["host", "gpu", "docker", "nvidia_ctk", "cluster"])  # refuses unknown keys
    return wanted_from_dict("cluster", own)


def test_the_comparisons_defaults_are_the_roles():
    found, defaults = wanted(), ClusterWanted()
    given = ("checksums", "unit_sha256", "addresses", "running")
    names = [name for name in vars(defaults) if name not in given]
    assert {name: getattr(found, name) for name in names} == {name: getattr(defaults, name) for name in names}
    assert sorted(found.checksums) == ["amd64", "arm64"]
    assert all(checksum.startswith("sha256:") for checksum in found.checksums.values())


def test_the_account_bears_the_comment_by_which_it_is_known():
    tasks = yaml.safe_load((ROLE / "tasks/install.yml").read_text(encoding="utf-8"))
    comments = [task["ansible.builtin.user"].get("comment") for task in tasks if "ansible.builtin.user" in task]
    assert [comment for comment in comments if comment is not None] == [CLUSTER_COMMENT]


def test_wanted_comes_from_inputs_alone():
    assert wanted(minikube_gpu_job={"cpu": "4", "gpus": 2, "memory": None}).job.gpus == 2
    assert wanted(minikube_gpu_version="v1.99.0").known_version is False
    assert set(wanted(minikube_gpu_checksum="sha256:x").checksums.values()) == {"sha256:x"}


@pytest.mark.parametrize(
    ("given", "root"),
    [
        pytest.param({}, "/var/lib/docker", id="alone"),
        pytest.param({"docker_settings": {}}, "/var/lib/docker", id="beside-role-docker"),
        pytest.param({"docker_settings": {"data-root": "/mnt/docker"}}, "/mnt/docker", id="moved-by-role-docker"),
    ],
)
def test_room_is_asked_for_where_images_and_the_cluster_are(given, root):
    host = read("__minikube_gpu_wanted", **given)["requires"]["host"]
    assert host["free_mib"] == {root: 1024, "/var/lib/minikube-gpu": 512}
    assert host["data_root"] == wanted(**given).data_root == root


URL = "http://alex:hidden@mirror.example/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("minikube_gpu_proxy", {"https": URL}, id="proxy"),
        pytest.param("minikube_gpu_proxy", {"http": "alex:hidden@mirror.example:3128"}, id="proxy without a scheme"),
        pytest.param("minikube_gpu_download_url", URL, id="download"),
        pytest.param("minikube_gpu_binary_mirror", URL, id="mirror"),
        pytest.param("minikube_gpu_image_archives", [{"url": URL, "checksum": "x"}], id="archive"),
        pytest.param("minikube_gpu_registry_mirrors", ["http://m", URL], id="registry mirror"),
    ],
)
def test_a_password_in_an_address_is_not_handed_on(name, value):
    found = wanted(**{name: value})
    assert "*@" in found.addresses[name]
    assert "hidden" not in repr(found)


def unit(**given):
    text = (ROLE / "templates/minikube-gpu.service.j2").read_text(encoding="utf-8")
    return templar(**given).template(trust_as_template(text))


def test_the_unit_keeps_a_percent_sign_and_names_the_programs_by_path():
    text = unit(minikube_gpu_proxy={"https": "http://proxy.example/a%20b"})
    assert 'Environment="HTTPS_PROXY=http://proxy.example/a%%20b"' in text
    folder = "/usr/local/lib/mlinfra.gpu_launch/bin/minikube"
    assert text.count(folder) == text.count("/minikube s") == 3
    assert "\nExecStartPost=/bin/rm -f /var/lib/minikube-gpu/.minikube.creating\n" in text


def test_the_wanted_unit_is_another_one_with_other_inputs():
    assert wanted().unit_sha256 != wanted(minikube_gpu_start_timeout=900).unit_sha256
    assert len(wanted().unit_sha256[0]) == 64


def test_the_settings_that_are_compared_are_those_that_are_written():
    tasks = yaml.safe_load((ROLE / "tasks/install.yml").read_text(encoding="utf-8"))
    (content,) = (t["ansible.builtin.copy"]["content"] for t in tasks if "settings hold nothing" in t["name"])
    written = templar().template(trust_as_template(content))
    assert hashlib.sha256(written.encode()).hexdigest() == hashlib.sha256(SETTINGS.encode()).hexdigest()


def entry(kind, subject, state, **more):
    return {"kind": kind, "subject": subject, "earlier": {"state": state}, **more}


MINE = entry("profile", "mk", "absent", home="/srv/m", user="mk")


@pytest.mark.parametrize(
    ("entries", "homes"),
    [
        pytest.param([MINE, entry("directory", "/srv/m", "absent")], ["/srv/m"], id="made by the role"),
        pytest.param([MINE, entry("directory", "/srv/m", "present")], [], id="there before"),
        pytest.param([entry("directory", "/opt/x", "absent")], [], id="no home"),
        pytest.param([], [], id="nothing recorded"),
    ],
)
def test_teardown_empties_only_homes_that_the_role_made(entries, homes):
    assert list(read("__minikube_gpu_homes", __ledger_entries=entries)) == homes


def test_teardown_takes_the_mark_of_a_creation_along():
    assert ".mk.creating" in read("__minikube_gpu_left", __ledger_entries=[MINE])
