# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the catalogue is raised by its fixture, and the healthy host raises none."""

import copy
from pathlib import Path

import pytest
import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.index import BY_COMPONENT, CHECKS
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare, compare_all

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
HEALTHY = {name: yaml.safe_load((FIXTURES / f"healthy/{name}.yml").read_text()) for name in BY_COMPONENT}
OBSERVED = {**{name: part["observed"] for name, part in HEALTHY.items()}, "unknown": []}
WANTED = {name: part["wanted"] for name, part in HEALTHY.items()}
CASES = [
    pytest.param(component, case, id=f"{case['check']}: {case['because']}")
    for component in BY_COMPONENT
    for path in [FIXTURES / f"checks/{component}.yml"]
    if path.exists()
    for case in yaml.safe_load(path.read_text())
]

# Checks that may still say no more than their words.
WITHOUT_EVIDENCE = {f"AGT{number:03}" for number in (*range(1, 10), 11, 12, *range(14, 27), 43, 44)}


def changed(data, changes):
    """Return a copy with the values at dotted paths replaced; a number is an index of a list, a key may have dots."""
    result = copy.deepcopy(data)
    for name, value in changes.items():
        if isinstance(name, tuple):  # exact keys, of which the last may be new
            *above, last = name
            place = result
            for key in above:
                place = place[key]
            place[last] = value
            continue
        place, rest = result, name
        while True:
            key = _key(place, rest)
            if key == rest:
                break
            place, rest = place[int(key) if isinstance(place, list) else key], rest[len(key) + 1 :]
        place[int(key) if isinstance(place, list) else key] = value
    return result


def _key(place, path):
    """Return the longest key of a place that a path begins with; one that is not there yet is a path without dots."""
    names = [] if isinstance(place, list) else [key for key in place if f"{path}.".startswith(f"{key}.")]
    return max(names, key=len, default=path.split(".")[0])


@pytest.mark.parametrize(("component", "case"), CASES)
def test_raised_by_its_fixture(component, case):
    observed = changed(OBSERVED, case.get("observed", {}))
    report = compare(component, observed, {**WANTED[component], **case.get("wanted", {})})
    raised = {finding.id: finding for finding in report.findings}
    assert case["check"] in raised
    assert raised[case["check"]].act == case["act"]
    assert raised[case["check"]].fix
    assert sorted(raised) == sorted({case["check"], *case.get("also", [])})
    bare = {finding.id for finding in report.findings if not any(map(told, finding.evidence.values()))}
    assert bare - WITHOUT_EVIDENCE == set()


def told(value):
    """Tell whether a piece of evidence says anything: 0, no and an empty list do."""
    return value is not None and value != ""


def test_the_healthy_host_raises_nothing():
    result = compare_all(OBSERVED, WANTED)
    assert [finding["message"] for finding in result["findings"]] == []
    assert result["unknown"] == []
    assert (result["converged"], result["due"], result["refusals"]) == (True, [], [])


@pytest.mark.parametrize("component", [name for name in BY_COMPONENT if (FIXTURES / f"checks/{name}.yml").exists()])
def test_every_check_has_a_fixture(component):
    assert sorted(set(BY_COMPONENT[component]) - {case.values[1]["check"] for case in CASES}) == []


def test_checks_say_what_a_reader_needs():
    bare = [name for name, check in CHECKS.items() if check.cause and not (check.fix and check.see)]
    assert bare == []


@pytest.mark.parametrize("component", BY_COMPONENT)
def test_a_component_that_was_not_observed_is_never_converged(component):
    seen = {key: value for key, value in OBSERVED.items() if key != component}
    report = compare(component, seen, WANTED[component])
    assert not report.converged
    assert [item.fact.split(".")[0] for item in report.unknown] == [component]
