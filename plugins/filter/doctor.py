# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the playbook doctor. What they do is in plugin_utils/doctor_filters.py."""

from __future__ import annotations

import functools
from typing import Any, Callable

NAMES = (
    "doctor_report",
    "doctor_table",
    "doctor_page",
    "doctor_index",
    "doctor_failures",
    "doctor_file",
    "doctor_versions",
)


def _call(name: str, *args: Any, **kwargs: Any) -> Any:
    # Ansible loads every filter of a collection to find one of them, in each task anew; these are heavy.
    from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils import doctor_filters

    return getattr(doctor_filters, name)(*args, **kwargs)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {name: functools.partial(_call, name) for name in NAMES}
