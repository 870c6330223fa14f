# SPDX-License-Identifier: GPL-3.0-or-later
"""An authority, its certificates, and an API server that asks for one. Made by openssl, which ca-certificates needs."""

import http.server
import json
import ssl
import subprocess
import threading
import time


def _openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)


def authority(folder, name="ca"):
    """Make <name>.crt and <name>.key; without a key identifier, as minikube's authority."""
    (folder / f"{name}.cnf").write_text(
        "[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN=minikubeCA\n"
        "[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature,keyEncipherment,keyCertSign\n"
    )
    _openssl(
        folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-config", f"{name}.cnf",
        "-keyout", f"{name}.key", "-out", f"{name}.crt",
    )  # fmt: skip


def issue(folder, name, days=365, ca="ca"):
    """Make <name>.crt and <name>.key, good for 127.0.0.1."""
    (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    _openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
        "-subj", f"/CN={name}",
    )  # fmt: skip
    _openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-CAcreateserial",
        "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.crt",
    )  # fmt: skip


class Api:
    """Answers clients with a certificate of its authority, POSTs by the function posted; counts connections."""

    def __init__(self, folder, ca="ca"):
        self.answers, self.connections, self.silence = {}, 0, 0.0
        self.posted = lambda body: body
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                api.connections += 1
                super().setup()

            def do_GET(self):
                time.sleep(api.silence)
                status, body = api.answers.get(self.path, (404, {"kind": "Status"}))
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.answers[self.path] = (201, api.posted(body))
                self.do_GET()

            def log_message(self, *_args):
                pass

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / f"{ca}.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(str(folder / "server.crt"), str(folder / "server.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_args: None
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
