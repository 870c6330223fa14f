# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter translates types and errors."""

import base64

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter.openpgp_fingerprints import FilterModule

apply = FilterModule().filters()["openpgp_fingerprints"]

# A version 4 key packet of a made-up algorithm; only its hash matters.
PACKET = b"\xc6\x08\x04\x00\x00\x00\x00\x63ab"


def test_returns_the_fingerprints():
    assert apply(base64.b64encode(PACKET).decode()) == ["00C031627B4ED142E1D42117F608551F4C481481"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, "not NoneType", id="none"),
        pytest.param(["a"], "not list", id="list"),
        pytest.param("<html>", "not base64", id="no-base64"),
        pytest.param(base64.b64encode(b"<html>").decode(), "web page", id="no-key"),
    ],
)
def test_refuses(value, reason):
    with pytest.raises(AnsibleFilterError, match=reason):
        apply(value)


@pytest.mark.parametrize("damaged", [b"<html>", PACKET[:4]], ids=["no-key", "cut-off"])
def test_a_damaged_file_counts_as_none_on_request(damaged):
    assert apply(base64.b64encode(damaged).decode(), lenient=True) == []


def test_types_are_checked_all_the_same():
    with pytest.raises(AnsibleFilterError, match="not NoneType"):
        apply(None, lenient=True)
