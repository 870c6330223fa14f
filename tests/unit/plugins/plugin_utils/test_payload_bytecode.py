# SPDX-License-Identifier: GPL-3.0-or-later
"""Real archives, imported by real programs: what counts is what Python makes of them."""

import base64
import dataclasses
import io
import pickle
import subprocess
import sys
import zipfile

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import payload_bytecode, payload_cache

FILES = {"pack/__init__.py": "", "pack/part.py": "SAID = 'said'\n", "pack/data.txt": "text"}


@dataclasses.dataclass(frozen=True)
class Form:
    """As Ansible keeps it: the archive among other things."""

    zip_data: bytes
    more: str


def archive(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return target.getvalue()


def imported(path):
    """What a program says that imports from an archive, and where its code came from."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from pack import part; print(part.SAID, part.__cached__)"
    code += "; print(part.__loader__.get_code('pack.part').co_filename)"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return done.stdout


def test_code_is_taken_from_the_compiled_form(tmp_path):
    path = tmp_path / "made.zip"
    path.write_bytes(payload_bytecode.with_bytecode(archive(FILES)))
    with zipfile.ZipFile(path) as made:
        assert sorted(made.namelist()) == sorted([*FILES, "pack/__init__.pyc", "pack/part.pyc"])
        assert {name: made.read(name).decode() for name in FILES} == FILES
    assert imported(path).splitlines()[-1] == "pack/part.py"  # compiled from the source it would be a path of the zip


def test_another_python_compiles_the_source(tmp_path, monkeypatch):
    monkeypatch.setattr(payload_bytecode, "HEADER", b"\x00\x00\r\n" + payload_bytecode.HEADER[4:])
    path = tmp_path / "made.zip"
    path.write_bytes(payload_bytecode.with_bytecode(archive(FILES)))
    assert imported(path).startswith("said")
    assert imported(path).splitlines()[-1] == str(path / "pack/part.py")


def names_in(encoded):
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(encoded))) as made:
        return made.namelist()


def test_the_rest_of_the_packed_form_stays():
    form = pickle.loads(payload_bytecode.compiled(pickle.dumps(Form(base64.b64encode(archive(FILES)), "more"))))
    assert form.more == "more"
    assert "pack/part.pyc" in names_in(form.zip_data)


def test_the_form_of_earlier_releases():
    assert "pack/part.pyc" in names_in(payload_bytecode.compiled(base64.b64encode(archive(FILES))))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"packed", id="unknown"),
        pytest.param(pickle.dumps({"zip_data": b""}), id="another-class"),
        pytest.param(pickle.dumps(Form(b"no base64!", "")), id="no-base64"),
        pytest.param(pickle.dumps(Form(base64.b64encode(b"no archive"), "")), id="no-archive"),
        pytest.param(pickle.dumps(Form(base64.b64encode(archive({"a.py": "def"})), "")), id="no-python"),
        pytest.param(base64.b64encode(archive(FILES))[:40], id="half-an-archive"),
    ],
)
def test_another_form_stays_as_it_is(tmp_path, content):
    path = tmp_path / "packed"
    path.write_bytes(content)
    assert payload_cache.packed(path) == content
