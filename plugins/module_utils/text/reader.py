# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a queue's config from text: YAML or JSON, with limits, line and column. The only place that does."""

from __future__ import annotations

import re
from typing import Any

from .errors import TextError, position
from .json_text import read_json
from .limits import MAX_BYTES
from .yaml_text import read_yaml

_JSON_START = re.compile(r'\s*(?:\{\s*["}]|\[)')


def read_text(text: str | bytes) -> Any:
    """Return the document that a text holds; what starts like JSON must be JSON.

    Raises:
        TextError: the text is too long, no valid Unicode, or breaks a rule of its format.
        ReaderMissing: it is YAML, and PyYAML can't be imported.
    """
    checked = _unicode(text)
    return read_json(checked) if _JSON_START.match(checked) else read_yaml(checked)


def _unicode(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        raise TextError(f"the text has {len(text)} characters; at most {MAX_BYTES} are read")
    if isinstance(text, bytes):
        text = _decoded(text)
    text = str.__str__(text)
    if text.startswith("\ufeff"):
        raise TextError("the text starts with a byte order mark; save it as UTF-8 without one", 1, 1)
    for offset, problem in ((text.find("\x00"), "a NUL character"), (text.find("\ufffe"), "a swapped byte order mark")):
        if offset >= 0:
            raise TextError(f"{problem} is not allowed; is the file UTF-16?", *position(text, offset))
    surrogate = re.search("[\ud800-\udfff]", text)
    if surrogate:
        raise TextError("not valid UTF-8", *position(text, surrogate.start()))
    return text.replace("\r\n", "\n")


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TextError("the text is UTF-16; save it as UTF-8", 1, 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = position(
            data[: error.start].decode("utf-8", "replace"), len(data[: error.start].decode("utf-8", "replace"))
        )
        raise TextError("not valid UTF-8", *where) from error
