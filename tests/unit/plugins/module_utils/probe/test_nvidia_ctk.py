# SPDX-License-Identifier: GPL-3.0-or-later
"""The toolkit's files: packages, options, sources of apt, key, CDI, links."""

import os
import stat

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.nvidia_ctk import Keyring
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.nvidia_ctk import KEYRING, REPOSITORY
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import cdi, nvidia_ctk


def test_toolkit(machine, seen, look):
    machine.write(
        "/var/lib/dpkg/status", "Package: libnvidia-container1\nStatus: install ok installed\nVersion: 1.20.1-1\n"
    )
    machine.write("/usr/bin/nvidia-container-runtime-hook", "")
    machine.write("/etc/nvidia-container-runtime/config.toml", "[nvidia-container-cli]\nno-cgroups = true\n")
    facts = nvidia_ctk.observe_nvidia_ctk(look())
    assert facts.packages == {"libnvidia-container1": "1.20.1-1"}
    assert (facts.hook, facts.runtime, facts.no_cgroups) == (True, False, True)
    assert (facts.keyring, facts.cdi, facts.unlinked) == (Keyring(), (), ())
    assert sorted(facts.files) == [KEYRING, REPOSITORY]
    assert seen.missing == ()


def test_toolkit_whose_option_is_a_comment(machine):
    machine.write("/etc/nvidia-container-runtime/config.toml", "#no-cgroups = true\n")
    assert nvidia_ctk.option(machine.root, "no-cgroups") is None


ONE_LINE = """\
# deb https://commented.example.org /
deb [signed-by=/usr/share/keyrings/x.gpg] https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /
deb-src http://user:word@deb.example.org/debian/ stable main
"""
DEB822 = """\
# a comment
Types: deb
URIs: https://one.example.org/deb/
  https://two.example.org/deb
Suites: /
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----

Enabled: no
URIs: https://off.example.org/deb
"""


def test_sources_of_apt(machine, seen, look):
    machine.write("/etc/apt/sources.list", ONE_LINE)
    machine.write("/etc/apt/sources.list.d/b.sources", DEB822)
    machine.write("/etc/apt/sources.list.d/c.list.save", ONE_LINE)
    found = nvidia_ctk.observe_nvidia_ctk(look()).sources
    assert [(source.file, source.uri) for source in found] == [
        ("/etc/apt/sources.list", "https://nvidia.github.io/libnvidia-container/stable/deb/amd64"),
        ("/etc/apt/sources.list", "http://deb.example.org/debian"),
        ("/etc/apt/sources.list.d/b.sources", "https://one.example.org/deb"),
        ("/etc/apt/sources.list.d/b.sources", "https://two.example.org/deb"),
    ]


def test_no_sources_of_apt(machine, seen, look):
    assert nvidia_ctk.observe_nvidia_ctk(look()).sources == ()


# A version 4 key packet of a made-up algorithm; only its hash matters.
KEY = b"\xc6\x08\x04\x00\x00\x00\x00\x63ab"
LASTS = b"\x05\x09\x00\x00\x00\x0a"
SIGNATURE = b"\xc2\x0e\x04\x13\x01\x08\x00\x06" + LASTS + b"\x00\x00"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(KEY, Keyring(("00C031627B4ED142E1D42117F608551F4C481481",)), id="a-key"),
        pytest.param(
            b"<html>", Keyring(error="neither a binary key nor an armoured one (is it a web page?)"), id="page"
        ),
    ],
)
def test_keyring(machine, raw, found):
    machine.write("/k", raw)
    assert nvidia_ctk.keyring(machine.root, "/k", 5.0) == found


def test_keyring_with_a_key_that_has_ended(machine):
    machine.write("/k", KEY + SIGNATURE)
    assert nvidia_ctk.keyring(machine.root, "/k", 9.0).expired == ()
    assert nvidia_ctk.keyring(machine.root, "/k", 10.0).expired == ("00C031627B4ED142E1D42117F608551F4C481481",)


def test_keyring_that_is_no_file_is_unknown(machine, seen, look):
    machine.mkdir(KEYRING)
    assert nvidia_ctk.observe_nvidia_ctk(look()).keyring is None
    assert "nvidia_ctk.keyring" in [item.fact for item in seen.missing]


YAML = """\
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
- name: all
containerEdits:
  deviceNodes:
  - path: /dev/nvidiactl
  mounts:
  - hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so.525.105.17
    containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so.525.105.17
"""
JSON = """{"cdiVersion": "0.5.0", "kind": "nvidia.com/gpu", "devices": [
{"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}]}},
{"name": "all"}],
"containerEdits": {"deviceNodes": [{"path": "/dev/nvidiactl"}],
"mounts": [{"hostPath": "/usr/lib/x86_64-linux-gnu/libcuda.so.525.105.17"}]}}"""


@pytest.mark.parametrize(("name", "text"), [("nvidia.yaml", YAML), ("nvidia.json", JSON)])
def test_specifications_of_cdi(machine, name, text):
    machine.write(f"/etc/cdi/{name}", text)
    machine.write("/dev/nvidia0", "")
    machine.write("/etc/cdi/other.yaml", "kind: example.com/net\n")
    machine.write("/etc/cdi/odd.yaml", "")
    machine.write("/etc/cdi/readme.txt", YAML)
    (spec,) = cdi.specs(machine.root)
    assert (spec.file, spec.kind) == (f"/etc/cdi/{name}", "nvidia.com/gpu")
    assert (spec.devices, spec.nodes) == (("0", "all"), ("/dev/nvidia0", "/dev/nvidiactl"))
    assert (spec.missing, spec.versions) == (("/dev/nvidiactl",), ("525.105.17",))


def test_devices_without_a_link(machine, monkeypatch):
    for name in ("nvidia0", "nvidia1", "nvidia-uvm", "nvidia-caps", "sda"):
        machine.write(f"/dev/{name}", "")
    machine.link("/dev/char/195:1", "../nvidia1")
    numbers = {"nvidia0": (195, 0), "nvidia1": (195, 1), "nvidia-uvm": (511, 0)}
    real = os.lstat

    def devices(path, **options):
        number = numbers.get(os.path.basename(path))
        if number is None:
            return real(path, **options)
        info = list(real(path, **options))
        info[0] = stat.S_IFCHR | 0o666
        return os.stat_result(info, {"st_rdev": os.makedev(*number)})

    monkeypatch.setattr(os, "lstat", devices)
    assert cdi.unlinked(machine.root) == ("/dev/nvidia0",)
