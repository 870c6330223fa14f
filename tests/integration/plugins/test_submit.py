# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/submit.yml against the W&B stand-in, with an agent in this process and without a cluster."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT
from .wandb_site import Agent, Site, serving

CONFIG = {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "{{gpus}}"}}}]}}}}
VARIABLES = {"gpus": {"schema": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4}}}


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    found.add_queue("q", CONFIG, VARIABLES)
    with serving(found.server):
        yield found


@pytest.fixture
def submit(site: Site, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run the playbook; returns its status and what it says."""
    hosts = {"gpu_node": {"hosts": {"here": {"ansible_connection": "local"}}}}
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"children": hosts}}), encoding="utf-8")
    known = {
        "launch_agent_base_url": site.url,
        "launch_agent_entity": "team-a",
        "launch_agent_queues": [{"name": "q"}],
        "launch_agent_kubeconfig": str(tmp_path / "no-cluster"),
        "kube_client_venv": sys.prefix,
        "ansible_python_interpreter": sys.executable,
        "ansible_become": False,
        "submit_timeout": 60,
    }

    def run(*arguments: str, key: str = site.key, **inputs: Any) -> tuple[int, str]:
        extra = {name: value for name, value in {**known, **inputs}.items() if value is not None}
        command = ["ansible-playbook", "playbooks/submit.yml", "-i", str(tmp_path / "hosts.yml"), *arguments]
        done = subprocess.run(
            [*command, "-e", json.dumps(extra)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "WANDB_API_KEY": key},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return run


def test_runs_are_watched_together(site: Site, submit: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    agent = Agent(site, [0, 0, 0])
    file = tmp_path / "runs.json"
    rc, said = submit("-vv", submit_count=3, submit_values={"gpus": 2}, submit_result_file=str(file))
    agent.over.set()
    assert rc == 0, said
    runs = json.loads(file.read_text(encoding="utf-8"))
    assert [run["state"] for run in runs] == ["finished"] * 3
    assert agent.at_once == 2
    assert all(f"run {run['run_id']}: finished after {run['seconds']} s" in said for run in runs)
    items = site.items()
    assert {item["runSpec"]["docker"]["docker_image"] for item in items} == {"wandb/job_hello_world:main"}
    assert [item["values"] for item in items] == [{"gpus": 2}] * 3
    assert site.key not in said


def test_one_that_fails_fails_the_playbook_and_hides_none(site: Site, submit: Callable[..., tuple[int, str]]) -> None:
    agent = Agent(site, [1, 0])
    rc, said = submit(submit_count=2, submit_example="stable_diffusion")
    agent.over.set()
    assert rc == 2, said
    assert "the run ended failed: its program ended with an error" in said
    assert "finished" in said
    image = site.items()[0]["runSpec"]["docker"]["docker_image"]
    assert image == "wandb/job_stable_diffusion_inference:main"


def test_time_that_is_over_is_told(submit: Callable[..., tuple[int, str]]) -> None:
    rc, said = submit(submit_timeout=3)
    assert rc == 2, said
    assert "queued" in said
    assert re.search(r"the run is still queued after \d+ s: no agent has taken it", said), said


def test_check_mode_shows_the_job_and_submits_nothing(site: Site, submit: Callable[..., tuple[int, str]]) -> None:
    rc, said = submit("--check", submit_image="registry.example/team/train:7", submit_values={"gpus": 3})
    assert rc == 0, said
    assert '"nvidia.com/gpu": 3' in said
    assert '"image": "registry.example/team/train:7"' in said
    assert site.items() == []


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        pytest.param(
            {"launch_agent_entity": None, "launch_agent_queues": None, "key": "", "submit_count": 0},
            ["launch_agent_entity is not set", "no queue: set submit_queue", "no API key", "submit_count is '0'"],
            id="all-at-once",
        ),
        pytest.param(
            {"submit_image": "x:1", "submit_job": "a/b/c:d"}, ["submit_image and submit_job are set"], id="two"
        ),
        pytest.param({"submit_example": "x"}, ["known are hello_world, stable_diffusion"], id="example"),
        pytest.param({"submit_values": {"gpus": 5}}, ["values.gpus: 5 is above the maximum 4"], id="value"),
        pytest.param({"submit_queue": "nope"}, ["team-a has no queue 'nope' (it has: q)"], id="queue"),
        pytest.param({"submit_job": "train"}, ["'train' is no job reference"], id="job"),
        pytest.param({"submit_priority": "high"}, ["has no prioritization"], id="priority"),
        pytest.param({"key": "x" * 40}, ["rejects the API key"], id="key"),
    ],
)
def test_bad_inputs_are_named_and_nothing_is_submitted(
    site: Site, submit: Callable[..., tuple[int, str]], inputs: dict[str, Any], words: list[str]
) -> None:
    rc, said = submit(**inputs)
    assert rc == 2, said
    assert [word for word in words if word not in said] == [], said
    assert site.items() == []
