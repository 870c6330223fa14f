# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the cluster of a kubeconfig's current context. What is read here is never part of an observation."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

from ..lean_dataclass import dataclass
from ..node.wanted.cluster import BIN
from . import plain_yaml
from .command import Runner
from .kubernetes import Server
from .root import Root, Unreadable

KUBECTL = f"{BIN}/kubectl"
LIMIT = 1 << 20
# What would need a program, another identity, or a connection that nobody checks.
_CLUSTER_LIMITS = ("insecure-skip-tls-verify", "proxy-url", "tls-server-name")
_USER_LIMITS = ("exec", "auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra")


@dataclass(frozen=True)
class KubeAccess:
    """A cluster's address and the files to prove oneself with; empty where the kubeconfig has none.

    Attributes:
        ca: file with the authorities that may have signed the server's certificate; empty means the system's.
        token: a bearer token, kept out of texts.
    """

    server: str
    namespace: str = "default"
    ca: str = ""
    cert: str = ""
    key: str = ""
    token: str = field(default="", repr=False)

    def api(self) -> Server:
        """Return it as the reader of the API takes it.

        Raises:
            Unreadable: the address has no host, or a path, which is not followed here.
        """
        try:
            split = urlsplit(self.server)
            host, port = split.hostname, split.port
        except ValueError:  # a port that is no number
            host, port = None, None
        if not host or split.path:
            raise Unreadable(f"{self.server} is no address of an API server")
        return Server(host, port or 443, self.ca, self.cert, self.key, self.token)


@contextmanager
def access(root: Root, path: str, deadline: float, runner: Runner) -> Iterator[KubeAccess]:
    """Open what a kubeconfig says; embedded certificates and keys are files in memory as long as the block runs.

    Raises:
        Unreadable: there is no such file, it is no kubeconfig, or its user proves itself by a program.
    """
    document = load(root, path, deadline, runner)
    if not document.get("current-context"):  # minikube takes it out when it stops the cluster
        raise Unreadable(f"{path}: it has no current context")
    context = _named(document, "contexts", "context", document.get("current-context"), path)
    cluster = _named(document, "clusters", "cluster", context.get("cluster"), path)
    user = _named(document, "users", "user", context.get("user"), path)
    _refuse(cluster, _CLUSTER_LIMITS, path)
    _refuse(user, _USER_LIMITS, path)
    server = str(cluster.get("server") or "")
    if not server.startswith("https://"):
        raise Unreadable(f"{path}: the cluster's server {server!r} is no https address")
    with ExitStack() as stack:
        files = _Files(root, path, stack)
        yield KubeAccess(
            server=server.rstrip("/"),
            namespace=str(context.get("namespace") or "default"),
            ca=files.get(cluster, "certificate-authority"),
            cert=files.get(user, "client-certificate"),
            key=files.get(user, "client-key"),
            token=_token(root, path, user),
        )


def load(root: Root, path: str, deadline: float, runner: Runner) -> Mapping[str, Any]:
    """Return a kubeconfig as data: the plain part of YAML or JSON read here, the rest by PyYAML or kubectl.

    Raises:
        Unreadable: there is no such file, or nothing here can read it.
    """
    text = root.read(path, LIMIT)
    if text is None:
        raise Unreadable(f"{path}: no such file")
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else plain_yaml.read(text)
    except (ValueError, Unreadable):
        document = _by_library(text, path) or _by_kubectl(root, path, deadline, runner)
    if not isinstance(document, Mapping):
        raise Unreadable(f"{path}: it is no kubeconfig")
    return document


def _by_library(text: str, path: str) -> Any:
    try:
        import yaml
    except ImportError:
        return None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Unreadable(f"{path}: it is no YAML") from error  # the library's text may quote a key


def _by_kubectl(root: Root, path: str, deadline: float, runner: Runner) -> Any:
    program = root.path(KUBECTL) if root.exists(KUBECTL) else "kubectl"
    argv = [program, "config", "view", "--raw", "-o", "json", "--kubeconfig", root.path(path)]
    try:
        return json.loads(runner(argv, deadline))
    except ValueError as error:
        raise Unreadable(f"{path}: kubectl config view printed no JSON") from error


def _named(document: Mapping[str, Any], many: str, one: str, name: Any, path: str) -> Mapping[str, Any]:
    entries = document.get(many)
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and entry.get("name") == name and isinstance(entry.get(one), Mapping):
            return entry[one]  # type: ignore[no-any-return]
    raise Unreadable(f"{path}: it has no {one} named {str(name or '')!r}")


def _refuse(body: Mapping[str, Any], limits: tuple[str, ...], path: str) -> None:
    for key in limits:
        if body.get(key) not in (None, "", [], {}, False, "false"):
            raise Unreadable(f"{path}: it uses {key}, which is not followed here")


def _token(root: Root, path: str, user: Mapping[str, Any]) -> str:
    name = user.get("tokenFile")
    if not name:
        return str(user.get("token") or "")
    return (root.read(_beside(path, str(name)), LIMIT) or "").strip()


def _beside(path: str, name: str) -> str:
    return os.path.join(os.path.dirname(path), name)


class _Files:
    """Turns the three pairs of a path and embedded data into paths."""

    def __init__(self, root: Root, path: str, stack: ExitStack) -> None:
        self._root, self._path, self._stack = root, path, stack

    def get(self, body: Mapping[str, Any], name: str) -> str:
        data, file = body.get(f"{name}-data"), body.get(name)
        if not data:  # the data counts more, as in kubectl
            return self._root.path(_beside(self._path, str(file))) if file else ""
        try:
            content = base64.b64decode(str(data), validate=True)
        except ValueError as error:
            raise Unreadable(f"{self._path}: {name}-data is not base64") from error
        descriptor = os.memfd_create(name)
        self._stack.callback(os.close, descriptor)
        os.write(descriptor, content)
        return f"/proc/self/fd/{descriptor}"
