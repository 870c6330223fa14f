# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that turns the exports of an inventory into checked exports and the lines of both servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.nfs import ganesha
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.nfs.exports import (
    Defaults,
    folders,
    read_exports,
)


def nfs_exports(items: Any, network: str, options: str, allow_everyone: bool = False) -> dict[str, Any]:
    """Check exports and render them; nothing is raised for a wrong export, it is listed under ``refusals``."""
    if not isinstance(items, Sequence) or isinstance(items, (str, bytes)):
        raise AnsibleFilterError(f"nfs_exports needs a list of exports, not {type(items).__name__}")
    if not isinstance(allow_everyone, bool):
        raise AnsibleFilterError("nfs_exports needs a boolean as allow_everyone; use the 'bool' filter")
    exports, refusals = read_exports(items, Defaults(str(network), str(options), allow_everyone))
    return {
        "exports": [
            {"path": export.path, "network": export.network, "options": list(export.options)} for export in exports
        ],
        "refusals": refusals,
        "folders": [
            {"kind": "directory", "subject": path, "exported": exported} for path, exported in folders(exports)
        ],
        "lines": [export.line for export in exports],
        "ganesha_refusals": ganesha.refusals(exports),
        "ganesha_lines": ganesha.render(exports),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"nfs_exports": nfs_exports}
