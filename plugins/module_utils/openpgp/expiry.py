# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which primary keys of a public key file have ended."""

from __future__ import annotations

from .keyring import PUBLIC_KEY, dearmoured, fingerprint, packets

SIGNATURE = 2
# Certifications of a user id, and a signature directly on the key: by these its owner says when it ends.
SELF_SIGNATURES = (0x10, 0x11, 0x12, 0x13, 0x1F)
ISSUED = 2
KEY_EXPIRES = 9


def expired(raw: bytes, now: float) -> list[str]:
    """Return the fingerprints of primary keys that have ended, by their newest signature of version 4.

    Args:
        raw: content of a key file.
        now: seconds of the epoch.

    Raises:
        KeyringError: the file is damaged.
    """
    found: list[str] = []
    key, newest, lifetime = b"", -1, 0
    for tag, body in [*packets(raw if raw[:1] >= b"\x80" else dearmoured(raw)), (PUBLIC_KEY, b"")]:
        if tag == PUBLIC_KEY:
            if lifetime and int.from_bytes(key[1:5], "big") + lifetime <= now:
                found.append(fingerprint(key))
            key, newest, lifetime = body, -1, 0
        elif tag == SIGNATURE and body[:1] == b"\x04" and body[1] in SELF_SIGNATURES:
            fields = subpackets(body)
            issued = int.from_bytes(fields.get(ISSUED, b""), "big")
            if issued > newest:
                newest, lifetime = issued, int.from_bytes(fields.get(KEY_EXPIRES, b""), "big")
    return found


def subpackets(signature: bytes) -> dict[int, bytes]:
    """Return the hashed subpackets of a signature of version 4 by their type."""
    area = signature[6 : 6 + int.from_bytes(signature[4:6], "big")]
    found: dict[int, bytes] = {}
    at = 0
    while at < len(area):
        start, size = _length(area, at)
        part = area[start : start + size]
        if part:
            found[part[0] & 0x7F] = part[1:]
        at = start + size
    return found


def _length(area: bytes, at: int) -> tuple[int, int]:
    first = area[at]
    if first < 192:
        return at + 1, first
    if first < 255:
        return at + 2, (first - 192 << 8) + int.from_bytes(area[at + 1 : at + 2], "big") + 192
    return at + 5, int.from_bytes(area[at + 1 : at + 5], "big")
