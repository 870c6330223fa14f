# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fact that a probe may fail to read, one at a time on the healthy host: it is never taken for fine."""

import ast
from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils import probe
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare_all

from .healthy import PARTS
from .test_catalogue import changed

PROBES = Path(probe.__file__).parent

# What is there when a fact was not read, where that is not None at the fact's own name.
STANDS = {
    "docker.cluster_accounts": {"docker.cluster_accounts": []},
    "cluster.settings": {"cluster.settings": []},
    "cluster.stray": {"cluster.stray": []},
    "cluster.node": {"cluster.node": None, "cluster.plugin": None, "cluster.gpu_pods": None},
    "cluster.user_home": {"cluster.user_home": None, "cluster.user_shell": None},
    "docker.engine.disk": {"docker.engine.root_dir": "/mnt/docker", "docker.engine.disk": None},
    "gpu.library_versions": {"gpu.library_versions": []},
    "gpu.fabric": {"gpu.nvswitches": 6, "gpu.fabric": None},
    "gpu.fabric.unit": {"gpu.nvswitches": 6, "gpu.fabric": {"unit": None, "version": "525.105.17", "ib_umad": True}},
    "gpu.fabric.version": {
        "gpu.nvswitches": 6,
        "gpu.fabric": {"unit": {"load": "loaded", "active": "active"}, "version": None, "ib_umad": True},
    },
    "host.kernel": {"host.kernel": None, "host.wsl": None},
    "nfs.files": {"nfs.files": None, "nfs.exports": None},
    "nfs.mounts": {"nfs.folders": None, "nfs.hung": None},
    "nfs.objects": {"nfs.volume": None, "nfs.claim": None},
    "units": dict.fromkeys(("docker.unit", "cluster.unit", "nfs.unit", "nfs.ganesha_unit", "agent.unit")),
}
# Of the many things that stand below these names, the position of one that is judged.
BELOW = {
    "agent.files": 0,
    "cluster.certificates": 0,
    "cluster.copies": 0,
    "cluster.files": 0,
    "cluster.programs": 0,
    "docker.files": 0,
    "host.disks": 1,
    "nfs.config_files": 0,
    "nvidia_ctk.files": 0,
}
# A fact that no verdict hangs on, and why.
FREE = {
    "agent.leftovers": "an agent may well have no right to list Secrets and Jobs",
    "agent.packages": "asked only where the environment is to be made",
    "docker.due.containers": "a restart that is due is put off when it is not known what runs",
    "gpu.module_built": "asked only to explain why no driver is loaded",
    "gpu.secure_boot": "asked only to explain why no driver is loaded",
    "host.product": "advice for rented machines",
    "host.vendor": "advice for rented machines",
    "nfs.ganesha": "the healthy host has the kernel's server",
    "nfs.written": "the healthy host has the kernel's server",
}


def named(node):
    """Return the name of the fact that a call in the probes is about, or that is kept for one; None for all others."""
    if isinstance(node, ast.Assign):
        return text_of(node.value) if getattr(node.targets[0], "id", "") == "fact" else None
    call = node
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    position = {"fact": 0, "unknown": 0, "look_at": 2}.get(name)
    return text_of(call.args[position]) if position is not None and len(call.args) > position else None


def text_of(word):
    """Return a text as far as it is written out."""
    if isinstance(word, ast.JoinedStr):
        word = word.values[0]
    return word.value.rstrip(".") if isinstance(word, ast.Constant) and isinstance(word.value, str) else None


def facts():
    """Return the name of each fact that the probes may note as unread."""
    trees = [ast.parse(path.read_text()) for path in sorted(PROBES.glob("*.py"))]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, (ast.Call, ast.Assign))]
    return sorted({name for name in map(named, calls) if name})


def judged(fact):
    """Compare the healthy host, all but for this fact, with what is wanted of all of it."""
    observed = {name: part["observed"] for name, part in PARTS.items()}
    noted = fact
    if fact in BELOW:
        component, field = fact.split(".")
        things = dict(observed[component][field])
        key = list(things)[BELOW[fact]]
        del things[key]
        noted = f"{fact}.{key}"
        observed = changed(observed, {fact: things})
    else:
        observed = changed(observed, STANDS.get(fact, {fact: None}))
    wanted = {name: part["wanted"] for name, part in PARTS.items()}
    return compare_all({**observed, "unknown": [{"fact": noted, "reason": "it was killed"}]}, wanted)


def test_the_list_is_that_of_the_probes():
    assert len(facts()) > 60
    assert {*STANDS, *BELOW, *FREE} <= set(facts())


def test_the_healthy_host_is_converged():
    observed = {name: part["observed"] for name, part in PARTS.items()}
    assert compare_all({**observed, "unknown": []}, {name: part["wanted"] for name, part in PARTS.items()})["converged"]


@pytest.mark.parametrize("fact", [name for name in facts() if name not in FREE])
def test_an_unread_fact_is_never_fine(fact):
    result = judged(fact)
    assert not result["converged"]
    words = [item["reason"] for item in result["unknown"]] + [item["found"] for item in result["findings"]]
    assert any("it was killed" in word or "not observed" in word for word in words), words


@pytest.mark.parametrize("fact", FREE)
def test_a_fact_that_no_verdict_hangs_on_is_silent(fact):
    assert judged(fact)["converged"]
