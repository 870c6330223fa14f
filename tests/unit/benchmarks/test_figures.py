# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from benchmarks.figures import Results, Series


def test_series():
    one = Series([3.0, 1.0, 2.0], [0.9, 0.4, 0.5], {"docker": {"stat": 2, "copy": 1}, "playbook": {"ping": 1}})
    assert (one.least, one.middle, one.cpu_least, one.executions) == (1.0, 2.0, 0.4, 4)


def test_what_nothing_counts_is_not_zero():
    assert Series([1.0], [1.0], None).executions is None
    assert Series([1.0], [1.0], {}).executions == 0


def test_ratio_is_that_of_the_minima(results):
    assert results.ratio("site") == pytest.approx(1.8)
    assert results.ratio("site", "geerlingguy") == pytest.approx(0.2)


def test_paired_ratio_forgets_a_slow_round():
    calm, slow = [1.0, 1.0, 1.0], [2.0, 6.0, 2.0]
    both = Results({"empty": Series([1.0, 3.0, 1.0], calm, {}), "site": Series(slow, calm, {})}, {}, 3)
    assert both.paired("site") == pytest.approx(2.0)


@pytest.mark.parametrize(("key", "base"), [("site_16", "empty"), ("site", "site_16")])
def test_no_ratio_of_what_was_not_measured(results, key, base):
    assert results.ratio(key, base) is None
    assert results.paired(key, base) is None


def test_survives_the_file_of_results(results):
    again = Results.from_dict(json.loads(json.dumps(results.to_dict())))
    assert again.to_dict() == results.to_dict()
    assert again.ratio("site") == results.ratio("site")
    assert again.series["pyinfra"].executions is None
