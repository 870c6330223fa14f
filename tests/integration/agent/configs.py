# SPDX-License-Identifier: GPL-3.0-or-later
"""Configs and runs by the hundred: Jobs and custom resources as people write them, with odd values in all places."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Strategy = SearchStrategy[Any]

MACRO_NAMES = ["project_name", "entity_name", "run_id", "run_name", "image_uri", "author", "MY_VAR", "unknown", "FLAG"]
GUARDED = [
    "securityContext",
    "hostPath",
    "serviceAccountToken",
    "hostPID",
    "hostIPC",
    "hostNetwork",
    "shareProcessNamespace",
    "hostUsers",
    "automountServiceAccountToken",
    "hostPort",
    "serviceAccountName",
    "serviceAccount",
    "mountPropagation",
]
PLAIN_KEYS = ["a", "b", "spec", "metadata", "labels", "template", "env", "name", "items", "${run_id}", "command"]
CONTAINER_KEYS = ["containers", "initContainers", "ephemeralContainers"]


def some(*values: Any) -> Strategy:
    return st.sampled_from(values)


WORDS = some(
    "", " ", "x", "job", "containers", "my containers", "yes", "Bidirectional", "Ünïcode", "a\nb", "{{ lookup('x') }}"
)
MACROS = st.builds(
    "{}{}{}".format,
    some("", "x-", "$", "${"),
    st.sampled_from(MACRO_NAMES).map("${{{}}}".format),
    some("", "-y", "}", "${run_id}", "${ run_id }"),
)
TEXT = st.one_of(WORDS, MACROS)
NUMBERS = some(0, 1, 5, -1, 0.5, 1.0, 2**40)
SCALARS = st.one_of(TEXT, NUMBERS, some(None, True, False))
ODD = st.one_of(
    SCALARS,
    some(
        [],
        {},
        ["a"],
        ["ab"],
        [["a", 1]],
        [["a", 1], [2, 3]],
        [[["a"], 1]],
        [{}],
        {"a": 1},
        {"name": "x"},
        ["containers"],
    ),
)


def mostly(usual: Strategy, odd: Strategy = ODD, one_in: int = 25) -> Strategy:
    """The usual values, and now and then something that doesn't belong there."""
    return st.integers(0, one_in - 1).flatmap(lambda number: odd if number == one_in - 1 else usual)


def record(**fields: Strategy) -> Strategy:
    return st.fixed_dictionaries({}, optional=fields)


def merged(*parts: Strategy) -> Strategy:
    return st.tuples(*parts).map(lambda dicts: {key: value for part in dicts for key, value in part.items()})


GUARDS = st.dictionaries(
    st.sampled_from(GUARDED),
    st.one_of(
        some(
            True, False, None, 0, 1, 0.0, 0.5, "", " ", "true", " Yes ", "no", "1", "${FLAG}", "Bidirectional", "None"
        ),
        some([], [""], ["", "x"], {}, {"a": 1}),
    ),
    min_size=1,
    max_size=1,
)
RARELY_GUARDS = st.integers(0, 40).flatmap(lambda number: GUARDS if number == 40 else st.just({}))
LABELS = st.dictionaries(some("app", "wandb.ai/monitor", "wandb.ai/agent", "team", "hostpath"), TEXT, max_size=2)
ANNOTATIONS = st.dictionaries(
    some("note", "container.apparmor.security.beta.kubernetes.io/c", "seccomp.security.alpha.kubernetes.io/pod"),
    st.one_of(some("runtime/default", "Unconfined", "localhost/x", None, ["unconfined"]), TEXT),
    max_size=1,
)
METADATA = record(
    name=mostly(st.one_of(some("job-1", "", None), MACROS)),
    namespace=mostly(some("ns-1", "", None, "${MY_VAR}")),
    labels=mostly(LABELS, one_in=20),
    annotations=mostly(ANNOTATIONS),
    generateName=TEXT,
)
ENV_ENTRY = st.one_of(
    st.fixed_dictionaries({"name": some("A", "B", "WANDB_PROJECT", "WANDB_API_KEY", "WANDB_RUN_ID"), "value": TEXT}),
    st.just({"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}),
)
ENV = mostly(st.one_of(st.lists(mostly(ENV_ENTRY), max_size=3), st.none()), one_in=20)
CONTAINER = merged(
    record(
        name=mostly(some("main", "side", "")),
        image=mostly(st.one_of(some("${image_uri}", "busybox:1"), TEXT)),
        env=ENV,
        command=mostly(st.lists(TEXT, max_size=2)),
        args=mostly(st.lists(TEXT, max_size=2)),
        resources=mostly(some({"limits": {"cpu": 4, "memory": "12Gi", "nvidia.com/gpu": "1"}})),
        volumeMounts=mostly(some([{"name": "v", "mountPath": "/root/.cache"}])),
        ports=mostly(some([{"containerPort": 80}], [{"containerPort": 80, "hostPort": 0}])),
    ),
    RARELY_GUARDS,
)
CONTAINERS = mostly(
    st.lists(mostly(CONTAINER, one_in=40), min_size=1, max_size=3), st.one_of(st.just([]), ODD), one_in=15
)
POD = merged(
    record(
        containers=CONTAINERS,
        initContainers=mostly(st.lists(mostly(CONTAINER, one_in=40), max_size=2), one_in=15),
        ephemeralContainers=mostly(st.lists(CONTAINER, max_size=1), one_in=15),
        restartPolicy=mostly(some("OnFailure", "Never")),
        volumes=mostly(some([{"name": "v", "persistentVolumeClaim": {"claimName": "nfs-pvc"}}], [{"emptyDir": {}}])),
        tolerations=mostly(some([{"operator": "Exists"}])),
        nodeSelector=mostly(LABELS),
    ),
    RARELY_GUARDS,
)
TEMPLATE = record(metadata=mostly(METADATA), spec=mostly(POD, one_in=15), other=TEXT)

LEAVES = st.one_of(SCALARS, CONTAINERS, CONTAINER)
KEYS = st.one_of(st.sampled_from(PLAIN_KEYS), st.sampled_from(PLAIN_KEYS), st.sampled_from(CONTAINER_KEYS))
TREE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=3),
        TEMPLATE,
        st.dictionaries(some("spec"), st.dictionaries(some("containers"), mostly(CONTAINERS, inner)), min_size=1),
    ),
    max_leaves=8,
)

ODD_BUILDERS = st.one_of(
    ODD, some({"accelerator": None}, {"accelerator": {"base_image": 5}}, {"cuda": {"base_image": ""}}, {"cuda": []})
)
TOP = record(
    metadata=mostly(METADATA, one_in=15),
    namespace=mostly(some("ns-2", "", "a/b c", "${MY_VAR}")),
    context=mostly(some("", None, False), some("x", 1, ["a"]), one_in=10),
    configFile=st.none(),
    builder=mostly(some({}, {"type": "noop"}, {"accelerator": {"base_image": "x"}}), ODD_BUILDERS, one_in=8),
    kubernetes=some({"spec": {}}, None, {"spec": {"containers": [{}]}}),
)
EXTRA = mostly(st.just({}), st.dictionaries(KEYS, TREE, max_size=2), one_in=4)

JOB_SPEC = record(
    template=mostly(TEMPLATE, one_in=15),
    backoffLimit=mostly(some(3)),
    ttlSecondsAfterFinished=mostly(some(600)),
    activeDeadlineSeconds=some(3600),
    jobTemplate=mostly(record(spec=record(template=TEMPLATE)), TREE, one_in=5),
    schedule=some("* * * * *"),
)
ITEM = mostly(record(apiVersion=some("batch/v1", "batch/v1"), kind=some("Job", "CronJob"), metadata=METADATA, spec=ODD))
JOBS = merged(
    EXTRA,
    TOP,
    record(
        apiVersion=mostly(some("batch/v1"), st.one_of(some("batch/v1beta1", "v1", "batch/v2", "", None), ODD)),
        kind=mostly(
            some("Job", "Job", "CronJob"), st.one_of(some("job", "cronJob", "Cron_Job", "JOB", "Pod"), ODD), one_in=10
        ),
        spec=mostly(JOB_SPEC, one_in=15),
    ),
    RARELY_GUARDS,
)
JOB_LISTS = st.fixed_dictionaries(
    {"kind": some("JobList", "CronJobList", "List", "ListJob"), "metadata": METADATA},
    optional={"items": mostly(st.lists(ITEM, max_size=2)), "apiVersion": some("batch/v1")},
)
REPLICA = st.fixed_dictionaries({"replicas": some(1, 2, "${MY_VAR}"), "template": mostly(TEMPLATE, one_in=15)})
CUSTOM = merged(
    EXTRA,
    TOP,
    record(
        kind=mostly(some("PyTorchJob", "Job", "RayCluster", ""), ODD),
        group=mostly(some("y.io")),
        version=mostly(some("v2")),
    ),
    st.fixed_dictionaries(
        {
            "apiVersion": mostly(
                some("kubeflow.org/v1", "batch.volcano.sh/v1alpha1", "x.io/v1/extra", "x.io/", "${MY_VAR}/v1"),
                st.one_of(some("v1", "", "/"), ODD),
            )
        }
    ),
    record(
        spec=mostly(
            st.one_of(
                record(pytorchReplicaSpecs=record(Master=REPLICA, Worker=REPLICA), ttlSecondsAfterFinished=some(600)),
                record(tasks=st.lists(REPLICA, max_size=2), minAvailable=some(1)),
                TREE,
            ),
            one_in=15,
        ),
    ),
    RARELY_GUARDS,
)
CONFIGS = st.one_of(JOBS, JOBS, JOBS, CUSTOM, CUSTOM, CUSTOM, JOB_LISTS)

LONG = some("x" * 32_660, "x" * 40_000, "é" * 12_000)
DATA = st.dictionaries(
    some("lr", "epochs", "ü", "files"), st.one_of(SCALARS, some([1, "2", None], {"b": 1, "a": []})), max_size=2
)
OVERRIDES = record(
    args=st.lists(TEXT, max_size=2),
    entry_point=some([], ["python", "train.py"], ["run.sh"], ["a"]),
    run_config=mostly(DATA, st.fixed_dictionaries({"long": LONG}), one_in=10),
    files=mostly(DATA, st.fixed_dictionaries({"long": LONG}), one_in=10),
    artifacts=DATA,
)
ENVIRONMENT = st.dictionaries(
    some("MY_VAR", "FLAG", "run_id", "image_uri", "WANDB_RELEASE_NAME", "author"),
    some("", "value", "true", "ns-3", "${run_id}", "a b", "2", "\\1"),
    max_size=3,
)
RUNS = st.fixed_dictionaries(
    {
        "entity": some("team-a", "Team_B2", "ünit"),
        "project": some("Demo", "my_project.1", "P" * 210),
        "image": some("wandb/job_hello_world:main", "registry.example.org:5000/team/job:1", "ubuntu"),
        "run_id": some("abcd1234", "Run_1"),
        "queue": some("gpu-queue", "Q 1"),
        "queue_entity": some("team-a", "other"),
        "trace_id": some("UnVuUXVldWVJdGVtOjE="),
        "agent_name": some("agent-1", "host.example"),
        "base_url": some("https://api.wandb.ai", "https://wandb.example.org/", "http://10.0.0.1:8080"),
        "agent_env": ENVIRONMENT,
    },
    optional={"name": some("run one", ""), "author": some("alex", ""), "overrides": OVERRIDES},
)
