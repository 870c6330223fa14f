# SPDX-License-Identifier: GPL-3.0-or-later
"""W&B servers for the tests of the launch modules: with faults, over https with a CA of its own, behind a proxy."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.lab.server import Server
from tests.lab.wandb_server.api import Api
from tests.lab.wandb_server.faults import Faults
from tests.lab.wandb_server.http import Log, make_server, with_tls
from tests.lab.wandb_server.state import Options

PLACE = {"entityName": "team-a", "projectName": "model-registry"}
DAY = datetime.timedelta(days=1)


class Site:
    """One server, and what its account needs."""

    def __init__(self, certificate: Path | None = None) -> None:
        """Binds a free port."""
        self.key = secrets.token_hex(20)
        self.api = Api(Options(entity="team-a", username="alex", api_key=self.key), None)
        self.faults = Faults()
        self.server: Server = make_server("127.0.0.1", 0, self.api, Log(None), self.faults)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        if certificate:
            with_tls(self.server, certificate)

    @property
    def account(self) -> dict[str, Any]:
        """Options that every module needs."""
        return {"base_url": self.url, "api_key": self.key, "entity": "team-a"}

    def add_queue(self, name: str, config: dict[str, Any], variables: dict[str, Any] | None = None) -> None:
        """Makes a queue without asking the module that is under test elsewhere."""
        stored = json.dumps({"resource_args": {"kubernetes": config}})
        self.api.m_upsertModel({"entityName": "team-a", "name": "model-registry"})
        given = {**PLACE, "queueName": name, "resourceType": "kubernetes", "resourceConfig": stored}
        self.api.m_upsertRunQueue({**given, "templateVariables": json.dumps(variables or {})})

    def items(self) -> list[dict[str, Any]]:
        """The items of all queues."""
        return list(self.api.state.items.values())

    def queue(self, name: str) -> dict[str, Any] | None:
        """A queue as the server keeps it."""
        return self.api.state.queues.get(f"team-a/{name}")


@contextlib.contextmanager
def serving(server: Server) -> Iterator[None]:
    """Serves while the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Agent(threading.Thread):
    """Takes items, two at a time, and lets their runs begin and end as `exits` says."""

    def __init__(self, site: Site, exits: list[int]) -> None:
        """Starts at once."""
        super().__init__(daemon=True)
        self.site, self.exits, self.over = site, exits, threading.Event()
        self.expected = len(exits)
        self.at_once = 0
        self.start()

    def run(self) -> None:
        """One look at the queue every tenth of a second."""
        working: list[str] = []
        while len(self.site.items()) < self.expected and not self.over.wait(0.1):
            pass
        while not self.over.wait(0.1):
            with self.site.api.lock:
                self._take(working)
                self.at_once = max(self.at_once, len(working))
            if working:
                time.sleep(1)
                key = working.pop(0)
                self.site.api.stream(key, {"complete": True, "exitcode": self.exits.pop(0)})

    def _take(self, working: list[str]) -> None:
        while len(working) < 2:
            leased = self.site.api.m_popFromRunQueue({**PLACE, "queueName": "q"})
            if leased is None:
                return
            run_id = leased["runSpec"]["run_id"]
            self.site.api.m_ackRunQueueItem({"runQueueItemId": leased["runQueueItemId"], "runName": run_id})
            place = {"entityName": "team-a", "modelName": leased["runSpec"]["project"]}
            self.site.api.m_upsertBucket({**place, "name": run_id})
            working.append(f"team-a/{leased['runSpec']['project']}/{run_id}")


def make_ca(folder: Path, name: str, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """Makes a CA and a certificate for `host`; returns the CA's file, and the server's with its key."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA {name}")])
    ca = _builder(issuer, issuer, ca_key).add_extension(x509.BasicConstraints(True, None), True)
    alternative = x509.DNSName(host) if host.isalpha() else x509.IPAddress(ipaddress.ip_address(host))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = _builder(subject, issuer, key).add_extension(x509.SubjectAlternativeName([alternative]), False)
    authority, whole = folder / f"{name}-ca.pem", folder / f"{name}.pem"
    authority.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signed = built.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    whole.write_bytes(signed + key.private_bytes(*plain))
    return authority, whole


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + DAY)


class Proxy:
    """A proxy that only knows CONNECT, as one for https does."""

    def __init__(self) -> None:
        """Binds a free port."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.asked: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stops taking connections."""
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._tunnel, args=(self._socket.accept()[0],), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.asked.append(head.decode())
            host, _, port = head.split()[1].decode().rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
