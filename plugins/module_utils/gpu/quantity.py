# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes quantities as whole numbers: millicores and MiB, always rounded up, never floats."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

_QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})([eE][+-]?[0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?")
_BINARY = {f"{letter}i": Fraction(1024 ** (power + 1)) for power, letter in enumerate("KMGTPE")}
_DECIMAL = {letter: Fraction(1000 ** (power + 1)) for power, letter in enumerate("kMGTPE")}
_SMALL = {"n": Fraction(1, 1000**3), "u": Fraction(1, 1000**2), "m": Fraction(1, 1000)}
_SUFFIXES = {"": Fraction(1), **_BINARY, **_DECIMAL, **_SMALL}
_MIB = 1 << 20
_LARGEST = 1 << 60  # one more digit, and a sum no longer fits what Kubernetes counts with


class CapacityError(ValueError):
    """A number or quantity that no plan can be made of; the text starts with its place."""

    def __init__(self, path: str, message: str) -> None:
        """Keep the place beside the text."""
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


def quantity(value: Any, path: str) -> Fraction:
    """Return the exact value of 4, 3.5, 500m, 12Gi or 1e3.

    Raises:
        CapacityError: it is no quantity of Kubernetes, or is negative or larger than Kubernetes counts.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise CapacityError(path, f"{value!r} is not a quantity such as 4, 500m or 12Gi")
    text = value if isinstance(value, str) else str(value)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise CapacityError(path, f"{text[:60]!r} is not a quantity such as 4, 500m or 12Gi")
    number, suffix = Fraction(Decimal(match.group(1))), match.group(2) or ""
    exact = number * (_SUFFIXES[suffix] if suffix in _SUFFIXES else Fraction(Decimal(f"1{suffix}")))
    if exact > _LARGEST:
        raise CapacityError(path, f"{text[:60]} is more than Kubernetes can count")
    return exact


def cpu_millis(value: Any, path: str) -> int:
    """Return millicores, a started one as a whole."""
    return _up(quantity(value, path) * 1000)


def memory_mib(value: Any, path: str) -> int:
    """Return MiB, a started one as a whole."""
    return _up(quantity(value, path) / _MIB)


def whole(value: Any, path: str) -> int:
    """Return a number of devices.

    Raises:
        CapacityError: it is no whole number.
    """
    exact = quantity(value, path)
    if exact.denominator != 1:
        raise CapacityError(path, f"{value!r} is not a whole number")
    return exact.numerator


def _up(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


def cpu_text(millis: int) -> str:
    """Return 3.5 for 3500: Kubernetes reads it, and people do."""
    cores, rest = divmod(millis, 1000)
    return f"{cores}.{rest:03d}".rstrip("0") if rest else str(cores)


def memory_text(mib: int) -> str:
    """Return 12Gi for 12288, else MiB as Kubernetes writes them."""
    return f"{mib >> 10}Gi" if mib and mib % 1024 == 0 else f"{mib}Mi"
