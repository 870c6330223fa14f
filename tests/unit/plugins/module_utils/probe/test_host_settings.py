# SPDX-License-Identifier: GPL-3.0-or-later
"""Clock, kernel settings, proxies and SELinux of a machine made of files."""

import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.host import ProxySeen, SelinuxSeen
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import apt_conf, host, host_settings
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root, Unreadable
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.seen import Seen


def test_a_role_reads_nothing_of_it(machine, seen, look):
    facts = host.observe_host(look())
    assert (facts.bpf_jit_harden, facts.clock, facts.proxy, facts.selinux) == (None, None, None, None)


def test_the_doctor_reads_all_of_it(machine, seen, look):
    machine.write("/run/systemd/timesync/synchronized", "")
    machine.write("/sys/class/dmi/id/product_name", "Virtual Machine\n")
    machine.write("/dev/dxg", "")
    facts = host.observe_host(look(host={"thorough": True, "controller_time": time.time() - 100}))
    assert (facts.bpf_jit_harden, facts.dxg, facts.product) == (0, True, "Virtual Machine")
    assert 99 < facts.clock.ahead_s < 110
    assert facts.clock.synchronised is True
    assert facts.proxy == ProxySeen()
    assert facts.selinux == SelinuxSeen()


def test_the_clock_of_a_folder_is_unknown(seen, look):
    clock = host_settings.clock(look(host={"thorough": True}))
    assert (clock.ahead_s, clock.synchronised) == (None, None)
    assert [item.fact for item in seen.missing] == ["host.clock.synchronised"]


def test_the_kernel_of_this_machine_answers_or_says_why():
    seen = Seen()
    kept = seen.fact("clock", lambda: host_settings.synchronised(Root()))
    assert kept is not None or "adjtimex" in seen.missing[0].reason


class Kernel:
    """A C library whose clock is as the test wants it."""

    def __init__(self, answer, status):
        self.answer, self.status = answer, status

    def adjtimex(self, reference):
        reference._obj.status = self.status
        return self.answer


@pytest.mark.parametrize(("status", "kept"), [(0x2001, True), (0x40, False), (0x41, False)])
def test_the_kernels_word_counts(monkeypatch, status, kept):
    monkeypatch.setattr(host_settings.ctypes, "CDLL", lambda name, use_errno: Kernel(0, status))
    monkeypatch.setattr(host_settings, "_SYNCHRONISED_FILE", "/no/such/file")
    assert host_settings.synchronised(Root()) is kept


def test_a_kernel_that_may_not_be_asked_is_unknown(monkeypatch):
    monkeypatch.setattr(host_settings.ctypes, "CDLL", lambda name, use_errno: Kernel(-1, 0))
    monkeypatch.setattr(host_settings, "_SYNCHRONISED_FILE", "/no/such/file")
    with pytest.raises(Unreadable, match="adjtimex"):
        host_settings.synchronised(Root())


def test_hardening(machine):
    assert host_settings.bpf_jit_harden(machine.root) == 0
    machine.write("/proc/sys/net/core/bpf_jit_harden", "2\n")
    assert host_settings.bpf_jit_harden(machine.root) == 2
    machine.write("/proc/sys/net/core/bpf_jit_harden", "x\n")
    with pytest.raises(Unreadable, match="is no number"):
        host_settings.bpf_jit_harden(machine.root)


APT = """// a comment; with "signs"
# another
Acquire { http { Proxy "http://user:secret@proxy:3128"; }; };
/* of several
   lines */
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Package-Blacklist {
    "nvidia-";
    "libnvidia-";
};
Unattended-Upgrade::Package-Blacklist:: "cuda-";
Acquire::https::Proxy http://proxy:3128;
DPkg::Post-Invoke {"rm -f /x";};
{ "without a name"; };
;
"alone";
"""


def test_configuration_of_apt():
    assert apt_conf.parse(APT) == [
        ("acquire::http::proxy", "http://user:secret@proxy:3128"),
        ("apt::periodic::unattended-upgrade", "1"),
        ("unattended-upgrade::package-blacklist", "nvidia-"),
        ("unattended-upgrade::package-blacklist", "libnvidia-"),
        ("unattended-upgrade::package-blacklist", "cuda-"),
        ("acquire::https::proxy", "http://proxy:3128"),
        ("dpkg::post-invoke", "rm -f /x"),
    ]


def test_files_of_apt_in_its_order(machine):
    machine.write("/etc/apt/apt.conf.d/20a", 'A "1";')
    machine.write("/etc/apt/apt.conf.d/10b.conf", 'A "2";')
    machine.write("/etc/apt/apt.conf.d/30c.disabled", 'A "3";')
    machine.write("/etc/apt/apt.conf", 'B "4";')
    known = apt_conf.settings(machine.root)
    assert known == [("a", "2"), ("a", "1"), ("b", "4")]
    assert (apt_conf.last(known, "a"), apt_conf.last(known, "c")) == ("1", "")


def test_proxies_are_known_and_never_told(machine, seen):
    machine.write("/etc/apt/apt.conf.d/95proxy", APT)
    machine.write(
        "/etc/environment", 'PATH="/bin"\nexport HTTPS_PROXY="http://u:secret@p:1"\nno_proxy=localhost, .svc ,\n'
    )
    found = host_settings.proxies(machine.root, seen)
    assert found == ProxySeen(apt=True, sessions=True, no_proxy=("localhost", ".svc"))
    assert "secret" not in repr(found)


@pytest.mark.parametrize("value", ["DIRECT", "", "false"])
def test_no_proxy_of_apt(machine, seen, value):
    machine.write("/etc/apt/apt.conf.d/95proxy", f'Acquire::http::Proxy "{value}";')
    assert host_settings.proxies(machine.root, seen).apt is False


def test_unreadable_files_are_unknown(machine, seen):
    machine.mkdir("/etc/environment")
    assert host_settings.proxies(machine.root, seen) is None
    assert [item.fact for item in seen.missing] == ["host.proxy"]


@pytest.mark.parametrize(
    ("enforce", "path", "wanted"),
    [
        ("1", None, SelinuxSeen("enforcing", False)),
        ("0", "/usr/share/selinux/packages/container.pp.bz2", SelinuxSeen("permissive", True)),
        ("1", "/var/lib/selinux/targeted/active/modules/200/container/cil", SelinuxSeen("enforcing", True)),
        ("1", "/usr/share/selinux/packages/containerless.pp", SelinuxSeen("enforcing", False)),
    ],
)
def test_selinux(machine, enforce, path, wanted):
    machine.write("/sys/fs/selinux/enforce", enforce)
    if path:
        machine.write(path, "")
    assert host_settings.selinux(machine.root) == wanted
