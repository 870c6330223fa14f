# SPDX-License-Identifier: GPL-3.0-or-later
"""What real agents posted for recorded inputs is what the prediction says, byte for byte of meaning."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict

GOLDENS = sorted((Path(__file__).parents[4] / "fixtures" / "launch" / "goldens").glob("*/*.json"))


def predicted(golden):
    names = ("config", "template_variables", "values", "run", "agent_version")
    return predict(*(golden[name] for name in names)).to_dict()


def test_goldens_are_there():
    assert len(GOLDENS) == 19


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in GOLDENS])
def test_golden(path):
    golden = json.loads(path.read_text(encoding="utf-8"))
    untouched = copy.deepcopy(golden)
    result = predicted(golden)
    expected = golden["expected"]
    assert result["manifests"] == expected["manifests"]
    assert result["posted_to"] == expected["posted_to"]
    assert (result["refused"] is None) == (expected["refused"] is None)
    if expected["refused"] is not None:
        assert expected["refused_path"] in result["refused"]
        assert result["refused_path"] == expected["refused_path"]
    assert golden == untouched, "the inputs were changed"
    assert result["config"] == golden["config"]
