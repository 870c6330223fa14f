# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server is reached: seconds to connect, more for the answer, certificates, no redirects."""

from __future__ import annotations

import http.client
import ssl
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from .errors import ApiError

CONNECT_TIMEOUT = 4.0  # a machine that is there answers at once, however busy its server is


def check_base_url(url: str) -> str:
    """Return the server's address without a slash at its end.

    Raises:
        ApiError: it is no plain http or https address.
    """
    if not url.isprintable() or set(url) & set(" \"'\\"):
        raise ApiError("base_url has blanks or quotes in it")
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none, brackets that don't close
        known = None
    if not known:
        raise ApiError("base_url is not an address such as https://api.wandb.ai")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ApiError("base_url must not hold a user, a query or a fragment; the key has its own option")
    return url.rstrip("/")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another address."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Patient(http.client.HTTPConnection):
    """Connects within seconds, then waits longer for the answer."""

    def connect(self) -> None:
        answer, self.timeout = self.timeout, min(self.timeout or CONNECT_TIMEOUT, CONNECT_TIMEOUT)
        super().connect()
        self.sock.settimeout(answer)


class _PatientTls(http.client.HTTPSConnection):
    """The same with TLS, whose handshake counts as connecting."""

    def connect(self) -> None:
        answer, self.timeout = self.timeout, min(self.timeout or CONNECT_TIMEOUT, CONNECT_TIMEOUT)
        super().connect()
        self.sock.settimeout(answer)


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Patient, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._tls = context

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_PatientTls, req, context=self._tls)


def opener(base_url: str, ca_path: str | None) -> urllib.request.OpenerDirector:
    """Return what opens requests to this server; proxies come from the environment.

    Raises:
        ApiError: ca_path can't be read as certificates.
    """
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), _Http()]
    if ca_path or base_url.startswith("https:"):  # reading all certificates of the machine takes a while
        handlers.append(_Https(_context(ca_path)))
    return urllib.request.build_opener(*handlers)


def _context(ca_path: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as error:
        raise ApiError(f"ca_path {ca_path} can't be read as certificates: {error}") from error


def proxy_of(base_url: str) -> str:
    """Return host and port of the proxy that requests to this server take; empty without one."""
    parts = urlsplit(base_url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return urlsplit(proxy if "//" in proxy else f"//{proxy}").netloc.rpartition("@")[2]


def reason_of(base_url: str, error: Any) -> tuple[str, bool]:
    """Return why a connection failed, with what helps, and whether it may work the next time."""
    if isinstance(error, ssl.SSLCertVerificationError):
        where = "set ca_path to the file of the CA that signed it, or base_url to a name that it carries"
        return f"its certificate is not trusted ({error.verify_message}); {where}", False
    if isinstance(error, ssl.SSLError):
        return f"TLS fails ({error.reason or error}); does this port speak https?", False
    proxy = proxy_of(base_url)
    through = f", through the proxy {proxy}" if proxy else ""
    again = isinstance(error, (ConnectionError, TimeoutError)) or "timed out" in str(error)
    return f"{error}{through}", again
