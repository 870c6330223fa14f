# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter translates types and errors."""

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter.daemon_digests import FilterModule

apply = FilterModule().filters()["daemon_digests"]


def test_values_are_gone_and_their_types_are_not():
    found = apply({"proxies": {"http-proxy": "http://me:word@proxy"}, "debug": True, "mtu": 1400, "dns": ["192.0.2.1"]})
    assert list(found) == ["proxies", "debug", "mtu", "dns"]
    assert "word" not in str(found)
    assert [type(found[key]) for key in ("debug", "mtu", "dns")] == [bool, int, list]


@pytest.mark.parametrize("settings", ["text", ["debug"], None])
def test_anything_but_a_mapping_is_refused(settings):
    with pytest.raises(AnsibleFilterError, match="must be a mapping"):
        apply(settings)
