# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as templates call them."""

import dataclasses
import re
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter import findings
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import WANTED

ROOT = Path(__file__).resolve().parents[4]
DESCRIBED = yaml.safe_load((ROOT / "plugins/filter/findings.yml").read_text(encoding="utf-8"))["DOCUMENTATION"]
FEDORA = {"host": {"os_id": "fedora", "version_id": "40", "arch": "x86_64", "systemd": True}}
compare = findings.FilterModule().filters()["findings"]


def test_findings_are_plain_data():
    found = compare(FEDORA, "host", {})
    assert [(f["id"], f["act"], f["severity"]) for f in found] == [("SYS002", "refuse", "error")]
    assert found[0]["message"].startswith("SYS002 error operating system: found fedora 40")


def test_unobserved_facts_are_refusals():
    found = compare({"host": {**FEDORA["host"], "os_id": "debian", "version_id": "12"}}, "gpu", {})
    assert [(f["id"], f["found"]) for f in found] == [("GPU001", "not observed: it was not observed")]


@pytest.mark.parametrize(
    ("observed", "component", "wanted", "words"),
    [
        ([], "host", {}, "the mapping 'observed'"),
        ({}, ["host"], {}, "the name of a component"),
        ({}, "host", None, "a mapping, the wanted state"),
        ({}, "hots", {}, "did you mean 'host'"),
        ({"host": 3}, "host", {}, "observed.host"),
    ],
)
def test_wrong_types_are_filter_errors(observed, component, wanted, words):
    with pytest.raises(AnsibleFilterError, match=words):
        compare(observed, component, wanted)


@pytest.mark.parametrize("component", WANTED)
def test_the_documented_keys_are_those_of_the_wanted_state(component):
    lines = DESCRIBED["options"]["wanted"]["description"]
    (line,) = [line for line in lines if line.startswith(f"C({component}): ")]
    dummy, *keys = re.findall(r"C\(([^)]*)\)", line)
    assert sorted(keys) == sorted(field.name for field in dataclasses.fields(WANTED[component]))
