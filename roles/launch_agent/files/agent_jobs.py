# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes Jobs of runs whose pod has not started for too long: such a Job holds a slot of the agent for ever.

Usage: agent_jobs.py KUBECONFIG SECONDS NAMESPACE...

Runs as the agent's own user, with the kubeconfig that the role gave it (JSON, all certificates inside). The agent sees
the end of a Job within 75 seconds, fails its run and removes its Secret. Ends with 1 where no cluster answers.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from waiting_jobs import RUN, waiting

DEADLINE = 20.0  # seconds for each answer


class Cluster:
    """The API server of a kubeconfig's current context."""

    def __init__(self, path: str) -> None:
        """Read the kubeconfig; nothing is asked yet."""
        config = json.loads(Path(path).read_text(encoding="utf-8"))
        context = _named(config["contexts"], config["current-context"])["context"]
        self._cluster = _named(config["clusters"], context["cluster"])["cluster"]
        self._user = _named(config["users"], context["user"])["user"]
        self.namespace = str(context.get("namespace") or "default")

    def list(self, path: str, selector: str) -> list[Any]:
        """Return objects by a label."""
        return list(self._ask("GET", f"{path}?labelSelector={quote(selector, safe='')}").get("items") or [])

    def delete(self, path: str, uid: str) -> None:
        """Remove an object and what it made, unless another one has its name by now."""
        self._ask("DELETE", path, {"propagationPolicy": "Background", "preconditions": {"uid": uid}})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        server = urlsplit(self._cluster["server"])
        connection = http.client.HTTPSConnection(
            server.hostname or "", server.port or 443, timeout=DEADLINE, context=self._context()
        )
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._user.get("token"):
            headers["Authorization"] = f"Bearer {self._user['token']}"
        try:
            path = server.path.rstrip("/") + path
            connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status not in (200, 202, 404, 409):  # gone, or another one, is well, too
            raise OSError(f"{method} {path}: answer {answer.status}")
        return json.loads(text or b"{}")

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=_text(self._cluster.get("certificate-authority-data")) or None)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # authorities of many clusters lack a key identifier
        if self._cluster.get("insecure-skip-tls-verify"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        papers = [_text(self._user.get(f"client-{name}-data")) for name in ("certificate", "key")]
        if all(papers):
            with tempfile.NamedTemporaryFile("w") as file:  # the library reads them from files only; mode 0600
                file.write("\n".join(papers))
                file.flush()
                context.load_cert_chain(file.name)
        return context


def main(kubeconfig: str, seconds: float, namespaces: list[str]) -> int:
    """Look once."""
    try:
        cluster = Cluster(kubeconfig)
        for namespace in sorted({cluster.namespace, *namespaces}):
            _clear(cluster, namespace, seconds)
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
        print(f"Jobs that do not start can't be looked for: {type(error).__name__}: {error}", flush=True)
        return 1
    return 0


def _clear(cluster: Cluster, namespace: str, seconds: float) -> None:
    place = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    jobs = {job["metadata"]["name"]: job for job in cluster.list(place, RUN)}
    if not jobs:
        return
    pods = cluster.list(f"/api/v1/namespaces/{namespace}/pods", "wandb.ai/monitor=true")
    for each in waiting(jobs.values(), pods, time.time()):
        if each.counted > seconds:
            print(f"Job {namespace}/{each.job} is removed: no pod has started for {each.age:.0f} s: {each.reason}")
            sys.stdout.flush()
            cluster.delete(f"{place}/{each.job}", jobs[each.job]["metadata"]["uid"])


def _named(entries: list[Any], name: str) -> Any:
    return {entry["name"]: entry for entry in entries}[name]


def _text(data: str | None) -> str:
    return base64.b64decode(data).decode() if data else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), sys.argv[3:]))
