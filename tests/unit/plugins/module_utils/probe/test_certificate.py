# SPDX-License-Identifier: GPL-3.0-or-later
"""When a certificate ends."""

import ssl
import subprocess
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.certificate import certificate, not_after
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

from . import tls


@pytest.mark.parametrize("days", [1, 365, 36500], ids=["tomorrow", "a year", "after 2049, in the other notation"])
def test_as_openssl_reads_it(machine, days):
    tls.authority(machine.folder)
    tls.issue(machine.folder, "client", days)
    argv = ["openssl", "x509", "-noout", "-enddate", "-in", str(machine.folder / "client.crt")]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip().partition("=")[2]
    ends = ssl.cert_time_to_seconds(said)
    found = certificate(machine.root, "/client.crt", now=ends - days * 86400 + 60)
    assert found.not_after == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
    assert found.days_left == days - 1
    assert certificate(machine.root, "/client.crt", now=ends + 1).days_left == -1
    assert certificate(machine.root, "/client.crt").days_left in (days - 1, days)


def test_no_file(machine):
    assert certificate(machine.root, "/none.crt") is None


@pytest.mark.parametrize(
    "text",
    ["", "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n%\n"],
    ids=["empty", "cut off", "no end"],
)
def test_no_certificate(machine, text):
    machine.write("/x.crt", text)
    with pytest.raises(Unreadable, match="no certificate"):
        certificate(machine.root, "/x.crt")


@pytest.mark.parametrize(
    "der",
    [
        "02020101",
        "30043002" + "0401",
        "300f300d" + "020101" + "3000" + "3000" + "3004" + "0400" + "0400",
    ],
    ids=["another element", "other fields", "no time"],
)
def test_other_data(der):
    with pytest.raises(ValueError, match=r"element|fields|time"):
        not_after(bytes.fromhex(der))
