# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that removes Jobs whose pod does not start, against an API server with certificates."""

import base64
import http.server
import importlib.util
import json
import ssl
import threading
import time
from pathlib import Path

import pytest

from tests.unit.plugins.module_utils.probe import tls

ROOT = Path(__file__).resolve().parents[3]
JOBS = "/apis/batch/v1/namespaces/{}/jobs"


@pytest.fixture
def program(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "plugins/module_utils/node"))
    spec = importlib.util.spec_from_file_location("agent_jobs", ROOT / "roles/launch_agent/files/agent_jobs.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    tls.authority(folder)
    tls.issue(folder, "server")
    tls.issue(folder, "client")
    return folder


class Api:
    """Answers lists by namespace and kind, and notes what is removed, with its conditions."""

    def __init__(self, papers):
        self.lists, self.removed, self.tokens, self.status = {}, [], set(), 200
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                api.tokens.add(self.headers.get("Authorization"))
                words = self.path.partition("?")[0].split("/")
                self.answer({"items": api.lists.get((words[-2], words[-1]), [])})

            def do_DELETE(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.removed.append((self.path, body["preconditions"]["uid"], body["propagationPolicy"]))
                self.answer({})

            def answer(self, data):
                text = json.dumps(data).encode()
                self.send_response(api.status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_args):
                pass

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(papers / "ca.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(str(papers / "server.crt"), str(papers / "server.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def api(papers):
    found = Api(papers)
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def kubeconfig(tmp_path, papers, api):
    data = {
        name: base64.b64encode((papers / name).read_bytes()).decode() for name in ("ca.crt", "client.crt", "client.key")
    }
    user = {"client-certificate-data": data["client.crt"], "client-key-data": data["client.key"], "token": "t"}
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "jobs"}}],
        "clusters": [{"name": "c", "cluster": {"server": api.address, "certificate-authority-data": data["ca.crt"]}}],
        "users": [{"name": "u", "user": user}],
    }
    path = tmp_path / "config"
    path.write_text(json.dumps(document))
    return str(path)


def job(name, **status):
    return {"metadata": {"name": name, "uid": f"uid-{name}", "labels": {"wandb.ai/run-id": "r"}}, "status": status}


def pod(job, age):
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))
    waits = {"reason": "ImagePullBackOff", "message": "no such image"}
    return {
        "metadata": {"name": f"{job}-x", "creationTimestamp": made, "labels": {"job-name": job}},
        "status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting": waits}}]},
    }


def test_old_ones_are_removed_in_all_namespaces(program, api, kubeconfig, capsys):
    api.lists["jobs", "jobs"] = [job("old", active=1), job("young", active=1), job("runs", active=1, ready=1)]
    api.lists["jobs", "pods"] = [pod("old", 900), pod("young", 60), pod("runs", 900)]
    api.lists["train", "jobs"] = [job("other", active=1)]
    api.lists["train", "pods"] = [pod("other", 900)]
    assert program.main(kubeconfig, 600.0, ["train", "jobs"]) == 0
    assert api.removed == [
        (f"{JOBS.format('jobs')}/old", "uid-old", "Background"),
        (f"{JOBS.format('train')}/other", "uid-other", "Background"),
    ]
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Job jobs/old is removed: no pod has started for 90")
    assert said[0].endswith("ImagePullBackOff: no such image")
    assert api.tokens == {"Bearer t"}


def test_without_jobs_nothing_else_is_asked(program, api, kubeconfig, capsys):
    assert program.main(kubeconfig, 600.0, []) == 0
    assert (api.removed, capsys.readouterr().out) == ([], "")


@pytest.mark.parametrize("status", [403, 500])
def test_a_cluster_that_refuses_is_told(program, api, kubeconfig, capsys, status):
    api.status = status
    assert program.main(kubeconfig, 600.0, []) == 1
    assert f"answer {status}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "{}", '{"current-context": "c", "contexts": []}'], ids=["none", "empty", "no-context"]
)
def test_a_kubeconfig_that_is_none_is_told(program, tmp_path, capsys, text):
    path = tmp_path / "config"
    path.write_text(text)
    assert program.main(str(path), 600.0, []) == 1
    assert "can't be looked for" in capsys.readouterr().out


def test_no_certificate_is_left_behind(program, api, kubeconfig, tmp_path, monkeypatch):
    monkeypatch.setattr(program.tempfile, "tempdir", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    assert program.main(kubeconfig, 600.0, []) == 0
    assert list((tmp_path / "own").iterdir()) == []
