# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line. Each command is one function; what it needs is imported when it runs."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence

from . import artifacts, builder, config, host_commands
from .processes import LabError


def build(args: argparse.Namespace) -> int:
    """Build artifacts into the cache."""
    if args.list:
        for artifact in artifacts.table().values():
            print(f"{artifact.name:18} {artifact.title}{'' if artifact.default else ' (only by name)'}")
        return 0
    start = time.monotonic()
    places = artifacts.build(args.names)
    print(f"{len(places)} artifacts in {config.cache_dir()}, {builder.elapsed(time.monotonic() - start)}")
    return 0


def clean(args: argparse.Namespace) -> int:
    """Remove artifacts, or the whole cache."""
    from . import hosts

    if not args.names:
        return hosts.clean(args.yes)
    for name in args.names:
        if name not in artifacts.table():
            print(f"unknown artifact {name!r}", file=sys.stderr)
            return 2
        for place in (config.cache_dir() / "artifacts").glob(f"{name}-" + "?" * 16):
            shutil.rmtree(place)
    return 0


def demo(args: argparse.Namespace) -> int:
    """The whole chain, with a table at the end."""
    from . import demo as chain

    return chain.main()


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    top = argparse.ArgumentParser(prog="python3 -m tests.lab", description="The whole chain without a GPU.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(function: object, name: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=getattr(function, "__doc__", ""))
        command.set_defaults(function=function)
        return command

    one = add(build, "build")
    one.add_argument("names", nargs="*", metavar="NAME", help="artifacts; none: all that the demo needs")
    one.add_argument("--list", action="store_true", help="only list the artifacts")
    host_commands.add(commands)
    one = add(clean, "clean")
    one.add_argument("names", nargs="*", metavar="NAME", help="artifacts; none: all that runs, and the cache")
    one.add_argument("--yes", action="store_true", help="needed to remove the whole cache")
    add(demo, "demo")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; errors of the lab are one message without a traceback."""
    args = parser().parse_args(arguments)
    try:
        return int(args.function(args))
    except (builder.BuildError, LabError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
