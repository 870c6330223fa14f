# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a certificate ends: the one field that is needed, read from its DER without a library for it."""

from __future__ import annotations

import calendar
import ssl
import time

from ..node.observed.cluster import Certificate
from .root import Root, Unreadable

_SEQUENCE, _INTEGER, _UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x30, 0x02, 0x17, 0x18, 0xA0
_DAY = 86400


def certificate(root: Root, path: str, now: float | None = None) -> Certificate | None:
    """Return when the first certificate of a PEM file ends, None when there is no such file.

    Raises:
        Unreadable: it holds no certificate.
    """
    text = root.read(path)
    if text is None:
        return None
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    try:
        pem = text[text.index(begin) : text.index(end) + len(end)]
        ends = not_after(ssl.PEM_cert_to_DER_cert(pem))
    except (ValueError, IndexError) as error:
        raise Unreadable(f"{path}: it is no certificate") from error
    left = ends - (time.time() if now is None else now)
    return Certificate(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends)), int(left // _DAY))


def not_after(der: bytes) -> int:
    """Return the end of a certificate's validity in seconds since 1970.

    Raises:
        ValueError: it is no certificate.
        IndexError: it is cut off.
    """
    place = _inside(der, _inside(der, 0, _SEQUENCE), _SEQUENCE)
    if der[place] == _VERSION:
        place = _after(der, place)
    for tag in (_INTEGER, _SEQUENCE, _SEQUENCE):  # serial number, algorithm, issuer
        if der[place] != tag:
            raise ValueError("not the fields of a certificate")
        place = _after(der, place)
    return _time(der, _after(der, _inside(der, place, _SEQUENCE)))


def _inside(der: bytes, place: int, tag: int) -> int:
    if der[place] != tag:
        raise ValueError("another element")
    return _span(der, place)[0]


def _after(der: bytes, place: int) -> int:
    return _span(der, place)[1]


def _span(der: bytes, place: int) -> tuple[int, int]:
    """Return where the content of an element begins and ends."""
    first, start = der[place + 1], place + 2
    if first >= 0x80:
        more = first & 0x7F
        first, start = int.from_bytes(der[start : start + more], "big"), start + more
    return start, start + first


def _time(der: bytes, place: int) -> int:
    start, end = _span(der, place)
    text = der[start:end].decode("ascii")
    if der[place] == _UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif der[place] != _GENERALIZED_TIME:
        raise ValueError("no time")
    return calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ"))
