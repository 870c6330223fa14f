# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way to the server."""

from __future__ import annotations


class ApiError(Exception):
    """The server could not be reached, or did not do what was asked. The text never holds the key."""


class Unreachable(ApiError):
    """No answer: name, address, TLS or time."""


class KeyRejected(ApiError):
    """The server doesn't accept the API key."""


class RequestRefused(ApiError):
    """The server answered with an error of its own; its text is in the message."""
