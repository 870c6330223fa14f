# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of the primary keys in a key file, armoured or binary (RFC 4880 and RFC 9580)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator

PUBLIC_KEY = 6
SECRET_KEYS = (5, 7)
MAX_BYTES = 1 << 20

_BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_END = "-----END PGP PUBLIC KEY BLOCK-----"


class KeyringError(ValueError):
    """The data is no OpenPGP public key file."""


def primary_fingerprints(raw: bytes) -> list[str]:
    """Return the fingerprint of every primary key, in the order of the file, in upper case hexadecimal digits.

    Args:
        raw: content of a key file.

    Raises:
        KeyringError: the data holds no public key, is damaged, or holds a secret key.
    """
    if len(raw) > MAX_BYTES:
        raise KeyringError(f"longer than {MAX_BYTES} bytes")
    found = []
    for tag, body in packets(raw if raw[:1] >= b"\x80" else dearmoured(raw)):
        if tag in SECRET_KEYS:
            raise KeyringError("holds a secret key")
        if tag == PUBLIC_KEY:
            found.append(fingerprint(body))
    if not found:
        raise KeyringError("holds no public key")
    return found


def dearmoured(raw: bytes) -> bytes:
    """Return the binary content of all armoured blocks."""
    blocks: list[bytes] = []
    lines = iter(raw.decode("ascii", "replace").splitlines())
    for line in lines:
        if line.strip() == _BEGIN:
            blocks.append(_block(lines))
    if not blocks:
        raise KeyringError("neither a binary key nor an armoured one (is it a web page?)")
    return b"".join(blocks)


def _block(lines: Iterator[str]) -> bytes:
    body: list[str] = []
    headers = True
    for line in lines:
        text = line.strip()
        if text == _END:
            try:
                return base64.b64decode("".join(body), validate=True)
            except binascii.Error as error:
                raise KeyringError("the armoured block is damaged") from error
        if headers and (not text or ": " in text):
            headers = bool(text)
        elif not text.startswith("="):
            headers = False
            body.append(text)
    raise KeyringError("the armoured block has no end")


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and body of each packet."""
    at = 0
    while at < len(data):
        head = data[at]
        if not head & 0x80:
            raise KeyringError(f"damaged at byte {at}")
        tag = head & 0x3F if head & 0x40 else head >> 2 & 0x0F
        start, length = _new_length(data, at + 1) if head & 0x40 else _old_length(data, at + 1, head & 3)
        if start + length > len(data):
            raise KeyringError("ends in the middle of a packet")
        yield tag, data[start : start + length]
        at = start + length


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    first = _number(data, at, 1)
    if first < 192:
        return at + 1, first
    if first < 224:
        return at + 2, (first - 192 << 8) + _number(data, at + 1, 1) + 192
    if first == 255:
        return at + 5, _number(data, at + 1, 4)
    raise KeyringError("a packet of partial length is no key")


def _old_length(data: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == 3:
        raise KeyringError("a packet without length is no key")
    size = 1 << kind
    return at + size, _number(data, at, size)


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise KeyringError("ends in the middle of a packet")
    return int.from_bytes(data[at : at + size], "big")


def fingerprint(body: bytes) -> str:
    """Return the fingerprint of a public key packet."""
    version = body[0] if body else 0
    if version == 4:
        # SHA-1 is what the format prescribes for version 4.
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest().upper()
    if version == 6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    raise KeyringError(f"holds a key of version {version}; 4 and 6 are known")
