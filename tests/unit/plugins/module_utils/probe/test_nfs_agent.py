# SPDX-License-Identifier: GPL-3.0-or-later
"""NFS exports and the agent's files."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import nfs

EXPORTS = """# comment
/srv/nfs/kubedata  192.168.49.0/24(rw,sync) *(ro)   # everyone may read
"/srv/with blank"\t10.0.0.1(rw)
/srv/with\\040octal \\
   host.example.org
/srv/default -ro,sync @netgroup
/srv/world
/srv/last \\
"""


def test_export_lines():
    found = nfs.parse(EXPORTS, "/etc/exports")
    assert [(e.path, e.client, e.options, e.line) for e in found] == [
        ("/srv/nfs/kubedata", "192.168.49.0/24", ("rw", "sync"), 2),
        ("/srv/nfs/kubedata", "*", ("ro",), 2),
        ("/srv/with blank", "10.0.0.1", ("rw",), 3),
        ("/srv/with octal", "host.example.org", (), 4),
        ("/srv/default", "@netgroup", (), 6),
        ("/srv/world", "*", (), 7),
        ("/srv/last", "*", (), 8),
    ]


def test_clients_without_a_name_and_odd_words():
    found = nfs.parse("/a (rw) b(x)(y)\n", "f")
    assert [e.client for e in found] == ["*", "b(x)(y)"]


def test_server(machine, seen, look):
    machine.write("/var/lib/dpkg/status", "Package: nfs-common\nStatus: install ok installed\nVersion: 1\n")
    machine.write("/etc/exports", "/a *(ro)\n")
    machine.write("/etc/exports.d/own.exports", "/b 10.0.0.0/8(rw)\n")
    machine.write("/etc/exports.d/.hidden.exports", "/c *\n")
    machine.write("/etc/exports.d/README", "/d *\n")
    facts = nfs.observe_nfs(look())
    assert facts.files == ("/etc/exports", "/etc/exports.d/own.exports")
    assert [(e.path, e.file) for e in facts.exports] == [("/a", "/etc/exports"), ("/b", "/etc/exports.d/own.exports")]
    assert (facts.packages, facts.kernel_server) == ({"nfs-common": "1"}, "absent")
    assert seen.missing == ()


@pytest.mark.parametrize(
    ("path", "text", "state"),
    [
        ("/proc/filesystems", "nodev\tsysfs\nnodev\tnfsd\n", "active"),
        ("/proc/filesystems", "nodev\tnfs\n", "absent"),
        ("/lib/modules/6.1.0/modules.dep", "kernel/fs/nfsd/nfsd.ko.xz: kernel/net/x.ko\n", "available"),
        ("/usr/lib/modules/6.1.0/modules.builtin", "kernel/fs/nfsd/nfsd.ko\n", "available"),
        ("/lib/modules/6.2.0/modules.dep", "kernel/fs/nfsd/nfsd.ko:\n", "absent"),
    ],
    ids=["loaded", "client-only", "module", "built-in", "other-kernel"],
)
def test_kernel(machine, path, text, state):
    machine.write(path, text)
    assert nfs.kernel_server(machine.root, "6.1.0") == state
