# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd values as the real agent takes or fails them; each was found by running its own code on the same config."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict

RUN = {"entity": "team-a", "project": "demo", "image": "registry.example.org/team/job:1", "run_id": "run1"}
ARGS = {**RUN, "overrides": {"args": ["x"]}}
JOBS = "apis/batch/v1/namespaces/default/jobs"


def custom(**fields):
    return {"apiVersion": "x.io/v1", "kind": "Thing", **fields}


def item(**fields):
    return {"metadata": {}, **fields}


@pytest.mark.parametrize(
    ("config", "path"),
    [
        pytest.param({"builder": None}, "builder", id="builder-null"),
        pytest.param({"builder": {"cuda": []}}, "builder.cuda", id="builder-list"),
        pytest.param(
            {"builder": {"accelerator": {"base_image": 5}}}, "builder.accelerator.base_image", id="base-image"
        ),
        pytest.param({"configFile": 0}, "configFile", id="kubeconfig-number"),
        pytest.param({"configFile": " "}, "configFile", id="kubeconfig-blank"),
        pytest.param({"namespace": ["a"]}, "namespace", id="namespace-list"),
        pytest.param({"metadata": {"namespace": {"a": 1}}}, "metadata.namespace", id="namespace-mapping"),
        pytest.param({"spec": ["abc"]}, "spec", id="spec-no-pairs"),
        pytest.param({"spec": [[["a"], 1]]}, "spec", id="spec-list-as-key"),
        pytest.param({"spec": {"template": []}}, "spec.template", id="template-list"),
        pytest.param(
            {"x": {"containers": [{}], "initContainers": 5}}, "x.initContainers", id="number-beside-containers"
        ),
        pytest.param(
            {"x": [{"containers": [], "ephemeralContainers": True}]}, "x[0].ephemeralContainers", id="true-beside"
        ),
        pytest.param({"kind": 5}, "kind", id="kind-number"),
        pytest.param({"kind": "Pod"}, "kind", id="kind-pod"),
        pytest.param({"kind": "JobList"}, "items", id="no-items"),
        pytest.param({"kind": "JobList", "items": []}, "items", id="empty-items"),
        pytest.param({"kind": "JobList", "items": [1]}, "items[0]", id="item-number"),
        pytest.param({"kind": "JobList", "items": [{}]}, "items[0].metadata", id="item-without-metadata"),
        pytest.param({"kind": "JobList", "items": [{"metadata": ["namespace"]}]}, "items[0].metadata", id="item-list"),
        pytest.param({"kind": "List", "items": [item()]}, "items[0].apiVersion", id="item-without-version"),
        pytest.param({"kind": "List", "items": [item(apiVersion="batch/v1")]}, "items[0].kind", id="item-without-kind"),
        pytest.param(
            {"kind": "JobList", "items": [{"metadata": {"namespace": None}}]},
            "items[0].metadata.namespace",
            id="item-null",
        ),
        pytest.param(custom(group=None), "group", id="group-null"),
        pytest.param(custom(version=None), "version", id="version-null"),
        pytest.param({"apiVersion": "x.io/v1", "version": 5}, "version", id="version-as-kind"),
        pytest.param(custom(a={"spec": "my containers"}), "a.spec", id="text-with-containers"),
        pytest.param(custom(a={"spec": ["containers"]}), "a.spec", id="list-with-containers"),
        pytest.param(custom(a={"spec": {"containers": 5}}), "a.spec.containers", id="containers-number"),
    ],
)
def test_the_agent_fails(config, path):
    result = predict(config, {}, {}, RUN)
    assert result.refused_path == path
    assert result.manifests == []


@pytest.mark.parametrize("containers", ["text", {"a": 1}, ["a"]])
def test_what_is_no_container_matters_with_arguments_only(containers):
    config = custom(containers=[{"spec": {"containers": containers}}])
    assert predict(config, {}, {}, RUN).refused is None
    assert predict(config, {}, {}, ARGS).refused_path == "containers[0].spec.containers[0]"


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        pytest.param([], set(), id="empty-list"),
        pytest.param("", set(), id="empty-text"),
        pytest.param(["ab"], {"a"}, id="text-of-two"),
        pytest.param([["a", 1], [2, 3], [None, 4], [True, 5]], {"a", "2", "null", "true"}, id="pairs"),
    ],
)
def test_what_counts_as_a_mapping(given, keys):
    spec = predict({"spec": given}, {}, {}, RUN).manifests[-1]["spec"]
    assert set(spec) - {"backoffLimit", "ttlSecondsAfterFinished", "template"} == keys


@pytest.mark.parametrize(
    "builder", [{}, {"type": "kaniko"}, {"cuda": {"base_image": ""}}, {"accelerator": {"base_image": "x"}}]
)
def test_a_builder_is_taken_out(builder):
    assert "builder" not in predict({"builder": builder}, {}, {}, RUN).manifests[-1]


def test_older_agents_do_not_check_the_base_image():
    config = {"builder": {"accelerator": {"base_image": 5}, "cuda": None}}
    assert predict(config, {}, {}, RUN, "0.26.1").refused is None
    assert predict(config, {}, {}, RUN, "0.27.0").refused_path == "builder.accelerator.base_image"


@pytest.mark.parametrize(
    ("kind", "plural"),
    [("job", "jobs"), ("JOB", "jobs"), ("cronJob", "cronjobs"), ("Cron_Job", None), ("cron_job", "cronjobs")],
)
def test_kinds_are_found_by_their_name_in_snake_case(kind, plural):
    result = predict({"kind": kind}, {}, {}, RUN)
    assert (result.posted_to[1].split("/")[-1] if result.posted_to else None) == plural


def test_a_list_is_posted_item_by_item():
    items = [{"metadata": {"namespace": "a b"}}, {"metadata": "text"}, {"metadata": [], "spec": {"containers": []}}]
    result = predict({"kind": "JobList", "items": items[:2]}, {}, {}, RUN)
    assert result.posted_to[1:] == ["apis/batch/v1/namespaces/a%20b/jobs", JOBS]
    assert [manifest["kind"] for manifest in result.manifests] == ["Secret", "Job", "Job"]
    assert predict({"kind": "JobList", "items": items}, {}, {}, RUN).refused_path == "items[2].metadata"


def test_a_namespace_keeps_its_type_and_is_quoted_in_paths():
    result = predict({"metadata": {"namespace": 5}}, {}, {}, RUN)
    assert result.manifests[0]["metadata"]["namespace"] == 5
    assert predict(custom(namespace="a/b"), {}, {}, RUN).posted_to == ["apis/x.io/v1/namespaces/a%2Fb/things"]


def test_before_0_21_an_empty_namespace_stays_in_the_request():
    config = {"metadata": {"namespace": ""}}
    old = predict(config, {}, {}, RUN, "0.20.1")
    assert old.posted_to == ["api/v1/namespaces/default/secrets", "apis/batch/v1/namespaces//jobs"]
    assert predict({"metadata": {"namespace": None}}, {}, {}, RUN, "0.20.1").refused_path == "metadata.namespace"


def test_text_beside_containers_is_left():
    config = {"x": {"containers": [{}], "initContainers": "text", "ephemeralContainers": {"a": 1}}}
    assert predict(config, {}, {}, RUN).manifests[-1]["x"]["initContainers"] == "text"


def test_lists_of_single_values_and_objects_are_walked():
    config = {"x": [1, {"spec": {"containers": [{}]}}, 2], "y": [{"containers": [{}]}, 5]}
    job = predict(config, {}, {}, RUN).manifests[-1]
    assert job["x"][1]["metadata"]["labels"]["wandb.ai/monitor"] == "true"
    assert "securityContext" in job["y"][0]["containers"][0]
