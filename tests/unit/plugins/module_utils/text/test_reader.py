# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of a queue's config: what is not allowed is refused with line and column, before anything is expanded."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text import yaml_text
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import ReaderMissing, TextError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text

TABBED = (
    "spec:\n  template:\n    spec:\n      containers:\n      - image: x\n\t  volumeMounts:\n\t  - name: nfs-storage\n"
)
BOMB = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        pytest.param(TABBED, 6, 1, "a tab is used as indentation", id="tutorial-tabs"),
        pytest.param("spec:\n  a:\n  \tb: 1\n", 3, 3, "a tab is used as indentation", id="tab-after-blanks"),
        pytest.param(BOMB, 1, 5, "anchor &a0 is not allowed", id="bomb"),
        pytest.param("a: *x\n", 1, 4, r"alias \*x is not allowed", id="alias"),
        pytest.param("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is there twice; the first one is in line 1", id="duplicate"),
        pytest.param("1: 2", 1, 1, "a key must be text", id="number-key"),
        pytest.param("a:\n  null: 1", 2, 3, "a key must be text", id="null-key"),
        pytest.param("true: 1", 1, 1, "a key must be text", id="bool-key"),
        pytest.param("? [1]\n: 2", 1, 3, "not a list or mapping", id="list-key"),
        pytest.param("a: !!python/object/apply:os.system [id]", 1, 4, "tag .*os.system is not allowed", id="tag"),
        pytest.param("a: !unsafe '{{gpus}}'", 1, 4, "tag !unsafe is not allowed", id="unsafe"),
        pytest.param("<<: {a: 1}", 1, 1, "merge key", id="merge"),
        pytest.param("a: 1\n---\nb: 2\n", 2, 1, "second document", id="documents"),
        pytest.param("a: .nan", 1, 4, "not a number that JSON knows", id="nan"),
        pytest.param("a: -.inf", 1, 4, "not a number that JSON knows", id="infinity"),
        pytest.param("a: 1.0e+999", 1, 4, "too large", id="overflow"),
        pytest.param(f"a: {'1' * 5000}", 1, 4, "more than 18 digits", id="digits"),
        pytest.param("a: " + "[" * 70 + "]" * 70, 1, 67, "deeper than 64", id="depth"),
        pytest.param("- 1\n" * 20000, 10000, 3, "more than 10000 values", id="nodes"),
        pytest.param("a: b: c", 1, 5, "not YAML", id="syntax"),
        pytest.param("a: 'x", 1, 6, "not YAML", id="open-quote"),
        pytest.param("a: \x07", 1, 4, "control character", id="bell"),
        pytest.param("\ufeffa: 1", 1, 1, "byte order mark", id="bom"),
        pytest.param("a: 1\nb: \x00", 2, 4, "NUL", id="nul"),
        pytest.param("a: \ud800", 1, 4, "not valid UTF-8", id="surrogate"),
        pytest.param(b"a: 1\nb: \xff", 2, 4, "not valid UTF-8", id="invalid-bytes"),
        pytest.param("a: 1".encode("utf-16"), 1, 1, "UTF-16", id="utf-16"),
        pytest.param('{"a": 1,}', 1, 9, "a comma with nothing after it", id="json-comma"),
        pytest.param('{"a": NaN}', 1, 7, "NaN is not a number", id="json-nan"),
        pytest.param('{"a": 1e400}', 1, 7, "too large", id="json-overflow"),
        pytest.param('{"a": 1,\n "b": 2, "a": 3}', 2, 10, "'a' is there twice", id="json-duplicate"),
        pytest.param("[" * 10000, 1, 65, "deeper than 64", id="json-brackets"),
        pytest.param('{"a": [' + "1," * 20000 + "1]}", 1, 20005, "more than 10000", id="json-nodes"),
        pytest.param('{"a": ' + "9" * 40 + "}", 1, 7, "more than 18 digits", id="json-digits"),
        pytest.param('{"a": "x', 1, 7, "not JSON", id="json-open"),
    ],
)
def test_refused_with_position(text, line, column, message):
    begin = time.perf_counter()
    with pytest.raises(TextError, match=message) as caught:
        read_text(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"line {line}, column {column}: ")
    assert time.perf_counter() - begin < 1, "50 ms is the goal on a quiet machine"


def test_too_long_is_refused_before_parsing():
    with pytest.raises(TextError, match="at most 1048576"):
        read_text("a" * (1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: 4\nb: -1\nc: +2\nd: 1.5\n", {"a": 4, "b": -1, "c": 2, "d": 1.5}, id="numbers"),
        pytest.param("a: true\nb: False\nc: ~\nd:\n", {"a": True, "b": False, "c": None, "d": None}, id="words"),
        pytest.param(
            "a: yes\nb: 017\nc: 1_000\nd: 1:30\n", {"a": "yes", "b": "017", "c": "1_000", "d": "1:30"}, id="disagreed"
        ),
        pytest.param("a: 2026-01-01\nb: 0x10\nc: 1e3\n", {"a": "2026-01-01", "b": "0x10", "c": "1e3"}, id="more-text"),
        pytest.param("a: '4'\nb: \"true\"\n", {"a": "4", "b": "true"}, id="quoted"),
        pytest.param("a: |\n  x\n  \ty\n", {"a": "x\n\ty\n"}, id="tab-in-text"),
        pytest.param("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}, id="crlf"),
        pytest.param("{spec: {a: 1}}", {"spec": {"a": 1}}, id="flow"),
        pytest.param("yes: 1\non: 2", {"yes": 1, "on": 2}, id="word-keys"),
        pytest.param(b'{"a": [1, {"b": "{{gpus}}"}]}', {"a": [1, {"b": "{{gpus}}"}]}, id="json-bytes"),
        pytest.param('{"a": "x\\"}{,[y"}', {"a": 'x"}{,[y'}, id="json-quotes"),
        pytest.param("", None, id="empty"),
    ],
)
def test_read(text, expected):
    assert read_text(text) == expected


def test_the_tutorials_config_reads_alike_in_both_formats():
    config = {
        "spec": {
            "backoffLimit": 0,
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [
                        {
                            "image": "${image_uri}",
                            "resources": {"limits": {"cpu": 4, "memory": "12Gi", "nvidia.com/gpu": "{{gpus}}"}},
                        }
                    ],
                }
            },
        }
    }
    assert read_text(json.dumps(config)) == config
    assert read_text(yaml.safe_dump(config)) == config


def test_without_the_library_json_still_works(monkeypatch):
    monkeypatch.setattr(yaml_text, "yaml", None)
    assert read_text('{"a": 1}') == {"a": 1}
    with pytest.raises(ReaderMissing):
        read_text("a: 1")


CHILD = """
import resource, sys
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import TextError
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20,) * 2)
try:
    read_text(sys.stdin.read())
except TextError:
    print("refused")
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="no RLIMIT_AS on this system; runs on Linux")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BOMB, id="bomb"),
        pytest.param("[" * 1_000_000, id="brackets"),
        pytest.param('{"' + '\\"' * 500_000, id="quotes"),
        pytest.param("- 1\n" * 250_000, id="nodes"),
    ],
)
def test_refused_within_64_mib(text):
    root = Path(yaml_text.__file__).parents[6]
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(root)},
    )
    assert done.stdout == "refused\n", done.stderr
