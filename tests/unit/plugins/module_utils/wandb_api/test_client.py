# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against a server that misbehaves: bounded, told apart, and the key in one header only."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api import client as module
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.client import (
    Client,
    check_key,
    retry_after,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.connection import (
    check_base_url,
    proxy_of,
    reason_of,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.wandb_api.errors import (
    ApiError,
    KeyRejected,
    NotAllowed,
    RequestRefused,
    Unreachable,
)

KEY = "k" * 40
REAL_SLEEP = time.sleep  # the fixture below replaces the client's


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
def pauses(monkeypatch):
    """The pauses that the client would make, without the noise."""
    made = []
    monkeypatch.setattr(module.time, "sleep", made.append)
    monkeypatch.setattr(module.random, "uniform", lambda low, high: low)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def server(pauses):
    http = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    http.answers, http.seen = [], []
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
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
        pytest.param((403, {}, "no"), NotAllowed, "HTTP 403", id="403"),
        pytest.param((403, {}, '{"errors": [{"message": "no member"}]}'), NotAllowed, "403: no member", id="403-why"),
        pytest.param((302, {"Location": "http://x/"}, ""), Unreachable, "redirects", id="redirect"),
        pytest.param((404, {}, "<html>"), RequestRefused, "is base_url the address of a W&B server", id="404"),
        pytest.param(
            (200, {}, '{"errors": [{"message": "no gpus"}, {"x": 1}]}'), RequestRefused, "no gpus", id="errors"
        ),
        pytest.param((200, {}, '{"errors": "text"}'), RequestRefused, "text", id="error-text"),
        pytest.param((200, {}, '{"errors": [{"code": 3}, "x", null]}'), RequestRefused, "'code': 3.*; x$", id="odd"),
        pytest.param((200, {}, '{"errors": [null]}'), RequestRefused, "without a text", id="nothing-said"),
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


def test_key_and_header_are_hidden_whatever_the_server_repeats(server):
    token = base64.b64encode(f"api:{KEY}".encode()).decode()
    server.answers = [(400, {}, json.dumps({"errors": [{"message": f"bad header Basic {token} of {KEY}"}]}))]
    with pytest.raises(RequestRefused) as caught:
        connect(server).read("q", {})
    assert str(caught.value) == "bad header Basic *** of ***"


BUSY = (429, {"Retry-After": "4"}, "{}")
DOWN = (503, {}, "<html>")
GOOD = (200, {}, '{"data": {"a": 1}}')
NO_GRAPHQL = ("<html>\n<b>", '{"data": ', "[1]", '"text"', "", "[" * 100_000, '{"data": [1]}')


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        pytest.param([GOOD], [], id="good"),
        pytest.param([BUSY, GOOD], [4.0], id="as-asked"),
        pytest.param([DOWN, DOWN, GOOD], [1.0, 2.0], id="back-off"),
        pytest.param([(200, {}, "<html>"), GOOD], [1.0], id="page-in-between"),
    ],
)
def test_reads_and_harmless_writes_are_sent_again(server, pauses, answers, waited):
    for send in (connect(server).read, lambda *given: connect(server).write(*given, twice=True)):
        server.answers = list(answers)
        pauses.clear()
        assert send("q", {}) == {"a": 1}
        assert pauses == waited


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(DOWN, r"busy or broken \(HTTP 503\)$", id="down"),
        pytest.param((500, {}, '{"errors": [{"message": "db"}]}'), r"HTTP 500: db\)$", id="reason"),
        pytest.param(BUSY, "come back in 4 s", id="busy"),
        *[pytest.param((200, {}, text), "(without JSON|no GraphQL)", id=text[:10] or "empty") for text in NO_GRAPHQL],
    ],
)
def test_tries_are_bounded(server, pauses, answer, message):
    server.answers = [answer] * 4
    with pytest.raises(Unreachable, match=message):
        connect(server).read("q", {})
    assert (len(server.answers), len(pauses)) == (1, 2)


@pytest.mark.parametrize("answer", [DOWN, (500, {}, "{}"), (200, {}, "<html>"), (200, {"Content-Length": "90"}, "{")])
def test_a_write_that_may_have_been_done_is_never_sent_again(server, answer):
    server.answers = [answer, GOOD]
    with pytest.raises(Unreachable) as caught:
        connect(server, timeout=0.5).write("q", {})
    assert caught.value.sent
    assert len(server.answers) == 1


def test_a_write_that_was_turned_away_is_sent_again(server):
    server.answers = [BUSY, GOOD]
    assert connect(server).write("q", {}) == {"a": 1}


def test_who_asks_for_too_long_a_pause_is_left_alone(server, pauses):
    server.answers = [(429, {"Retry-After": "3600"}, "{}"), GOOD]
    with pytest.raises(Unreachable, match="come back in 3600 s") as caught:
        connect(server).read("q", {})
    assert (len(server.answers), pauses, caught.value.sent) == (1, [], False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param(None, None, id="absent"),
        pytest.param("7", 7.0, id="seconds"),
        pytest.param("9" * 400, 999999999.0, id="absurd"),
        pytest.param("Thu, 01 Jan 1970 00:01:40 GMT", 40.0, id="date"),
        pytest.param("Thu, 01 Jan 1970 00:00:01 GMT", 0.0, id="date-gone-by"),
        pytest.param("soon", None, id="word"),
        pytest.param("-1", None, id="negative"),
        pytest.param("\u0661", None, id="foreign-digit"),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after(value, 60.0) == seconds


def test_silent_server_ends_in_time(pauses):
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match="timed out") as caught:
        Client(f"http://127.0.0.1:{silent.getsockname()[1]}", KEY, timeout=0.2).read("q", {})
    assert caught.value.sent
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ", id="body"),
        pytest.param(b"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", b" ", id="body-of-an-error"),
        pytest.param(b"", b"not http\r\n", id="no-http"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"zz\r\n", id="bad-chunk"),
    ],
)
def test_a_server_that_drips_or_talks_nonsense_ends_in_time(pauses, begin, piece):
    def drip():
        peer, dummy = silent.accept()
        with peer, contextlib.suppress(OSError):
            peer.recv(65536)
            peer.sendall(begin)
            for dummy in range(40):
                peer.sendall(piece)
                time.sleep(0.05)

    silent = socket.create_server(("127.0.0.1", 0))
    time = SimpleNamespace(sleep=REAL_SLEEP)
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with silent, pytest.raises(Unreachable) as caught:
        Client(f"http://127.0.0.1:{silent.getsockname()[1]}", KEY, timeout=0.4, tries=1).read("q", {})
    assert caught.value.sent
    thread.join(5)


def test_endless_answers_are_cut(server, monkeypatch):
    monkeypatch.setattr(module, "MAX_ANSWER", 1000)
    server.answers = [(200, {}, " " * 5000)]
    with pytest.raises(Unreachable, match="longer than 1000 bytes"):
        connect(server, tries=1).read("q", {})


def test_closed_port_and_plain_answer_to_tls(server, pauses):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="refused") as caught:
        Client(f"http://127.0.0.1:{port}", KEY).write("q", {})
    assert (caught.value.sent, pauses) == (False, [1.0, 2.0])
    pauses.clear()
    with pytest.raises(Unreachable, match="does this port speak https") as caught:
        Client(f"https://127.0.0.1:{server.server_address[1]}", KEY, timeout=2).read("q", {})
    assert (caught.value.sent, pauses) == (False, [])


def test_a_name_that_nobody_knows_is_told_at_once(pauses):
    with pytest.raises(Unreachable, match="can't be reached"):
        Client("http://nobody.invalid", KEY).read("q", {})
    assert pauses == []


def test_a_proxy_is_named_without_its_password(monkeypatch, pauses):
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_of("https://api.example") == "proxy.example:3128"
    assert proxy_of("https://inside.example") == ""
    assert proxy_of("http://api.example") == ""
    assert reason_of("https://api.example", "no") == ("no, through the proxy proxy.example:3128", False)


def test_no_tries_is_an_error():
    with pytest.raises(ApiError, match="below one"):
        Client("http://x", KEY, tries=0).read("q", {})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.wandb.ai",
        "ftp://x",
        "http://x:99999",
        "http://x:0",
        "http://[::1",
        "http://",
        "https://u:p@x",
        "https://x/?a=1",
        "https://x/#a",
        'https://x/"',
        "https://x/a b",
    ],
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
