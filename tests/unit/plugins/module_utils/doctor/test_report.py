# SPDX-License-Identifier: GPL-3.0-or-later
"""The report says what was found, what was not seen, and never calls fine what nobody looked at."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.read import DoctorError

from .reports import ROOT, finding, healthy, report, seen

SCHEMA = json.loads((ROOT / "docs/schema/doctor-1.json").read_text(encoding="utf-8"))
UNREACHED = {"reachable": False, "error": "no route\nto host"}


def strict(schema):
    """Return the schema without the freedom that readers of a later release need."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(part) for key, part in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in closed else closed


def status_of(data, name):
    return next(part for part in data["components"] if part["component"] == name)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(report(), id="lively"),
        pytest.param(report(seen("hostile")), id="hostile"),
        pytest.param(report(healthy()), id="healthy"),
        pytest.param(report({}), id="nothing-seen"),
        pytest.param(report(UNREACHED), id="unreached"),
        pytest.param(
            report({"observed": {"host": {"cpus": float("nan")}}, "capacity": {"sums": [{}]}}), id="odd-values"
        ),
        pytest.param(report({"findings": [finding("XYZ001")]}), id="unknown-component"),
    ],
)
def test_a_report_is_json_of_the_documented_shape(data):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(json.dumps(data, allow_nan=False)), strict(SCHEMA))


def test_the_schema_says_what_each_key_is():
    def undescribed(schema, path):
        for key, part in schema.get("properties", {}).items():
            if "description" not in part:
                yield f"{path}.{key}"
            yield from undescribed(part, f"{path}.{key}")
            yield from undescribed(part.get("items", {}), f"{path}.{key}[]")

    assert list(undescribed(SCHEMA, "")) == []


def test_the_worst_comes_first():
    data = report()
    assert [item["id"] for item in data["findings"]] == ["GPU003", "K8S007", "DOC008", "DRV003"]
    assert data["counts"] == {"error": 2, "warning": 1, "advice": 1, "not_observed": 1}
    assert data["status"] == "error"


@pytest.mark.parametrize(
    ("name", "status", "severity"),
    [
        pytest.param("host", "ok", None, id="nothing-to-say"),
        pytest.param("gpu", "findings", "error", id="worst-of-two-prefixes"),
        pytest.param("docker", "findings", "warning", id="warning"),
        pytest.param("cluster", "findings", "error", id="error"),
        pytest.param("agent", "not_observed", None, id="a-fact-is-unknown"),
    ],
)
def test_status_of_a_component(name, status, severity):
    part = status_of(report(), name)
    assert (part["status"], part["severity"]) == (status, severity)


def test_a_healthy_machine_is_well():
    data = report(healthy())
    assert data["status"] == "ok"
    assert {part["status"] for part in data["components"]} == {"ok"}


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="empty"),
        pytest.param({"socket": None, "unit": {"load": None}, "group_members": [None]}, id="null-facts"),
    ],
)
def test_a_component_without_facts_is_not_fine(part):
    parts = healthy()
    parts["observed"]["docker"] = part
    data = report(parts)
    assert status_of(data, "docker")["status"] == "not_observed"
    assert (data["status"], data["counts"]["not_observed"]) == ("not_observed", 1)


def test_findings_do_not_hide_what_was_not_seen():
    parts = {**healthy(), "unknown": [{"fact": "docker.engine", "reason": "late"}], "findings": [finding("DOC002")]}
    part = status_of(report(parts), "docker")
    assert (part["status"], part["complete"], part["unknown"]) == ("findings", False, ["docker.engine"])


def test_advice_does_not_outrank_what_was_not_seen():
    assert report({"findings": [finding(severity="advice")]})["status"] == "not_observed"


def test_a_refusal_for_an_unread_fact_is_no_finding():
    parts = {**healthy(), "findings": [finding("DOC001", subject="docker.engine", found="not observed: no answer")]}
    data = report(parts)
    assert data["findings"] == []
    assert data["unknown"] == [{"component": "docker", "fact": "docker.engine", "reason": "no answer"}]


def test_a_fact_is_named_once_with_its_first_reason():
    parts = healthy()
    parts["observed"]["unknown"] = [{"fact": "nfs.unit", "reason": "late"}]
    data = report(parts, unknown=[{"fact": "nfs.unit", "reason": "later"}, {"fact": "elsewhere"}])
    assert [(item["fact"], item["reason"], item["component"]) for item in data["unknown"]] == [
        ("elsewhere", "no reason given", "other"),
        ("nfs.unit", "late", "nfs"),
    ]
    assert "unknown" not in data["observed"]


def test_a_host_that_was_not_reached():
    data = report(UNREACHED)
    assert (data["reachable"], data["error"]) == (False, "no route\nto host")
    assert {part["status"] for part in data["components"]} == {"not_observed"}
    assert data["counts"]["not_observed"] == 1


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        pytest.param({"observed": []}, "observed: a mapping", id="observed"),
        pytest.param({"findings": {}}, "findings: a list", id="findings-mapping"),
        pytest.param({"unknown": "docker"}, "unknown: a list", id="unknown-text"),
        pytest.param({"findings": [{}]}, r"findings\[0\]: a mapping with id", id="no-id"),
        pytest.param({"findings": [finding(severity="fatal")]}, "'fatal' is none of error", id="severity"),
        pytest.param({"findings": [finding(act="ask")]}, "'ask' is none of converge", id="act"),
        pytest.param({"unknown": ["x"]}, r"unknown\[0\]: a mapping with fact", id="no-fact"),
        pytest.param({"versions": [{"component": "x"}]}, "'None' is none of ok", id="verdict"),
    ],
)
def test_other_shapes_are_refused_by_place(parts, text):
    with pytest.raises(DoctorError, match=text):
        report(parts)


def keys_of(schema, path=""):
    """Return every key that the schema names, as the guide writes it."""
    for key, part in schema.get("properties", {}).items():
        yield f"``{path}{key}``"
        yield from keys_of(part, f"{path}{key}.")
        yield from keys_of(part.get("items", {}), f"{path}{key}[].")


def test_the_guide_has_every_key_of_the_schema_in_its_order():
    guide = (ROOT / "docs/docsite/rst/doctor.rst").read_text(encoding="utf-8")
    told = re.findall(r"\* - (``[\w.\[\]]+``)\n     - .*\n     - .*\n", guide.split("The report as data\n---")[1])
    assert told == list(keys_of(SCHEMA))
