# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH to the lab host: a server on it, a key pair, its host key, and inventories that use them.

Lab hosts are reached by the docker connection otherwise; only the benchmarks need SSH, since that is what sites use.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab import hosts, inventory
from tests.lab.processes import LabError

from . import paths

COUNTS = (1, 4, 16)
SERVER = "openssh-server"
SETTINGS = "/etc/ssh/sshd_config.d/benchmarks.conf"
# Sixteen names connect at once, and sshd would turn some away.
SERVER_SETTINGS = "MaxStartups 64\\nPasswordAuthentication no\\n"
INSTALL = f"""
export DEBIAN_FRONTEND=noninteractive
if ! dpkg-query --show --showformat '${{db:Status-Status}}' {SERVER} 2>/dev/null | grep -qx installed; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends --no-remove {SERVER} >/dev/null
fi
install -d -m 0700 /root/.ssh
grep -qxF "$1" /root/.ssh/authorized_keys 2>/dev/null || printf '%s\\n' "$1" >> /root/.ssh/authorized_keys
chmod 0600 /root/.ssh/authorized_keys
printf '{SERVER_SETTINGS}' > {SETTINGS}
systemctl enable --quiet --now ssh
systemctl reload ssh
"""
HOSTS = """---
# SPDX-License-Identifier: GPL-3.0-or-later
all:
  children:
    {group}:
      hosts:
{names}
      vars:
        ansible_host: {address}
"""
HOST = """\
        {name}:
          ansible_connection: ansible.builtin.ssh
          ansible_ssh_private_key_file: {key}
          ansible_ssh_common_args: {options}
          ansible_control_path: {control}/{name}"""


def key() -> Path:
    """The private key; mode 0600, as ssh-keygen makes it."""
    return paths.cache() / "id_ed25519"


def known_hosts() -> Path:
    """The file with the lab host's key."""
    return paths.cache() / "known_hosts"


def options() -> list[str]:
    """What ssh needs to know the host and to use our key, nothing else."""
    return ["-o", f"UserKnownHostsFile={known_hosts()}", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]


def _run(name: str, script: str, *arguments: str) -> str:
    done = hosts.execute(name, ["/bin/sh", "-ec", script, "benchmarks", *arguments])
    if done.returncode != 0:
        raise LabError(f"benchmarks: {name}: {done.stdout}{done.stderr}")
    return done.stdout


def prepare(name: str, control: Path) -> str:
    """SSH to a lab host works afterwards; returns its address. Installs a server and adds a key, changes nothing else.

    The host's key is read through the engine, not from the network: nothing has to be trusted at first sight.
    """
    host = hosts.find(name)
    if host is None or not host.address:
        raise LabError(f"benchmarks: no lab host {name}: run `make demo`")
    paths.cache().mkdir(mode=0o700, parents=True, exist_ok=True)
    if not key().exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "benchmarks", "-f", str(key())]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    _run(name, INSTALL, key().with_suffix(".pub").read_text(encoding="utf-8").strip())
    public = _run(name, "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub").strip()
    known_hosts().write_text(f"{host.address} {public}\n", encoding="utf-8")
    for count in COUNTS:
        write_inventory(name, host.address, count, control)
    return host.address


def names(host: str, count: int) -> list[str]:
    """The inventory names that stand for one and the same lab host."""
    return [host, *(f"{host}-{number:02d}" for number in range(2, count + 1))]


def write_inventory(host: str, address: str, count: int, control: Path) -> Path:
    """The lab's inputs with SSH as the connection. Each name has a connection of its own, as several hosts would."""
    place = inventory.write(inventory_dir(count))
    values = {"key": key(), "control": control, "options": " ".join(options())}
    lines = "\n".join(HOST.format(name=name, **values) for name in names(host, count))
    text = HOSTS.format(group=inventory.GROUP, names=lines, address=address)
    (place / "hosts.yml").write_text(text, encoding="utf-8")
    return place


def inventory_dir(count: int) -> Path:
    """The inventory with so many names."""
    return paths.cache() / f"inventory-{count}"


def connect(host: str, address: str, count: int, control: Path, fresh: bool = False) -> None:
    """The same state before each run: shared connections that are open, or (fresh) none at all."""
    for name in names(host, count):
        line = ["ssh", "-o", f"ControlPath={control / name}"]
        alive = _quiet([*line, "-O", "exit" if fresh else "check", address]) == 0
        if fresh or alive:
            continue
        shared = [*line, "-C", "-o", "ControlMaster=auto", "-o", "ControlPersist=60s", *options()]
        if _quiet([*shared, "-i", str(key()), f"root@{address}", "true"]) != 0:
            raise LabError(f"benchmarks: no SSH to {host} at {address}")


def _quiet(line: list[str]) -> int:
    """The exit status; the master that stays in the background would hold a pipe open."""
    nothing = subprocess.DEVNULL
    return subprocess.run(line, check=False, stdin=nothing, stdout=nothing, stderr=nothing).returncode


def close(host: str, address: str, control: Path) -> None:
    """End all shared connections."""
    connect(host, address, max(COUNTS), control, fresh=True)
