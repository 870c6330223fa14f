# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine made of files, an engine that answers on a socket, NVML libraries. Imports are late: links come first."""

import http.server
import json
import os
import socketserver
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[4]


class Machine:
    """Files below a folder."""

    def __init__(self, folder):
        from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root

        self.folder = folder
        self.root = Root(str(folder))

    def write(self, path, text):
        place = self.folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def mkdir(self, path):
        (self.folder / path.lstrip("/")).mkdir(parents=True)

    def link(self, path, target):
        place = self.folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def seen():
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.seen import Seen

    return Seen()


@pytest.fixture
def look(machine, seen):
    """Builds what a probe is given, from wanted states by component."""
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import COMPONENTS
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import states_of
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.look import Look

    def build(root=None, units=None, options=None, **wanted):
        return Look(root or machine.root, seen, states_of(wanted, COMPONENTS), units or {}, **(options or {}))

    return build


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def engine():
    """A server on a unix socket; answers maps paths to (status, body)."""
    answers = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.get(self.path, (404, {"message": "no such"}))
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def address_string(self):
            return "socket"

        def log_message(self, *_args):
            pass

    with tempfile.TemporaryDirectory(prefix="engine") as folder:  # tmp_path may be too long for a socket
        path = os.path.join(folder, "s")
        server = _Server(path, Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield path, answers
        server.shutdown()
        server.server_close()


def _built(folder, source, name, *flags):
    library = folder / name
    argv = ["gcc", "-O0", "-w", "-shared", "-fPIC", "-iquote", str(folder), *flags, "-o", str(library), str(source)]
    subprocess.run(argv, check=True, timeout=120)
    return str(library)


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory):
    """The lab's stand-in for the NVML library."""
    folder = tmp_path_factory.mktemp("nvml")
    (folder / "stubs.inc").write_text("")
    return _built(folder, TESTS / "lab/files/nvml/fake_nvml.c", "libnvidia-ml.so.1")


@pytest.fixture(scope="session")
def old_stand_in(tmp_path_factory):
    """A library of an older driver, with a lost GPU, slices and processes."""
    return _built(tmp_path_factory.mktemp("old"), TESTS / "fixtures/nvml/old_nvml.c", "libnvidia-ml.so.1")


@pytest.fixture(scope="session")
def ill_stand_in(tmp_path_factory):
    """The GPUs of old_stand_in under the names of today, which nvidia-ml-py needs."""
    folder = tmp_path_factory.mktemp("ill")
    return _built(folder, TESTS / "fixtures/nvml/old_nvml.c", "libnvidia-ml.so.1", "-DNEWER")
