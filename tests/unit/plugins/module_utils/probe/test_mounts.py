# SPDX-License-Identifier: GPL-3.0-or-later
"""The mount table, folders on it, and mounts that hang."""

import os
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import mounts
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.mounts import Mount
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

TABLE = """22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:26 / /srv rw,nosuid - overlay overlay rw,nfs_export=on
31 22 0:27 / /srv/a\\040b rw - tmpfs tmpfs rw
32 22 0:28 / /mnt/x rw shared:9 master:2 - nfs4 10.0.0.1:/srv/nfs rw,vers=4.2
broken line
33 22 0:29 / /mnt/y rw - nfs 10.0.0.1:/other rw
34 22 0:30 / /mnt/z rw - nfs [fd00::1]:/z rw
35 30 0:31 / /srv rw - ext4 /dev/sdb rw
"""


@pytest.fixture
def table(machine):
    machine.write(mounts.MOUNTS, TABLE)
    return mounts.mounts(machine.root)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv", "ext4"), ("/srv/a b/c", "tmpfs"), ("/srvx", "ext4"), ("/mnt/x/deep", "nfs4"), ("/", "ext4")],
)
def test_the_mount_of_a_path(table, path, kind):
    assert mounts.mount_of(table, path).kind == kind


def test_the_last_mount_at_a_place_counts(table):
    assert mounts.mount_of(table, "/srv/x").source == "/dev/sdb"
    assert mounts.mount_of((), "/srv") is None


def test_no_table(machine):
    with pytest.raises(Unreadable, match="no such file"):
        mounts.mounts(machine.root)


@pytest.mark.parametrize("remote", [True, False], ids=["in a child", "directly"])
def test_folders(machine, table, remote):
    machine.mkdir("/srv/nfs")
    machine.mkdir("/srv/a b")
    (machine.folder / "srv/nfs").chmod(0o1777)
    machine.write("/srv/file", "")
    found = mounts.folders(
        machine.root,
        [item for item in table if remote or not item.remote],
        ["/srv/nfs", "/srv/file", "/srv/a b/none", "/srv/file/below", "/srv/nfs"],
        5.0,
    )
    assert {path: (item.kind, item.mode, item.file_system) for path, item in found.items()} == {
        "/srv/nfs": ("directory", "1777", "ext4"),
        "/srv/file": ("file", found["/srv/file"].mode, "ext4"),
        "/srv/a b/none": ("absent", "", "tmpfs"),
        "/srv/file/below": ("absent", "", "ext4"),
    }
    assert (found["/srv/nfs"].uid, found["/srv/nfs"].gid) == (os.getuid(), os.getgid())


def test_a_file_system_that_was_told_to_name_its_files(machine, table):
    machine.mkdir("/srv")
    found = mounts.folders(machine.root, table[:2], ["/srv/x"], 5.0)
    assert (found["/srv/x"].file_system, found["/srv/x"].handles) == ("overlay", True)
    assert mounts.folders(machine.root, (), ["/srv/x"], 5.0)["/srv/x"].file_system == ""


def asker(*late):
    def ask(path):
        if path in late:
            time.sleep(30)
        if path == "/mnt/z":
            raise OSError(116, "Stale file handle")
        return path

    return ask


def test_one_mount_speaks_for_its_server(table):
    assert mounts.hung(table, 1.0, asker("/mnt/x")) == ("/mnt/x", "/mnt/y")
    assert mounts.hung(table, 5.0, asker()) == ()


def test_there_is_not_time_for_every_server():
    many = [Mount(f"/mnt/{n}", "nfs", f"10.0.0.{n}:/a", ()) for n in range(5)]
    with pytest.raises(Unreadable, match=r"/mnt/0, /mnt/1, /mnt/2 hang, and mounts of 10.0.0.3 were not asked"):
        mounts.hung(many, 0.1, asker("/mnt/0", "/mnt/1", "/mnt/2"))
