# SPDX-License-Identifier: GPL-3.0-or-later
"""Every hostile value, text and image name is refused: with its place, in 50 ms of CPU and 64 MiB."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch import predict as module

from . import hostile

COLLECTIONS = Path(module.__file__).parents[6]
BOUND = 0.05
PATIENCE = 5  # a machine that tests share with others
PLACES = {"value": "values.gpus: ", "image": "run.image: "}


@pytest.fixture(scope="module")
def refusals():
    if not hasattr(resource, "RLIMIT_AS"):
        pytest.fail("no RLIMIT_AS on this system; these tests run on Linux")
    done = subprocess.run(
        [sys.executable, hostile.__file__],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(COLLECTIONS)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {tuple(answer["case"]): answer for answer in answers}


@pytest.mark.parametrize(("kind", "name"), [pytest.param(*case, id="-".join(case)) for case in hostile.CASES])
def test_refused_with_its_place_in_time_and_memory(refusals, kind, name):
    answer = refusals[kind, name]
    assert answer["said"], "nothing was refused"
    assert answer["said"].startswith(PLACES.get(kind, ""))
    assert answer["seconds"] < BOUND * PATIENCE


@pytest.mark.parametrize("value", [1, 4, "2", "000000004"])
def test_good_values_are_taken(value):
    job = module.predict(hostile.CONFIG, hostile.GPUS, {"gpus": value}, hostile.RUN).manifests[-1]
    limits = job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits["nvidia.com/gpu"] == int(value)


@pytest.mark.parametrize("value", ["two words", "'\"", "# no comment", "a: b", "line\nend\n", ""])
def test_a_text_is_data(value):
    job = module.predict({"a": "{{text}}"}, {"text": {"type": "string"}}, {"text": value}, hostile.RUN).manifests[-1]
    assert job["a"] == value
