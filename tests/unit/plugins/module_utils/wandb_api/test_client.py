# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against a server that misbehaves: bounded, told apart, and the key in one header only."""

from __future__ import annotations

import base64
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api import client as module
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.client import (
    Client,
    check_base_url,
    check_key,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import (
    ApiError,
    KeyRejected,
    RequestRefused,
    Unreachable,
)

KEY = "k" * 40


class Answers(BaseHTTPRequestHandler):
    """Answers the entries of the server's list, one per request."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), json.loads(body)))
        status, headers, text = self.server.answers.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    http = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    http.answers, http.seen = [], []
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()


def connect(server, **options):
    return Client(f"http://127.0.0.1:{server.server_address[1]}/", KEY, **options)


def test_key_is_in_one_header(server):
    server.answers = [(200, {}, '{"data": {"a": 1}}')]
    assert connect(server).read("query { a }", {"x": 1}) == {"a": 1}
    ((headers, body),) = server.seen
    assert headers["Authorization"] == "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
    assert body == {"query": "query { a }", "variables": {"x": 1}}


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        pytest.param((401, {}, "no"), KeyRejected, r"rejects the API key \(HTTP 401\)", id="401"),
        pytest.param((403, {}, "no"), KeyRejected, "HTTP 403", id="403"),
        pytest.param((302, {"Location": "http://x/"}, ""), Unreachable, "redirects", id="redirect"),
        pytest.param((200, {}, "<html>\n<b>"), RequestRefused, "without JSON: '<html> <b>'", id="html"),
        pytest.param((200, {"Content-Length": "9"}, '{"data": '), RequestRefused, "without JSON", id="truncated"),
        pytest.param(
            (200, {}, '{"errors": [{"message": "no gpus"}, {"x": 1}]}'), RequestRefused, "no gpus", id="errors"
        ),
        pytest.param((200, {}, '{"errors": "text"}'), RequestRefused, "text", id="error-text"),
        pytest.param((200, {}, "[1]"), RequestRefused, "HTTP 200", id="list"),
        pytest.param((400, {}, "{}"), RequestRefused, "HTTP 400", id="400"),
        pytest.param(
            (200, {}, f'{{"errors": [{{"message": "key {KEY}"}}]}}'), RequestRefused, r"key \*\*\*$", id="key-in-answer"
        ),
    ],
)
def test_answers(server, answer, error, message):
    server.answers = [answer]
    with pytest.raises(error, match=message) as caught:
        connect(server).read("q", {})
    assert KEY not in str(caught.value)


def test_busy_server_is_asked_again_for_reads_only(server):
    busy = (429, {"Retry-After": "1"}, "{}")
    server.answers = [busy, (503, {}, "{}"), (200, {}, '{"data": null}')]
    assert connect(server).read("q", {}) == {}
    server.answers = [busy, (200, {}, "{}")]
    with pytest.raises(RequestRefused, match="HTTP 429"):
        connect(server).write("q", {})


def test_silent_server_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match="timed out"):
        Client(f"http://127.0.0.1:{silent.getsockname()[1]}", KEY, timeout=0.2).read("q", {})


def test_closed_port_and_plain_answer_to_tls(server):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="refused"):
        Client(f"http://127.0.0.1:{port}", KEY).read("q", {})
    with pytest.raises(Unreachable, match="can't be reached"):
        Client(f"https://127.0.0.1:{server.server_address[1]}", KEY, timeout=2).read("q", {})


@pytest.mark.parametrize(
    "url",
    ["", "api.wandb.ai", "ftp://x", "https://u:p@x", "https://x/?a=1", "https://x/#a", 'https://x/"', "https://x/a b"],
)
def test_bad_base_url(url):
    with pytest.raises(ApiError, match="base_url"):
        check_base_url(url)


@pytest.mark.parametrize("key", ["", "short", "k" * 39, "k" * 39 + " ", "k" * 40 + "\n", "\u043a" * 40])
def test_bad_key_is_not_repeated(key):
    with pytest.raises(ApiError) as caught:
        check_key(key)
    assert len(key) < 5 or key not in str(caught.value)


def test_bad_certificates(tmp_path):
    with pytest.raises(ApiError, match="ca_path"):
        Client("https://x", KEY, ca_path=str(tmp_path / "absent.pem"))
