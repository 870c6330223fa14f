# SPDX-License-Identifier: GPL-3.0-or-later
"""The NFS server of a machine: its files, its unit, the table of what is served."""

import os
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.nfs import (
    ClaimSeen,
    ExportFolder,
    GaneshaConfig,
    VolumeSeen,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import exports, ganesha, nfs, nfs_volume

EXPORTS = """# comment
/srv/nfs/kubedata  192.168.49.0/24(rw,sync) *(ro)   # everyone may read
"/srv/with blank"\t10.0.0.1(rw)
/srv/with\\040octal \\
   host.example.org
/srv/default -ro,sync @netgroup
/srv/world
/srv/last \\
"""
ALONE = {"kubeconfig": ""}


def test_export_lines():
    found = exports.parse(EXPORTS, "/etc/exports")
    assert [(e.path, e.client, e.options, e.line, e.last) for e in found] == [
        ("/srv/nfs/kubedata", "192.168.49.0/24", ("rw", "sync"), 2, 2),
        ("/srv/nfs/kubedata", "*", ("ro",), 2, 2),
        ("/srv/with blank", "10.0.0.1", ("rw",), 3, 3),
        ("/srv/with octal", "host.example.org", (), 4, 5),
        ("/srv/default", "@netgroup", (), 6, 6),
        ("/srv/world", "*", (), 7, 7),
        ("/srv/last", "*", (), 8, 8),
    ]


def test_clients_without_a_name_and_odd_words():
    found = exports.parse("/a (rw) b(x)(y)\n", "f")
    assert [e.client for e in found] == ["*", "b(x)(y)"]


@pytest.fixture
def mounted(machine):
    machine.write("/proc/self/mountinfo", "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n")
    machine.write("/var/lib/dpkg/status", "Package: nfs-common\nStatus: install ok installed\nVersion: 1\n")
    return machine


def test_a_bare_machine(mounted, seen, look):
    facts = nfs.observe_nfs(look(nfs=ALONE))
    assert (facts.packages, facts.kernel_server, facts.backend) == ({"nfs-common": "1"}, "absent", "ganesha")
    assert (facts.exports, facts.files, facts.served, facts.hung) == ((), (), (), ())
    assert facts.ganesha == GaneshaConfig()
    assert facts.folders == {"/srv/nfs/kubedata": ExportFolder(file_system="ext4")}
    assert (facts.listening, facts.answer, facts.written) == (False, None, {})
    assert (facts.kubeconfig, facts.volume, facts.claim) == (None, None, None)
    assert seen.missing == ()


def test_export_files(mounted, seen, look):
    mounted.write("/etc/exports", "/a *(ro)\n")
    mounted.write("/etc/exports.d/own.exports", "/b 10.0.0.0/8(rw)\n")
    mounted.write("/etc/exports.d/.hidden.exports", "/c *\n")
    mounted.write("/etc/exports.d/README", "/d *\n")
    mounted.write("/var/lib/nfs/etab", "/b\t10.0.0.0/8(rw,sync,root_squash,sec=sys)\n")
    facts = nfs.observe_nfs(look(nfs=ALONE))
    assert facts.files == ("/etc/exports", "/etc/exports.d/own.exports")
    assert [(e.path, e.file) for e in facts.exports] == [("/a", "/etc/exports"), ("/b", "/etc/exports.d/own.exports")]
    assert [(e.path, e.client, e.options[0]) for e in facts.served] == [("/b", "10.0.0.0/8", "rw")]
    assert seen.missing == ()


def test_files_that_the_role_writes(mounted, look):
    mounted.write("/etc/exports.d/own.exports", "text")
    files = {"/etc/exports.d/own.exports": {"sha256": ["a"]}}
    facts = nfs.observe_nfs(look(nfs={**ALONE, "kernel_files": files, "ganesha_files": {"/etc/ganesha/x": {}}}))
    assert {path: item.kind for path, item in facts.config_files.items()} == {
        "/etc/exports.d/own.exports": "file",
        "/etc/ganesha/x": "absent",
    }


def test_units_of_both_servers(mounted, look):
    units = {"nfs-server.service": Unit(active="active"), "nfs-ganesha.service": Unit(load="masked")}
    facts = nfs.observe_nfs(look(nfs=ALONE, units=units))
    assert (facts.unit.active, facts.ganesha_unit.load) == ("active", "masked")


def test_what_cannot_be_read_is_noted(machine, seen, look):
    machine.mkdir("/etc/exports")
    facts = nfs.observe_nfs(look(nfs=ALONE))
    assert (facts.exports, facts.folders, facts.hung, facts.packages) == (None, None, None, None)
    assert sorted(u.fact for u in seen.missing) == ["nfs.exports", "nfs.mounts", "nfs.packages"]


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
    machine.write("/proc/sys/kernel/osrelease", "6.1.0\n")
    machine.write(path, text)
    assert nfs.kernel_server(machine.root) == state


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("# EXPORT {\n#}\n", GaneshaConfig(True)),
        (
            'NFS_CORE_PARAM {\n}\nExport\n{ FSAL { Name = VFS; } } #\n%include "/etc/a.conf"\n%INCLUDE </b>\n',
            GaneshaConfig(True, ("EXPORT", "FSAL", "NFS_CORE_PARAM"), ("/etc/a.conf", "/b")),
        ),
        ("%url rados://pool/x\n", GaneshaConfig(True, (), ("rados://pool/x",))),
    ],
    ids=["the package's own", "settings", "address"],
)
def test_configuration_of_nfs_ganesha(machine, text, config):
    machine.write(ganesha.CONFIG, text)
    assert ganesha.config(machine.root) == config


def test_a_file_is_as_old_as_the_clock_of_the_boot_says(machine):
    path = machine.write(ganesha.CONFIG, "")
    os.utime(path, (time.time() - 30, time.time() - 30))
    found = ganesha.written(machine.root, (ganesha.CONFIG, "/none"))
    assert list(found) == [ganesha.CONFIG]
    assert found[ganesha.CONFIG] == pytest.approx(time.monotonic() - 30, abs=2)


def test_a_cluster_without_kubeconfig(mounted, seen, look):
    facts = nfs.observe_nfs(look(nfs={"kubeconfig": "/root/.kube/config"}))
    assert (facts.kubeconfig, facts.volume) == (False, None)
    assert seen.missing == ()


def test_a_cluster_that_cannot_be_asked(mounted, seen, look):
    mounted.write("/root/.kube/config", "a: b\n")
    facts = nfs.observe_nfs(look(nfs={"kubeconfig": "/root/.kube/config"}))
    assert (facts.kubeconfig, facts.volume, facts.claim) == (True, None, None)
    assert [u.fact for u in seen.missing] == ["nfs.objects"]


def test_objects():
    assert (nfs_volume.volume_of(None), nfs_volume.claim_of(None)) == (VolumeSeen(), ClaimSeen())
    volume = {
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "capacity": {"storage": "100Gi"},
            "claimRef": {"namespace": "default", "name": "nfs-pvc", "uid": "1"},
            "nfs": {"server": "10.0.0.1", "path": "/a"},
            "persistentVolumeReclaimPolicy": "Retain",
        },
        "status": {"phase": "Bound"},
    }
    assert nfs_volume.volume_of(volume) == VolumeSeen(
        True, "10.0.0.1", "/a", "100Gi", ("ReadWriteMany",), "", "Retain", "default/nfs-pvc", "Bound"
    )
    claim = {"spec": {"volumeName": "nfs-pv", "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": ""}}
    assert nfs_volume.claim_of(claim) == ClaimSeen(True, "nfs-pv", "1Gi", (), "", "")
    assert nfs_volume.claim_of({"spec": {}}) == ClaimSeen(True)
    assert nfs_volume.volume_of({"spec": "odd"}) == VolumeSeen(True)
