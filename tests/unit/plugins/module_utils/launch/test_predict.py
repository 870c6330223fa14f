# SPDX-License-Identifier: GPL-3.0-or-later
"""What no golden shows: shapes on which the agent fails, older releases, limits, findings."""

from __future__ import annotations

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict

RUN = {"entity": "Team_A1", "project": "Demo", "image": "registry.example.org:5000/team/job:1", "run_id": "run1"}
POD = "spec.template.spec"


def pod(**fields):
    return {"spec": {"template": {"spec": {"containers": [{}], **fields}}}}


@pytest.mark.parametrize(
    ("config", "path"),
    [
        pytest.param({"metadata": None}, "metadata", id="metadata-null"),
        pytest.param({"metadata": {"labels": None}}, "metadata.labels", id="labels-null"),
        pytest.param({"spec": None}, "spec", id="spec-null"),
        pytest.param({"spec": {"template": None}}, "spec.template", id="template-null"),
        pytest.param({"spec": {"template": {"spec": 1}}}, POD, id="pod-number"),
        pytest.param(pod(containers=[]), f"{POD}.containers", id="no-container"),
        pytest.param(pod(containers=None), f"{POD}.containers", id="containers-null"),
        pytest.param(pod(containers=["x"]), f"{POD}.containers[0]", id="container-text"),
        pytest.param(pod(containers=[{"env": {"A": "b"}}]), f"{POD}.containers[0].env", id="env-mapping"),
        pytest.param({"kind": "Foo"}, "kind", id="unknown-kind"),
        pytest.param({"apiVersion": "batch/v1beta1"}, "apiVersion", id="old-batch"),
        pytest.param({"apiVersion": None}, "apiVersion", id="version-null"),
        pytest.param({"apiVersion": "x/v1", "kind": 1}, "kind", id="kind-number"),
        pytest.param({"apiVersion": "x/v1", "a": {"spec": None}}, "a.spec", id="custom-spec-null"),
        pytest.param({"apiVersion": "x/v1", "spec": {"containers": None}}, "spec.containers", id="custom-containers"),
        pytest.param({"apiVersion": "x/v1", "spec": {"containers": [1]}}, "spec.containers[0]", id="custom-container"),
        pytest.param({"apiVersion": "x/v1", "metadata": None}, "metadata", id="custom-metadata"),
        pytest.param(
            {"metadata": {"annotations": {"Seccomp.x/pod": "Unconfined"}}},
            "metadata.annotations.Seccomp.x/pod",
            id="unconfined",
        ),
        pytest.param(pod(volumes=[{"x": {"hostPath": None}}]), f"{POD}.volumes[0].x.hostPath", id="hostpath-null"),
        pytest.param({"metadata": {"labels": {"hostPath": "x"}}}, "metadata.labels.hostPath", id="label-name"),
        pytest.param(pod(hostPID="Yes "), f"{POD}.hostPID", id="yes"),
        pytest.param(pod(hostUsers=0.5), f"{POD}.hostUsers", id="number"),
        pytest.param(pod(serviceAccountName=["", "x"]), f"{POD}.serviceAccountName", id="account"),
        pytest.param(pod(automountServiceAccountToken=1), f"{POD}.automountServiceAccountToken", id="token"),
        pytest.param(
            pod(containers=[{"ports": [{"hostPort": 80}]}]), f"{POD}.containers[0].ports[0].hostPort", id="port"
        ),
        pytest.param(pod(x={"mountPropagation": " Bidirectional"}), f"{POD}.x.mountPropagation", id="propagation"),
        pytest.param(pod(hostNetwork="${FLAG}"), f"{POD}.hostNetwork", id="by-macro"),
    ],
)
def test_refused(config, path):
    result = predict(config, {}, {}, {**RUN, "agent_env": {"FLAG": "true"}})
    assert result.manifests == []
    assert result.refused_path == path
    assert result.refused.startswith(f"{path}: ")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"hostPID": "no", "hostIPC": 0, "serviceAccount": " ", "hostUsers": None}, id="harmless-values"),
        pytest.param({"mountPropagation": "None"}, id="propagation"),
    ],
)
def test_not_refused(fields):
    assert predict(pod(**fields), {}, {}, RUN).refused is None


def test_annotations_come_before_objects():
    config = {"spec": {"hostPath": 1}, "metadata": {"annotations": {"apparmor": "unconfined"}}}
    assert predict(config, {}, {}, RUN).refused_path == "metadata.annotations.apparmor"


def test_an_empty_name_is_no_name():
    job = predict({"a": "${run_name}"}, {}, {}, {**RUN, "name": "", "run_id": ""}).manifests[-1]
    names = {entry["name"] for entry in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert "WANDB_NAME" not in names
    assert job["a"] == "None"
    assert job["metadata"]["labels"]["wandb.ai/run-id"] == "run00000"


def test_names_lose_digits_and_namespaces_have_an_order():
    job = predict({"namespace": "top"}, {}, {}, RUN).manifests[-1]
    assert job["metadata"]["generateName"] == "launch-team-a-demo-"
    assert job["metadata"]["namespace"] == "top"
    assert predict({}, {}, {}, RUN, namespace="ctx").posted_to[0] == "api/v1/namespaces/ctx/secrets"
    both = predict({"namespace": "top", "metadata": {"namespace": "own"}}, {}, {}, RUN)
    assert both.posted_to[1] == "apis/batch/v1/namespaces/own/jobs"


@pytest.mark.parametrize(
    ("version", "has_namespace", "init_hardened"),
    [
        pytest.param("0.19.11", False, False, id="0.19"),
        pytest.param("0.21.0", False, False, id="0.21.0"),
        pytest.param("0.21.1", True, False, id="0.21.1"),
        pytest.param("0.28.0", True, False, id="0.28.0"),
        pytest.param("0.28.1", True, True, id="0.28.1"),
        pytest.param("1.0.0rc1", True, True, id="later"),
    ],
)
def test_releases(version, has_namespace, init_hardened):
    config = pod(initContainers=[{"name": "i"}], ephemeralContainers=None)
    job = predict(config, {}, {}, RUN, version).manifests[-1]
    spec = job["spec"]["template"]["spec"]
    assert ("namespace" in job["metadata"]) == has_namespace
    assert "securityContext" in spec["containers"][0]
    assert ("securityContext" in spec["initContainers"][0]) == init_hardened


@pytest.mark.parametrize("version", ["", "latest", "0", 31, "0.31.0; rm", "9" * 30])
def test_bad_release(version):
    with pytest.raises(LaunchInputError, match="agent_version"):
        predict({}, agent_version=version)


def test_cron_job_keeps_its_template_and_gets_a_bogus_one():
    inner = {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}
    result = predict({"kind": "CronJob", "spec": {"jobTemplate": inner}}, {}, {}, RUN)
    job = result.manifests[-1]
    assert result.posted_to[1].endswith("/cronjobs")
    assert job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]["wandb.ai/monitor"] == "true"
    assert "securityContext" in job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert job["spec"]["template"]["spec"]["containers"][0]["name"] == "launch0"


def test_environment_of_a_named_run_with_a_release_and_a_long_config():
    run = {
        **RUN,
        "name": "n",
        "queue": "q",
        "agent_env": {"WANDB_RELEASE_NAME": "rel"},
        "base_url": "https://x.example/",
    }
    run["overrides"] = {"run_config": {"x": "y" * 40000}, "artifacts": {"a": 1}, "args": [], "files": None}
    job = predict({"builder": {"type": "noop"}}, {}, {}, run).manifests[-1]
    env = job["spec"]["template"]["spec"]["containers"][0]["env"]
    named = {entry["name"]: entry.get("value") for entry in env}
    assert named["WANDB_NAME"] == "n"
    assert named["WANDB_BASE_URL"] == "https://x.example"
    assert named["WANDB_PROJECT"] == "demo"
    assert len(named["WANDB_CONFIG_0"]) == 32670
    assert "WANDB_CONFIG" not in named
    assert named["WANDB_ARTIFACTS"] == '{"a": 1}'
    assert env[1]["valueFrom"]["secretKeyRef"]["name"] == "wandb-api-key-rel"
    assert "WANDB_USERNAME" not in named
    assert "builder" not in job


def test_custom_resource_overrides_group_and_commands():
    config = {
        "apiVersion": "x.io/v1",
        "kind": "Thing",
        "group": "y.io",
        "spec": {"containers": [{}, {}]},
        "s": {"spec": {"containers": []}},
    }
    run = {**RUN, "overrides": {"args": ["a"], "entry_point": ["b"]}}
    result = predict(config, {}, {}, run)
    assert result.posted_to == ["apis/y.io/v1/namespaces/default/things"]
    first, second = result.manifests[0]["spec"]["containers"]
    assert (first["args"], second["command"]) == (["a"], ["b"])
    assert sum(entry["name"] == "WANDB_RUN_ID" for entry in first["env"] + second["env"]) == 1


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(None, "not nothing", id="null"),
        pytest.param([], "not list", id="list"),
        pytest.param({"a": float("inf")}, "a: inf is not a finite number", id="infinity"),
        pytest.param({"a": {1: 2}}, r"a\.1: keys must be text", id="number-key"),
        pytest.param({"a": object()}, "a: a object can't be part", id="object"),
        pytest.param({"a": ["\ud800"]}, r"a\[0\]: the text is not valid Unicode", id="surrogate"),
        pytest.param({"a": list(range(10001))}, "more than 10000 values", id="too-many"),
    ],
)
def test_bad_config(config, message):
    with pytest.raises(LaunchInputError, match=message):
        predict(config)


def test_cycle_and_depth_end():
    cycle: dict = {}
    cycle["a"] = cycle
    with pytest.raises(LaunchInputError, match="deeper than 64"):
        predict(cycle)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"entity": ""}, r"run\.entity: is needed", id="no-entity"),
        pytest.param({"project": None}, r"run\.project: is needed", id="no-project"),
        pytest.param({"image": None}, r"run\.image: an image name is needed", id="no-image"),
        pytest.param({"imgae": "x"}, r"run\.imgae: unknown key", id="unknown"),
        pytest.param({"name": 1}, r"run\.name: must be text", id="name"),
        pytest.param({"agent_env": []}, r"agent_env: must be a mapping", id="env-list"),
        pytest.param({"agent_env": {"A": 1}}, r"agent_env\.A: ", id="env-number"),
        pytest.param({"overrides": []}, "overrides: must be a mapping", id="overrides-list"),
        pytest.param({"overrides": {"x": 1}}, r"overrides\.x: unknown", id="override"),
        pytest.param({"overrides": {"args": "x"}}, r"overrides\.args: must be a list", id="args"),
        pytest.param({"overrides": {"files": []}}, r"overrides\.files: must be a mapping", id="files"),
    ],
)
def test_bad_run(change, message):
    with pytest.raises(LaunchInputError, match=message):
        predict({}, {}, {}, {**RUN, **change})


def test_run_must_be_a_mapping():
    with pytest.raises(LaunchInputError, match="run: must be a mapping"):
        predict({}, {}, {}, ["x"])


@pytest.mark.parametrize(
    "image",
    [
        pytest.param("--privileged", id="option"),
        pytest.param("a b", id="blank"),
        pytest.param("$(id)", id="shell"),
        pytest.param("a\n", id="newline"),
        pytest.param("Team/Job", id="upper-case"),
        pytest.param("a@sha256:" + "0" * 63, id="digest"),
        pytest.param("a" * 5000, id="long"),
        pytest.param("j\u043eb", id="look-alike"),
        pytest.param("", id="empty"),
        pytest.param("a:${image_uri}", id="macro"),
        pytest.param(5, id="number"),
    ],
)
def test_bad_image(image):
    with pytest.raises(LaunchInputError, match=r"run\.image"):
        predict({}, {}, {}, {**RUN, "image": image})


@pytest.mark.parametrize(
    "image",
    ["ubuntu", "wandb/job_hello_world:main", "172.31.91.1:5000/a/b:1", "[::1]:5000/a", "a.b/c@sha256:" + "0" * 64],
)
def test_good_image(image):
    job = predict({}, {}, {}, {**RUN, "image": image}).manifests[-1]
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == image


@pytest.mark.parametrize(
    ("config", "ids"),
    [
        pytest.param({"kubernetes": {"spec": {}}}, {"AGT023"}, id="outer-kubernetes"),
        pytest.param({"configFile": "x"}, {"AGT003"}, id="config-file"),
        pytest.param({"a": "${WANDB_API_KEY}"}, {"AGT011"}, id="secret"),
        pytest.param({"a": "${MY_SETTING}"}, {"AGT020"}, id="unknown-macro"),
        pytest.param({"a": "${HF_TOKEN}"}, {"AGT011"}, id="token"),
        pytest.param({"a": "{{ lookup('pipe', 'id') }}"}, {"AGT008"}, id="template"),
        pytest.param({"${run_id}": 1}, {"AGT008"}, id="macro-key"),
        pytest.param({"spec": {"completions": 2}}, {"AGT019"}, id="completions"),
        pytest.param({"metadata": {"generateName": "x-"}}, {"AGT018"}, id="generate-name"),
        pytest.param({"env": [{"name": "WANDB_PROJECT"}, 1]}, {"AGT022"}, id="own-env"),
        pytest.param({"apiVersion": "x.io/v1", "spec": {}}, {"AGT012"}, id="custom"),
        pytest.param({"spec": []}, set(), id="spec-list"),
    ],
)
def test_findings(config, ids):
    found = {finding.id for finding in predict(config).findings}
    assert found - {"AGT007", "AGT009"} == ids


def test_macro_from_the_environment_is_known_and_nameless_run_is_told():
    run = {**RUN, "agent_env": {"MY_SETTING": "x"}}
    ids = {finding.id for finding in predict({"a": "${MY_SETTING} ${run_name}"}, {}, {}, run).findings}
    assert "AGT020" not in ids
    assert "AGT021" in ids


def test_a_complete_job_has_no_finding():
    mount = {"name": "shm", "mountPath": "/dev/shm"}
    config = pod(containers=[{"volumeMounts": [mount]}])
    config["spec"]["activeDeadlineSeconds"] = 3600
    assert predict(config).findings == []


@pytest.mark.parametrize("values", [pytest.param(None, id="config-only"), pytest.param({}, id="with-values")])
def test_without_a_run_the_config_is_judged(values):
    assert predict({"context": "x"}, values=values).refused_path == "context"
    assert predict({}, values=values).refused is None
