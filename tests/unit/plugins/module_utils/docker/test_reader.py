# SPDX-License-Identifier: GPL-3.0-or-later
"""daemon.json is read strictly, and a refusal names the place."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.errors import DaemonConfigError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.reader import MAX_CHARS, read

REFUSED = [
    pytest.param(b'{\n  // logs\n  "debug": true\n}', 2, 3, "comment", id="comment-slashes"),
    pytest.param(b'{"debug": true /* logs */}', 1, 16, "comment", id="comment-stars"),
    pytest.param(b'# head\n{"debug": true}', 1, 1, "comment", id="comment-hash"),
    pytest.param(b'{\n  "debug": true,\n}', 2, 16, "comma before '}'", id="trailing-comma-object"),
    pytest.param(b'{"dns": ["192.0.2.1",]}', 1, 21, "comma before ']'", id="trailing-comma-list"),
    pytest.param(b'{"debug": true "live-restore": true}', 1, 16, "a comma or '}'", id="missing-comma"),
    pytest.param(b'\xef\xbb\xbf{"debug": true}', 1, 1, "byte order mark", id="bom"),
    pytest.param('{"debug": true}'.encode("utf-16"), 1, 1, "byte order mark", id="utf-16"),
    pytest.param(b'{\n"debug": "\xff"}', 2, 11, "not UTF-8", id="not-utf-8"),
    pytest.param(b"null", 1, 1, "holds null", id="null"),
    pytest.param(b"\n []", 2, 2, "holds a list", id="list"),
    pytest.param(b'"debug"', 1, 1, "holds a plain value", id="text"),
    pytest.param(b'{"debug": true}{}', 1, 16, "text follows", id="two-objects"),
    pytest.param(b'{"a": 1,\n "b": 2,\n "a": 3}', 3, 2, "the first one in line 1", id="duplicate-key"),
    pytest.param(b'{"a": {"x": 1, "x": 2}}', 1, 16, "'x' is there twice", id="duplicate-key-inside"),
    pytest.param(b'{"a": NaN}', 1, 7, "a value is expected", id="nan"),
    pytest.param(b'{"a": 1e400}', 1, 7, "too large", id="infinite-number"),
    pytest.param(b'{"a": 01}', 1, 7, "a value is expected", id="leading-zero"),
    pytest.param(b'{"a": True}', 1, 7, "a value is expected", id="python-true"),
    pytest.param(b"{'a': 1}", 1, 2, "double quotes", id="single-quotes"),
    pytest.param(b'{"a" 1}', 1, 6, "a colon", id="missing-colon"),
    pytest.param(b'{"a": "b\n"}', 1, 7, "no end on this line", id="line-end-in-text"),
    pytest.param(b'{"a": "\\x41"}', 1, 7, "bad escape", id="bad-escape"),
    pytest.param(b'{"a": "\\ud800"}', 1, 7, "surrogate", id="lone-surrogate"),
    pytest.param(b'{"a": ', 1, 7, "the text ends", id="truncated"),
    pytest.param(b'{"a": ' + b"[" * 100, 1, 71, "nested deeper", id="brackets"),
    pytest.param(b'{"a": "' + b"x" * MAX_CHARS + b'"}', None, None, "longer than", id="giant"),
]


@pytest.mark.parametrize(("raw", "line", "column", "reason"), REFUSED)
def test_refuses_with_line_and_column(raw, line, column, reason):
    with pytest.raises(DaemonConfigError) as caught:
        read(raw)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b" \r\n\t\n", b"{}", b"\n{ }\n"])
def test_empty_file_counts_as_empty_object(raw):
    assert read(raw)[0] == {}


def test_reads_what_the_engine_reads():
    raw = b'{"debug": true, "n": [1, -2.5e1, {"x": null}], "\\u00e4": "\xc3\xa4 \\"q\\""}'
    config, places = read(raw)
    assert config == {"debug": True, "n": [1, -25.0, {"x": None}], "ä": 'ä "q"'}
    assert places[("debug",)] == 10


def test_keeps_the_order_of_keys():
    assert list(read(b'{"z": 1, "a": 2, "m": 3}')[0]) == ["z", "a", "m"]
