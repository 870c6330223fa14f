# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison over digests says what the merge over values would do: both run over many machines."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.digest import (
    digested,
    digested_leaf,
    paths_of,
    seen_through,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.errors import DaemonConfigError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.merge import Current, make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.record import OwnedLeaf
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.values import ABSENT, same
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.daemon_config import differences
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.docker import DaemonConfig, OwnedSeen

KEYS = st.sampled_from(["a", "b", "log-opts", "dotted.key"])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 2),
    st.sampled_from([0.5, "", "x", "secret"]),
    st.lists(st.sampled_from(["x", 1]), max_size=2),
    st.builds(dict),
)
TREES = st.dictionaries(KEYS, st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=2)), max_size=3)


def planned(config, wanted, owned=()):
    return make_plan(Current(json.dumps(config), config, {}), wanted, (), owned)


def tried(*arguments):
    try:
        return planned(*arguments), ""
    except DaemonConfigError as error:
        return None, error.reason


def observed(config, wanted, owned):
    """Return daemon.json as the probe would see it, by way of JSON."""
    named = paths_of(wanted) | {leaf.path for leaf in owned}
    leaves = [digested_leaf(leaf) for leaf in owned]
    seen = tuple(
        OwnedSeen(leaf.path, leaf.value, None if leaf.earlier is ABSENT else leaf.earlier,
                  leaf.earlier is not ABSENT, leaf.existing_depth)
        for leaf in leaves
    )  # fmt: skip
    return DaemonConfig(exists=True, settings=json.loads(json.dumps(seen_through(config, named))), records={"me": seen})


def record_changes(plan, owned):
    then = {leaf.path: leaf.value for leaf in owned}
    now = {leaf.path: leaf.value for leaf in plan.leaves}
    return then.keys() != now.keys() or any(not same(then[path], value) for path, value in now.items())


@settings(max_examples=400, deadline=None)
@given(first=TREES, early=TREES, meddled=st.none() | TREES, wanted=TREES)
@example(first={"a": {"b": 1}}, early={"a": {}}, meddled=None, wanted={})
@example(first={}, early={"a": True}, meddled={"a": 1}, wanted={"a": True})
@example(first={"a": "x"}, early={}, meddled=None, wanted={"a": {"b": 1}})
def test_both_find_the_same(first, early, meddled, wanted):
    """A file, a first run of a role, somebody who writes another file in between, and a second run."""
    plan, dummy = tried(first, early)
    if plan is None:
        return
    file, owned = (plan.config if meddled is None else meddled), plan.leaves
    found = differences(observed(file, wanted, owned), "me", digested(wanted))
    second, reason = tried(file, wanted, owned)
    assert found.error == reason
    if second is None:
        return
    assert bool(found.lost or found.due) is (second.changed or record_changes(second, owned))
    keys = {key for part in (found.lost, found.due) for names in part.values() for key in names}
    if second.changed:
        assert keys == set(second.changed_keys)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        pytest.param("x", "x", True, id="text"),
        pytest.param("x", "y", False, id="other-text"),
        pytest.param(1, True, False, id="true-is-not-one"),
        pytest.param(1, "1", False, id="text-is-no-number"),
        pytest.param(["a", "b"], ["b", "a"], False, id="order-of-a-list"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order-of-keys"),
        pytest.param(None, {}, False, id="null-is-no-object"),
    ],
)
def test_digests_are_equal_for_equal_values(one, other, equal):
    assert same(digested(one), digested(other)) is equal


def test_nothing_of_a_value_is_kept():
    config = {
        "proxies": {"http-proxy": "http://me:word@proxy"},
        "mtu": 1400,
        "dns": ["192.0.2.1"],
        "ipv6": True,
        "x": None,
    }
    text = json.dumps(seen_through(config, {("mtu",)}))
    assert json.loads(text) == {
        "proxies": {"http-proxy": ""},
        "mtu": digested(1400),
        "dns": [],
        "ipv6": False,
        "x": None,
    }
    assert not any(part in text for part in ("word", "1400", "192"))


def test_an_owned_leaf_that_was_absent_before_stays_so():
    assert digested_leaf(OwnedLeaf(("a",), "x", ABSENT, 0)).earlier is ABSENT
    assert digested_leaf(OwnedLeaf(("a",), "x", {"b": "c"}, 0)).earlier == {"b": digested("c")}


def test_numbers_that_are_not_named_keep_their_type():
    assert seen_through({"a": 0.5, "b": {}}, set()) == {"a": 0, "b": {}}
