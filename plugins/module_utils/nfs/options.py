# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options an export may carry (exports(5)), and what they mean once all of them are read."""

from __future__ import annotations

import difflib
import re

from ..lean_dataclass import dataclass
from .errors import ExportError

FLAGS = frozenset(
    [
        "ro",
        "rw",
        "sync",
        "async",
        "secure",
        "insecure",
        "wdelay",
        "no_wdelay",
        "hide",
        "nohide",
        "crossmnt",
        "subtree_check",
        "no_subtree_check",
        "insecure_locks",
        "secure_locks",
        "auth_nlm",
        "no_auth_nlm",
        "acl",
        "no_acl",
        "root_squash",
        "no_root_squash",
        "all_squash",
        "no_all_squash",
        "security_label",
        "pnfs",
        "no_pnfs",
        "mountpoint",
        "mp",
    ]
)
VALUED = {
    "anonuid": r"[0-9]{1,10}",
    "anongid": r"[0-9]{1,10}",
    "fsid": r"root|[0-9]{1,10}|[0-9a-fA-F-]{32,36}",
    "sec": r"(sys|none|krb5|krb5i|krb5p)(:(sys|none|krb5|krb5i|krb5p))*",
    "mountpoint": r"/[A-Za-z0-9._/-]+",
    "mp": r"/[A-Za-z0-9._/-]+",
}
OPPOSITES = (
    ("ro", "rw"),
    ("sync", "async"),
    ("secure", "insecure"),
    ("wdelay", "no_wdelay"),
    ("hide", "nohide"),
    ("subtree_check", "no_subtree_check"),
    ("secure_locks", "insecure_locks"),
    ("auth_nlm", "no_auth_nlm"),
    ("acl", "no_acl"),
    ("root_squash", "no_root_squash"),
    ("all_squash", "no_all_squash"),
    ("pnfs", "no_pnfs"),
)


@dataclass(frozen=True)
class Access:
    """What the options grant, with the server's defaults filled in."""

    writable: bool
    squash: str  # "none", "root" or "all"
    privileged_ports_only: bool
    anonymous_uid: int
    anonymous_gid: int


def split_options(text: str) -> tuple[str, ...]:
    """Split and check an option text such as ``rw,sync,no_root_squash``."""
    names = tuple(text.split(","))
    for option in names:
        _check_option(option)
    for left, right in OPPOSITES:
        if left in names and right in names:
            raise ExportError(f"options has both {left!r} and {right!r}; keep one of them")
    if len(set(names)) != len(names):
        raise ExportError(f"options {text!r} names an option twice; remove one")
    if not {"ro", "rw"} & set(names):
        raise ExportError(f"options {text!r} says neither 'ro' nor 'rw'; add one of them")
    return names


def _check_option(option: str) -> None:
    name, equals, value = option.partition("=")
    if not equals and name in FLAGS:
        return
    if equals and name in VALUED:
        if re.fullmatch(VALUED[name], value):
            return
        raise ExportError(f"option {name!r} has the value {value!r}, which exports(5) does not know; correct it")
    if name in VALUED or name in FLAGS:
        raise ExportError(f"option {option!r} must be written {name + '=VALUE' if name in VALUED else name!r}")
    near = difflib.get_close_matches(name, sorted(FLAGS | set(VALUED)), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see exports(5)"
    raise ExportError(f"option {option!r} is unknown; {hint}")


def access_of(options: tuple[str, ...]) -> Access:
    """Read the options the way the kernel server does: root_squash and secure are its defaults."""
    values = dict(option.split("=", 1) for option in options if "=" in option)
    squash = "all" if "all_squash" in options else "none" if "no_root_squash" in options else "root"
    return Access(
        writable="rw" in options,
        squash=squash,
        privileged_ports_only="insecure" not in options,
        anonymous_uid=int(values.get("anonuid", "65534")),
        anonymous_gid=int(values.get("anongid", "65534")),
    )
