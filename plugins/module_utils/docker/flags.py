# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that stand on the engine's command line: dockerd refuses to start when daemon.json has them too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# Flags whose key in daemon.json has another name; the rest is `--key`.
KEYS: Mapping[str, str] = {
    "-H": "hosts",
    "--host": "hosts",
    "-G": "group",
    "-D": "debug",
    "-l": "log-level",
    "-g": "data-root",
    "--graph": "data-root",
    "-s": "storage-driver",
    "-b": "bridge",
    "-p": "pidfile",
    "--allow-nondistributable-artifact": "allow-nondistributable-artifacts",
    "--authorization-plugin": "authorization-plugins",
    "--default-ulimit": "default-ulimits",
    "--dns-opt": "dns-opts",
    "--exec-opt": "exec-opts",
    "--insecure-registry": "insecure-registries",
    "--label": "labels",
    "--log-opt": "log-opts",
    "--registry-mirror": "registry-mirrors",
    "--storage-opt": "storage-opts",
}
# dockerd merges these from both places.
MERGED = frozenset(("runtimes",))


def keys_of_command(argv: Sequence[str]) -> dict[str, str]:
    """Return the daemon.json keys that a command line sets, each with its flag."""
    found: dict[str, str] = {}
    for word in argv[1:]:
        flag = word.split("=", 1)[0]
        if flag in KEYS:
            found[KEYS[flag]] = flag
        elif flag.startswith("--") and len(flag) > 2:
            found[flag[2:]] = flag
        elif flag[:2] in KEYS and not flag.startswith("--"):
            found[KEYS[flag[:2]]] = flag[:2]
    return found


def conflicts(argv: Sequence[str], keys: Iterable[str]) -> list[str]:
    """Return a text for each key that the command line sets as well."""
    taken = keys_of_command(argv)
    return [f"{key} (flag {taken[key]})" for key in sorted(set(keys)) if key in taken and key not in MERGED]


def argv_of_show(text: str) -> list[str]:
    """Return the command of `systemctl show --property=ExecStart --value`."""
    start = text.find("argv[]=")
    if start < 0:
        return []
    command = text[start + len("argv[]=") :]
    return command.split(" ;", 1)[0].split()
