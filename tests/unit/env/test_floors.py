# SPDX-License-Identifier: GPL-3.0-or-later
"""The floors that travel to targets are those of floors.yml."""

from __future__ import annotations

import pytest
import yaml

from tests.env import floors


def test_generated_file_is_up_to_date():
    assert floors.TARGET.read_text(encoding="utf-8") == floors.rendered(), "run python3 -m tests.env.floors"


def test_no_component_of_the_file_is_lost():
    data = yaml.safe_load(floors.DATA.read_text(encoding="utf-8"))
    text = floors.TARGET.read_text(encoding="utf-8")
    assert [entry["name"] for entry in data["components"] if f'name="{entry["name"]}"' not in text] == []
    cves = {cve for entry in data["components"] for rule in entry["rules"] for cve in rule.get("cves", [])}
    assert len(cves) > 15
    assert [cve for cve in cves if cve not in text] == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param({"name": "x", "rules": [{"minimum": "1"}]}, "x: unknown key minimum", id="unknown-key"),
        pytest.param({"name": "x", "rules": [{"min": 1.2}]}, "x: 1.2 must be quoted text", id="a-float-is-no-version"),
    ],
)
def test_mistakes_in_the_file_are_refused(entry, message):
    with pytest.raises(SystemExit, match=message):
        floors.component(entry)
