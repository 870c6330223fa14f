# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that have ended, by packets made here."""

import base64

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.openpgp.expiry import expired, subpackets
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.openpgp.keyring import primary_fingerprints

MADE = 1_000_000


def packet(tag, body):
    return bytes([0xC0 | tag, len(body)]) + body


def key(made=MADE):
    return packet(6, b"\x04" + made.to_bytes(4, "big") + b"\x63ab")


def field(kind, value):
    return bytes([len(value) + 1, kind]) + value


def signature(kind=0x13, issued=MADE, lasts=None, version=4):
    fields = field(2, issued.to_bytes(4, "big")) + (field(9, lasts.to_bytes(4, "big")) if lasts is not None else b"")
    return packet(2, bytes([version, kind, 1, 8]) + len(fields).to_bytes(2, "big") + fields + b"\0\0")


@pytest.mark.parametrize(
    ("packets", "now", "ended"),
    [
        pytest.param(key() + signature(lasts=100), MADE + 99, False, id="not-yet"),
        pytest.param(key() + signature(lasts=100), MADE + 100, True, id="ended"),
        pytest.param(key() + signature(), MADE + 10**9, False, id="without-end"),
        pytest.param(key() + signature(lasts=0), MADE + 10**9, False, id="zero-is-without-end"),
        pytest.param(key(), MADE + 10**9, False, id="unsigned"),
        pytest.param(key() + signature(kind=0x18, lasts=1), MADE + 9, False, id="of-a-subkey"),
        pytest.param(key() + signature(version=3, lasts=1), MADE + 9, False, id="older-signature"),
        pytest.param(
            key() + signature(lasts=1) + signature(issued=MADE + 5, lasts=100), MADE + 9, False, id="made-longer"
        ),
        pytest.param(
            key() + signature(issued=MADE + 5, lasts=100) + signature(lasts=1), MADE + 9, False, id="in-any-order"
        ),
    ],
)
def test_the_newest_word_of_the_owner_counts(packets, now, ended):
    assert expired(packets, now) == (primary_fingerprints(key()) if ended else [])


def test_each_key_of_a_file_is_judged_by_itself():
    raw = key() + signature(lasts=10) + key(MADE + 7) + signature(issued=MADE + 7)
    armoured = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + base64.b64encode(raw)
    armoured += b"\n-----END PGP PUBLIC KEY BLOCK-----\n"
    assert expired(armoured, MADE + 50) == primary_fingerprints(key())


@pytest.mark.parametrize(
    ("area", "found"),
    [
        pytest.param(b"\x02\x09a", {9: b"a"}, id="short"),
        pytest.param(b"\xc0\x00\x09" + b"b" * 191, {9: b"b" * 191}, id="two-octets"),
        pytest.param(b"\xff\x00\x00\x00\x02\x89c", {9: b"c"}, id="five-octets-critical"),
        pytest.param(b"\x00\x02\x09d", {9: b"d"}, id="an-empty-one"),
        pytest.param(b"\x09\x09e", {9: b"e"}, id="cut"),
    ],
)
def test_subpackets(area, found):
    assert subpackets(b"\x04\x13\x01\x08" + len(area).to_bytes(2, "big") + area) == found
