# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters of the playbook doctor do: the report of a host, its table, its page, and when it fails the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor import exit_status, names, page, report, table
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.read import DoctorError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.floor_table import floor_table
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError


def doctor_report(seen: Any, host: Any, observed_at: Any, collection_version: Any) -> dict[str, Any]:
    """Return the report of a host."""
    if not isinstance(seen, Mapping):
        raise AnsibleFilterError(f"doctor_report needs a mapping, not {type(seen).__name__}")
    try:
        return report.build(host, seen, observed_at, collection_version)
    except DoctorError as error:
        raise AnsibleFilterError(f"doctor_report: {error}") from error


def doctor_table(seen: Any, width: Any = 100) -> list[str]:
    """Return the report as lines for the screen."""
    if isinstance(width, bool) or not isinstance(width, int):
        raise AnsibleFilterError(f"doctor_table needs a width in columns, not {type(width).__name__}")
    try:
        return table.table(_report(seen, "doctor_table"), width)
    except DoctorError as error:
        raise AnsibleFilterError(f"doctor_table: {error}") from error


def doctor_page(seen: Any) -> str:
    """Return the report as an HTML page."""
    return page.page(_report(seen, "doctor_page"))


def doctor_index(seen: Any) -> str:
    """Return the overview of several reports as an HTML page."""
    reports = _reports(seen, "doctor_index")
    if not reports:
        raise AnsibleFilterError("doctor_index needs one report or more")
    return page.index(reports)


def doctor_failures(seen: Any, fail_on: Any = "error") -> list[str]:
    """Return why the run fails, one line for each host that makes it fail."""
    reports = _reports(seen, "doctor_failures")
    try:
        exit_status.check_fail_on(fail_on)
    except DoctorError as error:
        raise AnsibleFilterError(str(error)) from error
    return [line for one in reports for line in exit_status.failures(one, fail_on)]


def doctor_file(host: Any) -> str:
    """Return a host's name as a file name."""
    if not isinstance(host, str) or not host:
        raise AnsibleFilterError("doctor_file needs the name of a host")
    return names.file_name(host)


def doctor_versions(observed: Any) -> list[dict[str, Any]]:
    """Return what an observed machine runs beside the floors."""
    if not isinstance(observed, Mapping):
        raise AnsibleFilterError(f"doctor_versions needs a mapping, not {type(observed).__name__}")
    try:
        return floor_table(observed)
    except ModelError as error:
        raise AnsibleFilterError(f"doctor_versions: {error}") from error


def _report(seen: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(seen, Mapping) or seen.get("schema_version") != report.SCHEMA_VERSION:
        raise AnsibleFilterError(f"{name} needs what doctor_report returned, schema version {report.SCHEMA_VERSION}")
    return seen


def _reports(seen: Any, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(seen, Sequence) or isinstance(seen, (str, bytes)):
        raise AnsibleFilterError(f"{name} needs a list of reports, not {type(seen).__name__}")
    return [_report(one, name) for one in seen]
