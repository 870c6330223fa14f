# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the inputs of role docker with what any engine takes: DOC014."""

from __future__ import annotations

import re

from .judge import Judge
from .observed.docker import DockerFacts
from .wanted.docker import DockerWanted

# An empty size leaves the logs alone.
_SIZE = re.compile(r"(?:[0-9]+[kmgKMG]?)?")


def compare_inputs(judge: Judge, docker: DockerFacts, wanted: DockerWanted) -> None:
    """Refuse inputs that can't work; one that holds a password is named and not repeated."""
    accounts = judge.need("docker.users", docker.users) or {}
    for name in wanted.users:
        if not accounts.get(name, True):
            fix = "create the user first, or take it off the list"
            judge.find(
                "DOC014", "docker_users", f"{name} is no user of this machine", "users that exist", fix, value=name
            )
    if not _SIZE.fullmatch(wanted.log_max_size):
        fix = "set a number of bytes, or one with k, m or g, as in 10m"
        judge.find(
            "DOC014", "docker_log_max_size", f"'{wanted.log_max_size}'", "a size", fix, value=wanted.log_max_size
        )
    if wanted.log_max_file < 1:
        value = wanted.log_max_file
        judge.find("DOC014", "docker_log_max_file", f"{value}", "1 or more", "set 1 or more", value=value)
    for name in wanted.secret_inputs:
        found = "it holds a user or password, which the engine, the command line of tasks and -vvv would show"
        fix = "use a proxy or mirror that needs none"
        judge.find("DOC014", name, found, "an address without", fix, input=name)
