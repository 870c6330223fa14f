# SPDX-License-Identifier: GPL-3.0-or-later
"""The new file looks like the old one; diffs hide credentials."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.render import masked, rendered


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        pytest.param("", '{\n  "a": 1\n}\n', id="new-file"),
        pytest.param('{\n    "b": 2\n}', '{\n    "a": 1\n}\n', id="four-blanks"),
        pytest.param('{\n\t"b": 2\n}\n', '{\n\t"a": 1\n}\n', id="tab"),
        pytest.param('{"b": 2}', '{\n  "a": 1\n}\n', id="one-line"),
        pytest.param('{\r\n  "b": 2\r\n}\r\n', '{\r\n  "a": 1\r\n}\r\n', id="crlf"),
    ],
)
def test_style_of_the_earlier_file(earlier, text):
    assert rendered({"a": 1}, earlier) == text


def test_text_stays_readable():
    assert '"ä"' in rendered({"a": "ä"}, "")


def test_masks_credentials():
    text = '{"http-proxy": "http://me:hush@192.0.2.1:3128", "splunk-token": "hu\\"sh", "tag": "token"}'
    assert "hush" not in masked(text)
    assert 'hu\\"sh' not in masked(text)
    assert '"tag": "token"' in masked(text)
