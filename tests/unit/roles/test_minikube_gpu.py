# SPDX-License-Identifier: GPL-3.0-or-later
"""What minikube_gpu refuses before its first change, what its unit says, and what its teardown goes by."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).resolve().parents[3] / "roles" / "minikube_gpu"
HOST = {"arch": "x86_64", "cpus": 16, "memory_mib": 61440}
SUM = "sha256:" + "a" * 64


def trusted(value):
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


def templar(host=None, **given):
    parts = [yaml.safe_load((ROLE / part / "main.yml").read_text(encoding="utf-8")) for part in ("defaults", "vars")]
    gpus = [{"uuid": f"GPU-{number}"} for number in range(4)]
    seen = {"observed": {"host": host or HOST, "gpu": {"nvml": {"gpus": gpus}}, "cluster": {}}}
    variables = {
        **trusted({**parts[0], **parts[1]}),
        "__minikube_gpu_seen": seen,
        "__minikube_gpu_accounts": {},
        **given,
    }
    return Templar(loader=DataLoader(), variables=variables)


def read(expression, **given):
    return templar(**given).template(trust_as_template("{{ " + expression + " }}"))


def refusals(**given):
    return [check["text"] for check in read("__minikube_gpu_checks", **given) if check["refused"]]


def archive(checksum=SUM, url="http://mirror.example/cluster.tar"):
    return [{"url": url, "checksum": checksum}]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="defaults"),
        pytest.param({"minikube_gpu_cpus": 2}, id="two CPUs"),
        pytest.param({"minikube_gpu_image_archives": archive(), "minikube_gpu_kubectl_checksum": SUM}, id="checksums"),
        pytest.param({"minikube_gpu_image_archives": archive("sha512:" + "B" * 128)}, id="long checksum"),
        pytest.param({"minikube_gpu_addons": []}, id="no addons"),
        pytest.param(
            {"minikube_gpu_version": "v1.99.0", "minikube_gpu_checksum": SUM, "minikube_gpu_addons": ["new"]},
            id="addon of a release that this role does not know",
        ),
        pytest.param({"minikube_gpu_proxy": {"http": "http://proxy.example:3128", "https": None}}, id="proxy"),
        pytest.param({"minikube_gpu_registry_mirrors": ["http://m:5000/a@b"]}, id="an @ in a path"),
    ],
)
def test_accepted(given):
    assert refusals(**given) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({"minikube_gpu_cpus": 1}, ["minikube_gpu_cpus", "at least 2"], id="one CPU"),
        pytest.param({"host": {**HOST, "cpus": 1}}, ["minikube_gpu_cpus", "at least 2"], id="host with one CPU"),
        pytest.param({"minikube_gpu_profile": "my_cluster"}, ["minikube_gpu_profile", "my_cluster"], id="underscore"),
        pytest.param({"minikube_gpu_profile": "-x"}, ["minikube_gpu_profile"], id="dash first"),
        pytest.param({"minikube_gpu_profile": "x"}, ["minikube_gpu_profile"], id="one letter"),
        pytest.param({"minikube_gpu_home": "/srv/my home"}, ["minikube_gpu_home"], id="home with a blank"),
        pytest.param({"minikube_gpu_home": "minikube"}, ["minikube_gpu_home"], id="home without a root"),
        pytest.param({"minikube_gpu_home": "/srv/m/"}, ["minikube_gpu_home"], id="home with a slash at its end"),
        pytest.param(
            {"minikube_gpu_image_archives": archive("a" * 64)}, ["minikube_gpu_image_archives", "sha256:"], id="archive"
        ),
        pytest.param(
            {"minikube_gpu_kubectl_checksum": "a" * 64}, ["minikube_gpu_kubectl_checksum", "sha256:"], id="kubectl"
        ),
        pytest.param(
            {"minikube_gpu_addons": ["ingres", "dashboard"]}, ["minikube_gpu_addons", "no addon ingres;"], id="addon"
        ),
    ],
)
def test_refused(given, words):
    (text,) = refusals(**given)
    assert [word for word in words if word not in text] == []


URL = "http://alex:hidden@mirror.example/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("minikube_gpu_proxy", {"https": URL}, id="proxy"),
        pytest.param("minikube_gpu_proxy", {"http": "alex:hidden@mirror.example:3128"}, id="proxy without a scheme"),
        pytest.param("minikube_gpu_download_url", URL, id="download"),
        pytest.param("minikube_gpu_binary_mirror", URL, id="mirror"),
        pytest.param("minikube_gpu_image_archives", archive(url=URL), id="archive"),
        pytest.param("minikube_gpu_registry_mirrors", ["http://m", URL], id="registry mirror"),
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(name, value):
    (text,) = refusals(**{name: value})
    assert text.startswith(f"{name}:")
    assert "hidden" not in text


def test_the_unit_keeps_a_percent_sign_and_names_the_programs_by_path():
    given = templar(minikube_gpu_proxy={"https": "http://proxy.example/a%20b"}, ansible_managed="managed")
    text = given.template(trust_as_template((ROLE / "templates/minikube-gpu.service.j2").read_text(encoding="utf-8")))
    assert 'Environment="HTTPS_PROXY=http://proxy.example/a%%20b"' in text
    folder = "/usr/local/lib/mlinfra.gpu_launch/bin/minikube"
    assert text.count(folder) == text.count("/minikube s") == 3
    assert "\nExecStartPost=/bin/rm -f /var/lib/minikube-gpu/.minikube.creating\n" in text


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


@pytest.mark.parametrize(
    ("given", "wrote"),
    [
        pytest.param({}, False, id="nothing ran"),
        pytest.param({"__minikube_gpu_program": {"changed": False}}, False, id="as it was"),
        pytest.param({"__minikube_gpu_client": {"changed": False, "skipped": True}}, False, id="skipped"),
        pytest.param({"__minikube_gpu_unit_file": {"changed": True}}, True, id="unit"),
        pytest.param({"__minikube_gpu_copies": {"changed": True, "results": []}}, True, id="kubeconfig"),
    ],
)
def test_the_record_learns_what_was_written_only_after_a_change(given, wrote):
    assert read("__minikube_gpu_wrote", **given) is wrote
