# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds compiled code to a packed module.

A host compiles what a module imports in every run anew, for what is imported from an archive is written nowhere: of a
module with a hundred files that is most of its time. The compiled form lies beside each source file. A Python of the
controller's minor release takes it, any other passes over it by its magic number and compiles the source as ever
(zipimport does both by itself).
"""

from __future__ import annotations

import base64
import dataclasses
import io
import pickle
import zipfile
from importlib.util import MAGIC_NUMBER
from marshal import dumps

# PEP 552: named by a hash that nobody compares. The archive is one piece, so nothing in it can be out of date.
HEADER = MAGIC_NUMBER + (0b01).to_bytes(4, "little") + bytes(8)
PICKLE = b"\x80"  # ansible-core 2.19 and later keep an object around the archive
ARCHIVE = base64.b64encode(b"PK\x03\x04")[:5]  # earlier ones the archive alone


def compiled(content: bytes) -> bytes:
    """Return what Ansible has packed (the content of its file), with compiled code in it.

    Raises:
        ValueError: this release of Ansible packs in a way of its own.
        Exception: the content is none of what it looks like.
    """
    if content.startswith(ARCHIVE):
        return base64.b64encode(with_bytecode(base64.b64decode(content, validate=True)))
    if not content.startswith(PICKLE):
        raise ValueError("no form of a packed module that is known")
    form = pickle.loads(content)
    archive = base64.b64decode(form.zip_data, validate=True)
    return pickle.dumps(dataclasses.replace(form, zip_data=base64.b64encode(with_bytecode(archive))))


def with_bytecode(archive: bytes) -> bytes:
    """Return a zip archive with the compiled form of each Python file after it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            source = old.read(item.filename)
            new.writestr(zipfile.ZipInfo(item.filename, item.date_time), source, zipfile.ZIP_DEFLATED)
            if item.filename.endswith(".py"):
                code = compile(source, item.filename, "exec", dont_inherit=True, optimize=0)
                name = zipfile.ZipInfo(f"{item.filename}c", item.date_time)
                new.writestr(name, HEADER + dumps(code), zipfile.ZIP_DEFLATED)
    return target.getvalue()
