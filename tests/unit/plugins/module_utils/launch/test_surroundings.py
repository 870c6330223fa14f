# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings on what is around a run: server, image, its user, GPUs of the node."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.base_url import is_loopback
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict

RUN = {"entity": "team-a", "project": "demo", "image": "registry.example.org/team/job:1", "run_id": "run1"}
POD = "spec.template.spec"


def job(*containers, **pod):
    return {"spec": {"template": {"spec": {"containers": list(containers), **pod}}}}


def gpus(number):
    return {"resources": {"limits": {"nvidia.com/gpu": number}}}


def found(config, check, variables=None, run=None, **around):
    findings = predict(config, variables, None, run, **around).findings
    return [(finding.path, finding.severity) for finding in findings if finding.id == check]


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://wandb.localhost", True),
        ("http://[::1]:80", True),
        ("http://0.0.0.0", True),
        ("http://[bad", False),
        ("https://api.wandb.ai", False),
        ("http://10.0.0.1", False),
        ("no url", False),
    ],
)
def test_loopback(url, loopback):
    assert is_loopback(url) is loopback
    assert found({}, "AGT004", run={**RUN, "base_url": url}) == ([("run.base_url", "error")] if loopback else [])


@pytest.mark.parametrize(
    ("image", "moves"),
    [
        ("ubuntu", True),
        ("registry.example.org:5000/team/job", True),
        ("team/job:latest", True),
        ("team/job:1", False),
        ("team/job@sha256:" + "0" * 64, False),
    ],
)
def test_an_image_without_a_fixed_version(image, moves):
    assert found({}, "AGT043", run={**RUN, "image": image}) == ([("run.image", "warning")] if moves else [])
    side = job({"image": "replaced"}, {"image": image})
    assert found(side, "AGT043") == ([(f"{POD}.containers[1].image", "warning")] if moves else [])
    custom = {"apiVersion": "x.io/v1", "image": image}
    assert found(custom, "AGT043") == ([("image", "warning")] if moves else [])


@pytest.mark.parametrize("image", ["${image_uri}", "", 5, None])
def test_an_image_that_is_filled_in_later(image):
    assert found({"apiVersion": "x.io/v1", "image": image}, "AGT043") == []


@pytest.mark.parametrize(
    ("user", "path", "told"),
    [
        ("1000", "/root/.cache", True),
        ("app:app", "/root", True),
        ("root", "/root/.cache", False),
        ("0:0", "/root/.cache", False),
        (None, "/root/.cache", False),
        ("app", "/rooted", False),
        ("app", "/home/app/.cache", False),
    ],
)
def test_a_cache_that_only_root_finds(user, path, told):
    config = job({"volumeMounts": [{"name": "v", "mountPath": path}]})
    place = f"{POD}.containers[0].volumeMounts[0].mountPath"
    assert found(config, "AGT044", image_user=user) == ([(place, "warning")] if told else [])


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        pytest.param(job(gpus(4)), [], id="all"),
        pytest.param(job(gpus(5)), [f"{POD}.containers[0]"], id="one-more"),
        pytest.param(job(gpus("8")), [f"{POD}.containers[0]"], id="text"),
        pytest.param(job(gpus(3), gpus(2)), [f"{POD}.containers"], id="sum"),
        pytest.param(job(gpus(2), initContainers=[gpus(4), gpus(4)]), [], id="init-one-by-one"),
        pytest.param(job(gpus(2), initContainers=[gpus(9)]), [f"{POD}.initContainers[0]"], id="init"),
        pytest.param(job(gpus(True), gpus("x"), gpus(None), gpus("9" * 10), {"resources": []}, 5), [], id="unknown"),
        pytest.param({"a": {"containers": 5}}, [], id="no-list"),
    ],
)
def test_more_gpus_than_a_node_has(config, paths):
    assert found(config, "AGT008", gpus_per_node=4) == [(path, "error") for path in paths]
    assert found(config, "AGT008") == []


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        ({"type": "integer", "maximum": 8}, True),
        ({"type": "integer", "maximum": 4}, False),
        ({"type": "integer", "enum": [1, 8]}, True),
        ({"type": "integer", "default": 5}, True),
        ({"type": "integer"}, False),
        ({"type": "string", "default": "9"}, False),
    ],
)
def test_the_largest_value_of_a_variable_counts(declaration, told):
    assert bool(found(job(gpus("{{gpus}}")), "AGT008", {"gpus": declaration}, gpus_per_node=4)) is told


def test_a_quantity_with_a_variable_in_it_is_no_number():
    assert found(job(gpus("1{{gpus}}")), "AGT008", {"gpus": {"type": "integer", "maximum": 8}}, gpus_per_node=4) == []


@pytest.mark.parametrize(
    ("given", "path"), [({"gpus_per_node": -1}, "gpus_per_node"), ({"image_user": 0}, "image_user")]
)
def test_bad_surroundings(given, path):
    with pytest.raises(LaunchInputError, match=path):
        predict({}, **given)
    with pytest.raises(LaunchInputError, match="gpus_per_node"):
        predict({}, gpus_per_node=True)
