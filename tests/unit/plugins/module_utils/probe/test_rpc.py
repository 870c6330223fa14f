# SPDX-License-Identifier: GPL-3.0-or-later
"""The null call to an NFS server."""

import socket
import struct
import threading

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import rpc

ROW = "   0: 00000000:0801 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 1\n"
HEAD = "  sl  local_address rem_address   st tx_queue\n"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("tcp", ROW.format(state="0A"), True),
        ("tcp6", ROW.format(state="0A").replace("00000000:0801", "0" * 32 + ":0801"), True),
        ("tcp", ROW.format(state="01"), False),
        ("tcp", ROW.format(state="0A").replace("0801", "0802"), False),
        ("tcp", "", False),
    ],
    ids=["IPv4", "IPv6", "a connection", "another port", "nothing"],
)
def test_listening(machine, name, text, found):
    machine.write(f"/proc/net/{name}", HEAD + text)
    assert rpc.listening(machine.root) is found


@pytest.fixture
def server():
    """Answers one call with given bytes; None keeps silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard, stop = [], threading.Event()

    def start(answer):
        def serve():
            connection, _peer = listener.accept()
            with connection:
                heard.append(connection.recv(1024))
                if answer is None:
                    stop.wait(10)
                else:
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield start, heard
    stop.set()
    listener.close()


def reply(xid=0x6D6C6E66, kind=1, denied=0):
    return struct.pack(">7I", 0x80000018, xid, kind, denied, 0, 0, 0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply(), "answers"),
        (reply(denied=1), "the call was denied"),
        (reply(xid=1), "something that is no NFS server"),
        (b"HTTP/1.1 400 Bad Request\r\n", "something that is no NFS server"),
        (b"\x80", "closed without an answer"),
        (None, "no answer within 0.3 s"),
    ],
    ids=["reply", "denied", "other call", "http", "short", "silent"],
)
def test_answer(server, answer, said):
    start, heard = server
    assert rpc.null_call("127.0.0.1", 0.3 if answer is None else 5.0, start(answer)) == said
    assert struct.unpack(">11I", heard[0])[3:7] == (2, 100003, 4, 0)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert rpc.null_call("127.0.0.1", 5.0, port) == "connection refused"
    assert "name" in rpc.null_call("no.such.host.invalid", 5.0)
