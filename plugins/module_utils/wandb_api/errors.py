# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way to the server."""

from __future__ import annotations


class ApiError(Exception):
    """The server could not be reached, or did not do what was asked. The text never holds the key."""


class Unreachable(ApiError):
    """No answer, or none that can be used: name, address, TLS, time, a busy server.

    Attributes:
        sent: whether the server may have done what was asked.
        repeat: whether asking again can help.
        wait: seconds that the server asks to wait before that.
    """

    def __init__(self, text: str, sent: bool = False, repeat: bool = True, wait: float | None = None) -> None:
        super().__init__(text)
        self.sent = sent
        self.repeat = repeat
        self.wait = wait


class KeyRejected(ApiError):
    """The server doesn't accept the API key."""


class NotAllowed(KeyRejected):
    """The server knows the key, and its owner may not do this."""


class RequestRefused(ApiError):
    """The server answered with an error of its own; its text is in the message."""


class ConfigRefused(RequestRefused):
    """The server finds fault with a queue's config; each problem has the path of its place."""

    def __init__(self, text: str, problems: list[dict[str, str]]) -> None:
        super().__init__(text)
        self.problems = problems


class Lost(ApiError):
    """The request went out, no answer came back, and whether the server did it can't be found out."""
