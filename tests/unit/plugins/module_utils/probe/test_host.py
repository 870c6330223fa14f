# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's facts."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import (
    accounts,
    command,
    disk,
    dpkg,
    host,
    systemd,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root, Unreadable

RELEASE = 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'


def test_a_debian_machine(machine, seen, look):
    machine.write("/etc/os-release", RELEASE)
    machine.write("/proc/sys/kernel/osrelease", "6.1.0-26\n")
    machine.write("/proc/cpuinfo", "processor\t: 0\n\nprocessor\t: 1\n")
    machine.write("/proc/meminfo", "MemTotal:       61440000 kB\n")
    machine.write("/sys/class/dmi/id/sys_vendor", "Google\n")
    machine.write("/sys/fs/cgroup/cgroup.controllers", "cpu")
    machine.mkdir("/run/systemd/system")
    facts = host.observe_host(look(host={"free_mib": {"/var/lib/docker": 1}}))
    assert (facts.os_id, facts.version_id, facts.codename) == ("debian", "12", "bookworm")
    assert (facts.kernel, facts.cpus, facts.memory_mib, facts.vendor) == ("6.1.0-26", 2, 60000, "Google")
    assert (facts.systemd, facts.cgroup_version, facts.wsl) == (True, 2, False)
    assert facts.disks["/var/lib/docker"].total_mib == facts.disks["/"].total_mib > 0
    assert seen.missing == ()


def test_a_disk_that_cannot_be_measured_is_unknown(machine, seen):
    assert host.disks(machine.root, seen, ["/"], 0.0) == {}
    assert [(u.fact, u.reason) for u in seen.missing] == [("host.disks./", "statvfs of /: no answer within 0 s")]


def test_a_path_that_does_not_exist_yet_counts_as_its_parent(machine):
    machine.mkdir("/srv")
    total = disk.measure(machine.root, "/srv")[0]
    assert total == disk.measure(machine.root, "/srv/nfs/kubedata")[0] == disk.measure(machine.root, "/")[0] > 0


def test_an_empty_machine_has_reasons(machine, seen, look):
    facts = host.observe_host(look())
    assert (facts.os_id, facts.cpus, facts.systemd, facts.wsl) == (None, None, False, None)
    assert {u.fact: u.reason for u in seen.missing} == {
        "host.os_id": "/etc/os-release: no such file",
        "host.cgroup_version": "/sys/fs/cgroup: not mounted",
        "host.cpus": "/proc/cpuinfo names no processor",
        "host.memory_mib": "/proc/meminfo has no MemTotal",
    }


def test_old_cgroups(machine):
    machine.mkdir("/sys/fs/cgroup")
    assert host.cgroup_version(machine.root) == 1


def test_wsl_is_known_by_its_kernel(machine, seen, look):
    machine.write("/proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n")
    assert host.observe_host(look()).wsl


def test_this_machine_counts_the_cpus_it_may_use():
    assert host.cpus(Root()) >= 1


STATUS = """Package: docker.io
Status: install ok installed
Priority: optional
Version: 20.10.24+dfsg1-1+b3
Description: engine
 Version: 9 is no field

Package: gone
Status: deinstall ok config-files
Version: 1

Package: held
Version: 2:1.0~rc1
Status: hold ok installed

Package: broken
Status: install ok half-installed

garbage
"""


def test_installed_packages(machine):
    machine.write("/var/lib/dpkg/status", STATUS)
    assert dpkg.installed(machine.root) == {"docker.io": "20.10.24+dfsg1-1+b3", "held": "2:1.0~rc1"}
    assert dpkg.installed(machine.root, ["held", "gone"]) == {"held": "2:1.0~rc1"}


def test_a_machine_without_dpkg(machine):
    with pytest.raises(Unreadable, match="not a Debian system"):
        dpkg.installed(machine.root)
    assert dpkg.automatic(machine.root) == set()


def test_marks_of_apt(machine):
    marks = "Package: runc\nX: y\nAuto-Installed: 1\n\nPackage: vim\nAuto-Installed: 0\n\nAuto-Installed: 1\n"
    machine.write("/var/lib/apt/extended_states", marks)
    assert dpkg.automatic(machine.root) == {"runc"}


def test_accounts(machine):
    machine.write("/etc/passwd", "bad:x:a:b:::\nshort:x\nalex:x:1000:1001::/home/alex:/bin/sh\n")
    machine.write("/etc/group", "docker:x:999:alex,minikube\nempty:x:1:\n")
    assert accounts.account(machine.root, "alex") == accounts.Account("alex", 1000, 1001, "/home/alex", "/bin/sh")
    assert accounts.account(machine.root, "bad") is None
    assert accounts.members(machine.root, "docker") == ("alex", "minikube")
    assert accounts.members(machine.root, "empty") == ()
    assert accounts.members(machine.root, "none") is None


SHOW = """LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
Other=1

LoadState=not-found
ActiveState=inactive
"""


def test_units_come_with_one_call(machine):
    machine.mkdir("/run/systemd/system")
    calls = []

    def runner(argv, deadline):
        calls.append((list(argv), deadline))
        return SHOW

    found = systemd.units(machine.root, ["docker", "x.socket"], 3.0, runner)
    assert found["docker"] == systemd.Unit("loaded", "active", "running", "enabled")
    assert found["x.socket"].load == "not-found"
    assert len(calls) == 1
    assert calls[0][0][-3:] == ["--", "docker.service", "x.socket"]
    assert calls[0][1] == 3.0


START = "{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// -Hfd:// --log-opt=max-size=9m $OPTS ; pid=0 }"


def test_options_of_a_command_line_come_without_their_values():
    unit = systemd.parse(f"LoadState=loaded\nMainPID=812\nExecStart={START}\n")
    assert (unit.flags, unit.pid) == (("-H", "--log-opt"), 812)
    assert systemd.parse("LoadState=not-found\nMainPID=0\nExecStart=\n").flags == ()


def test_units_without_systemd(machine):
    with pytest.raises(Unreadable, match="systemd does not run"):
        systemd.units(machine.root, ["docker"])


def test_an_answer_for_other_units(machine):
    machine.mkdir("/run/systemd/system")
    with pytest.raises(Unreadable, match="answered for 2 of 1 units"):
        systemd.units(machine.root, ["docker"], 1.0, lambda argv, deadline: SHOW)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["sleep", "9"], "did not answer within"),
        (["/no/such/program"], "No such file"),
        (["sh", "-c", "echo why >&2; exit 3"], "ended with 3: why"),
    ],
)
def test_programs_that_fail(argv, words):
    with pytest.raises(Unreadable, match=words):
        command.run(argv, 0.3)


def test_programs_answer_in_the_c_locale():
    assert command.run(["sh", "-c", "echo $LC_ALL"], 5) == "C\n"
