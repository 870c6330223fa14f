# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP around the API: /graphql, the file stream, uploads (accepted and dropped), a page for people, /_control."""

from __future__ import annotations

import base64
import gzip
import hmac
import json
import os
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

from ..server import Server
from .api import Api
from .faults import Faults, damage
from .graphql import GraphQLError
from .page import render
from .state import outcome

FILE_STREAM = re.compile(r"/files/([^/]+)/([^/]+)/([^/]+)/file_stream")
BAD_REQUEST = (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError)


class Log:
    """JSON lines of what clients asked; readable for the owner alone. Never the Authorization header."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nothing is written."""
        self._path = folder / "graphql.jsonl" if folder else None
        self._lock = threading.Lock()

    def write(self, **entry: Any) -> None:
        """Appends one line."""
        if self._path is None:
            return
        line = json.dumps({"time": round(time.time(), 3), **entry}) + "\n"
        with self._lock, open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
            file.write(line)


class Handler(BaseHTTPRequestHandler):
    """One connection; `api`, `log` and `faults` are set by `make_server`."""

    protocol_version = "HTTP/1.1"
    server_version = "wandb-stand-in"
    api: ClassVar[Api]
    log: ClassVar[Log]
    faults: ClassVar[Faults]

    def log_message(self, format: str, *args: Any) -> None:
        """Requests go to the JSON lines file only."""

    def do_GET(self) -> None:
        """Page (also under the addresses of runs, which clients print), state; anything else is empty."""
        path = self.path.split("?")[0]
        if path == "/" or "text/html" in self.headers.get("Accept", ""):
            with self.api.lock:
                page = render(self.api.state)
            self._answer(200, page.encode(), "text/html; charset=utf-8")
        elif path == "/_control/state":
            self._answer(200, self._state())
        else:
            self._answer(200, {})

    def do_POST(self) -> None:
        """The API, and everything that clients upload."""
        path = self.path.split("?")[0]
        try:
            raw = self._body()
            if path.startswith("/upload/"):
                self._answer(200, {})
            elif not self._authorized():
                self._answer(401, {"errors": [{"message": "user is not logged in"}]})
            else:
                self._route(path, raw)
        except BAD_REQUEST as error:
            self.log.write(broken=repr(error), path=path)
            self._answer(400, {"errors": [{"message": f"bad request: {error!r}"}]})

    do_PUT = do_POST

    def _route(self, path: str, raw: bytes) -> None:
        stream = FILE_STREAM.fullmatch(path)
        if path == "/graphql":
            self._graphql(json.loads(raw))
        elif stream:
            with self.api.lock:
                answer = self.api.stream("/".join(stream.groups()), json.loads(raw or b"{}"))
                self.api.save()
            self._answer(200, answer)
        elif path == "/_control/set":
            wanted = json.loads(raw)
            self.api.control(wanted)
            if "faults" in wanted:
                self.faults.set(wanted["faults"])
            self._answer(200, {})
        else:
            self.log.write(path=path, dropped=len(raw))
            self._answer(200, {})

    def _graphql(self, request: dict[str, Any]) -> None:
        fault = self.faults.take(str(request.get("query")), request.get("variables") or {})
        if fault is None or fault.get("after"):
            status, body = self._executed(request)
        else:
            status, body = 200, b'{"data": null}'
        if fault is None:
            self._answer(status, body)
        else:
            self._damaged(fault, body)

    def _damaged(self, fault: dict[str, Any], good: bytes) -> None:
        bad = damage(fault, good)
        self.close_connection = True
        if bad.length is None:
            return
        self.send_response(bad.status)
        for name, value in {"Content-Length": str(bad.length), "Connection": "close", **bad.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(bad.body)

    def _executed(self, request: dict[str, Any]) -> tuple[int, bytes]:
        variables = request.get("variables") or {}
        agent = self.headers.get("User-Agent")
        try:
            names, data = self.api.execute(request["query"], variables)
        except GraphQLError as error:
            self.log.write(refused=str(error), agent=agent, variables=variables)
            document = {"data": None, "errors": [{"message": str(error)}]}
            return self.api.options.error_status, json.dumps(document).encode()
        self.log.write(fields=names, agent=agent, variables=variables)
        self._absolute(data)
        return 200, json.dumps({"data": data}).encode()

    def _absolute(self, data: dict[str, Any]) -> None:
        """Upload addresses carry the name by which this client reached the server."""
        for value in data.values():
            for node in (value or {}).get("files") or [] if isinstance(value, dict) else []:
                if isinstance(node, dict) and node.get("uploadUrl"):
                    node["uploadUrl"] = f"http://{self.headers['Host']}{node['uploadUrl']}"

    def _authorized(self) -> bool:
        key = self.api.options.api_key
        if not key:
            return True
        basic = base64.b64encode(f"api:{key}".encode()).decode()
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given, f"Basic {basic}") or hmac.compare_digest(given, f"Bearer {key}")

    def _state(self) -> dict[str, Any]:
        with self.api.lock:
            state, now = self.api.state, time.time()
            items = {k: {**item, "outcome": outcome(item, state.runs, now)} for k, item in state.items.items()}
            queues = [{**queue, "entity": key.split("/", 1)[0]} for key, queue in state.queues.items()]
            plain = {"queues": queues, "configs": state.configs, "items": items, "agents": state.agents}
            whole = {**plain, "runs": state.runs, "unknown_operations": state.unknown, "faults": self.faults.left()}
            copied: dict[str, Any] = json.loads(json.dumps(whole))
            return copied

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            raw = self._chunks()
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw

    def _chunks(self) -> bytes:
        out = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)
            out += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return out

    def _answer(self, code: int, body: Any, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def make_server(host: str, port: int, api: Api, log: Log, faults: Faults | None = None) -> Server:
    """A server that is bound, but does not serve yet."""
    bound = {"api": api, "log": log, "faults": faults or Faults()}
    return Server((host, port), type("BoundHandler", (Handler,), bound))


def with_tls(server: Server, certificate: Path) -> None:
    """Makes a bound server speak https; each connection's own thread shakes hands, so none holds up the others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
