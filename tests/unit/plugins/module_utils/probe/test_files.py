# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at a path of a machine."""

import hashlib
import os
import pwd

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import FileSeen
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.shared import FileWanted
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.files import look, look_at


def test_a_file_with_its_hash_mode_and_owner(machine):
    me = pwd.getpwuid(os.getuid())
    machine.write("/etc/passwd", f"somebody:x:{me.pw_uid}:{me.pw_gid}::/:/bin/sh\n")
    machine.write("/etc/group", f"some:x:{os.getgid()}:\n")
    machine.write("/etc/a", "text").chmod(0o640)
    seen = look(machine.root, "/etc/a", content=True)
    assert seen == FileSeen("file", "0640", "somebody", "some", hashlib.sha256(b"text").hexdigest())
    assert look(machine.root, "/etc/a").sha256 is None


def test_other_kinds(machine):
    machine.link("/link", "/etc/a")
    machine.mkdir("/folder")
    os.mkfifo(machine.folder / "pipe")
    kinds = {
        path: look(machine.root, path, content=True).kind for path in ("/link", "/folder", "/pipe", "/none", "/link/x")
    }
    assert kinds == {"/link": "link", "/folder": "directory", "/pipe": "other", "/none": "absent", "/link/x": "absent"}


def test_what_cannot_be_read_is_noted_and_left_out(machine, seen):
    machine.write("/large", b"x" * ((16 << 20) + 1))
    found = look_at(machine.root, seen, "docker.files", {"/large": FileWanted(sha256=("a",)), "/none": FileWanted()})
    assert found == {"/none": FileSeen()}
    assert [(u.fact, "larger" in u.reason) for u in seen.missing] == [("docker.files./large", True)]
