# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of `python3 -m tests.lab` that act on what runs: hosts, services, engine, inventory."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from . import config, hosts, inventory


def up(args: argparse.Namespace) -> int:
    """Start engine and services, and lab hosts that don't run yet."""
    settings = dict(pair.split("=", 1) for pair in args.nvml)
    for name in args.names or [inventory.DEMO_HOST]:
        hosts.up(name, args.suite, args.gpus, settings, build=not args.no_build)
    return 0


def down(args: argparse.Namespace) -> int:
    """Remove lab hosts; with --all everything that runs. The cache stays."""
    if args.unused:
        return hosts.down_unused()
    if args.everything or not args.names:
        return hosts.down_all()
    for name in args.names:
        hosts.down(name)
    return 0


def restart(args: argparse.Namespace) -> int:
    """Restart a lab host, as a reboot does with a real one."""
    hosts.restart(args.name)
    return 0


def status(args: argparse.Namespace) -> int:
    """Show what runs; 0 when engine and services do."""
    return hosts.status()


def shell(args: argparse.Namespace) -> int:
    """Open a shell on a lab host, or run one command there."""
    return hosts.shell(args.name, args.command)


def write_inventory(args: argparse.Namespace) -> int:
    """Write an inventory folder for lab hosts, with the same inputs as the demo's."""
    print(inventory.write(args.output, args.host or [inventory.DEMO_HOST]))
    return 0


def add(commands: Any) -> None:
    """Adds all of them to the subcommands of the command line."""

    def command(function: Any, name: str) -> Any:
        parser = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        parser.set_defaults(function=function)
        return parser

    one = command(up, "up")
    one.add_argument("names", nargs="*", metavar="HOST", help="default: labhost")
    one.add_argument("--suite", choices=config.SUITES, default=config.SUITES[0], help="Debian release (%(default)s)")
    one.add_argument("--gpus", type=int, help=f"stand-in GPUs of a new host ({config.GPU_COUNT})")
    one.add_argument("--nvml", action="append", default=[], metavar="KEY=VALUE", help="setting of the NVML stand-in")
    one.add_argument("--no-build", action="store_true", help="start at once; serve what is built so far")
    one = command(down, "down")
    one.add_argument("names", nargs="*", metavar="HOST", help="none: as --all")
    one.add_argument("--all", action="store_true", dest="everything", help="hosts, services, engine, bridge")
    one.add_argument("--unused", action="store_true", help="all of these, unless there is a lab host")
    command(restart, "restart").add_argument("name", metavar="HOST")
    command(status, "status")
    one = command(shell, "shell")
    one.add_argument("name", nargs="?", default=inventory.DEMO_HOST, metavar="HOST")
    one.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="instead of a shell")
    one = command(write_inventory, "inventory")
    one.add_argument("--host", action="append", default=[], metavar="NAME", help="repeatable; default: labhost")
    one.add_argument("--output", type=Path, metavar="DIR", help=f"default: {config.inventory_dir()}")
