# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints agree with what gpg printed for the same key; damaged files are refused."""

import base64
import hashlib

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.openpgp.keyring import (
    MAX_BYTES,
    KeyringError,
    dearmoured,
    primary_fingerprints,
)

# Made with gpg 2.2 for this test; gpg --show-keys printed the fingerprint below, and another one for the subkey.
KEY = b"""\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawXMnhYJKwYBBAHaRw8BAQdA5WrAWgAjVd3K3AGUJm1pCml5SCKB3LC+VHD9
xYQ71pu0F1Rlc3QgPHRlc3RAZXhhbXBsZS5jb20+iJAEExYIADgWIQQZDRpsvhVs
oLiz4vOqLzC9BVMwYgUCawXMngIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAK
CRCqLzC9BVMwYpVmAQC45tmfMM6p3TcNCoM5dgdf1zUS/1wSvcFMD8xVyYm67AEA
7GAI+jnjvGZRoFyzSP1USHGrN+l70l+TItYzUfIZAwG4OARrBcyeEgorBgEEAZdV
AQUBAQdAXzWs0MV9EOf6SWeuCpZlBeY7MH+5jI8MWWF9uDcd21sDAQgHiHgEGBYI
ACAWIQQZDRpsvhVsoLiz4vOqLzC9BVMwYgUCawXMngIbDAAKCRCqLzC9BVMwYuJl
AP9oZQgGdJaCa2jR9uBbECtPZZoVLMxltJXwOU6CpsZS+AEA+0e5IzXId2ufrjVa
rLYbO/xkFQaWTmxaodUSed8oKgc=
=YHzj
-----END PGP PUBLIC KEY BLOCK-----
"""
FINGERPRINT = "190D1A6CBE156CA0B8B3E2F3AA2F30BD05533062"
BODY = dearmoured(KEY)[2:53]


def with_headers(key):
    return key.replace(b"BLOCK-----\n\n", b"BLOCK-----\nVersion: GnuPG v2\nComment: x\n\n", 1)


def new_format(tag, body):
    size = len(body)
    if size < 192:
        length = bytes([size])
    elif size < 8384:
        length = bytes([(size - 192 >> 8) + 192, (size - 192) & 0xFF])
    else:
        length = b"\xff" + size.to_bytes(4, "big")
    return bytes([0xC0 | tag]) + length + body


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(KEY, [FINGERPRINT], id="armoured"),
        pytest.param(KEY.replace(b"\n", b"\r\n"), [FINGERPRINT], id="armoured-crlf"),
        pytest.param(with_headers(KEY), [FINGERPRINT], id="armour-headers"),
        pytest.param(b"some words before\n" + KEY, [FINGERPRINT], id="text-before"),
        pytest.param(dearmoured(KEY), [FINGERPRINT], id="binary"),
        pytest.param(KEY + KEY, [FINGERPRINT, FINGERPRINT], id="two-primary-keys"),
        pytest.param(new_format(6, BODY), [FINGERPRINT], id="new-packet-format"),
        pytest.param(new_format(6, BODY) + new_format(13, b"x" * 300), [FINGERPRINT], id="two-byte-length"),
        pytest.param(new_format(6, BODY) + new_format(17, b"x" * 9000), [FINGERPRINT], id="five-byte-length"),
    ],
)
def test_fingerprints(raw, found):
    assert primary_fingerprints(raw) == found


def test_version_6():
    body = b"\x06" + BODY[1:]
    expected = hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    assert primary_fingerprints(new_format(6, body)) == [expected]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", "web page", id="empty"),
        pytest.param(b"<html>404</html>", "web page", id="web-page"),
        pytest.param(KEY[:200], "no end", id="armour-cut"),
        pytest.param(KEY.replace(b"mDME", b"m?ME"), "damaged", id="armour-damaged"),
        pytest.param(dearmoured(KEY)[:60], "middle of a packet", id="binary-cut"),
        pytest.param(b"\x99\x01", "middle of a packet", id="length-cut"),
        pytest.param(dearmoured(KEY)[:53] + b"\x00", "damaged at byte 53", id="no-packet"),
        pytest.param(b"\x9b" + BODY, "without length", id="old-indeterminate"),
        pytest.param(b"\xc6\xe1" + BODY, "partial length", id="new-partial"),
        pytest.param(new_format(13, b"Test"), "no public key", id="user-id-only"),
        pytest.param(new_format(5, BODY), "secret key", id="secret-key"),
        pytest.param(new_format(6, b"\x03" + BODY[1:]), "version 3", id="version-3"),
        pytest.param(new_format(6, b""), "version 0", id="empty-packet"),
        pytest.param(b"x" * (MAX_BYTES + 1), "longer than", id="giant"),
    ],
)
def test_refuses(raw, reason):
    with pytest.raises(KeyringError, match=reason):
        primary_fingerprints(raw)


def test_base64_of_the_fixture_is_what_slurp_returns():
    assert primary_fingerprints(base64.b64decode(base64.b64encode(KEY))) == [FINGERPRINT]
