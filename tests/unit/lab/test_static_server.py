# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's file server: whole files, links, listings, and clients that go away."""

from __future__ import annotations

import http.client
import os
import socket
import threading

import pytest

from tests.lab.server import Server
from tests.lab.static_server import make_server
from tests.lab.wandb_server import http as wandb_http


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "www"
    (folder / "pypi").mkdir(parents=True)
    (tmp_path / "real.bin").write_bytes(os.urandom(3_500_000))
    (folder / "linked.bin").symlink_to(tmp_path / "real.bin")
    (folder / "pypi/index.html").write_text("<a href=x>x</a>", encoding="utf-8")
    found = make_server("127.0.0.1", 0, str(folder))
    threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def get(server, *paths, method="GET"):
    connection = http.client.HTTPConnection(*server.server_address, timeout=10)
    answers = []
    for path in paths:  # one connection: apt and pip keep theirs
        connection.request(method, path)
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()))
    connection.close()
    return answers


def test_files_links_and_listings_over_one_connection(server, tmp_path):
    large, index, listing, missing = get(server, "/linked.bin", "/pypi/", "/", "/no")
    assert large == (200, (tmp_path / "real.bin").read_bytes())
    assert index == (200, b"<a href=x>x</a>")
    assert b"linked.bin" in listing[1]
    assert missing[0] == 404


def test_head_has_a_length_and_no_body(server):
    ((status, body),) = get(server, "/linked.bin", method="HEAD")
    assert (status, body) == (200, b"")


@pytest.mark.parametrize("path", ["/../real.bin", "/%2e%2e/real.bin"])
def test_nothing_outside_the_folder(server, path):
    ((status, _),) = get(server, path)
    assert status == 404


def test_a_client_that_leaves_does_not_disturb_others(server, tmp_path, capsys):
    leaver = socket.create_connection(server.server_address)
    leaver.sendall(b"GET /linked.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    leaver.recv(1000)
    leaver.close()
    ((status, body),) = get(server, "/linked.bin")
    assert (status, len(body)) == (200, 3_500_000)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("problem", "told"), [(ConnectionResetError, False), (BrokenPipeError, False), (KeyError, True)]
)
def test_only_a_client_that_left_is_nothing_to_report(server, capsys, problem, told):
    try:
        raise problem
    except problem:
        server.handle_error(None, ("192.0.2.1", 1))
    assert ("Traceback" in capsys.readouterr().err) is told


def test_the_wandb_stand_in_has_the_same_server():
    with wandb_http.make_server("127.0.0.1", 0, None, None) as other:
        assert isinstance(other, Server)
