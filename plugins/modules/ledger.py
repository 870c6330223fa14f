#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: the write-ahead record of what the roles changed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ledger
short_description: Record what a role is about to change, and take it back
version_added: 1.0.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Keeps one record per role on the target, C(/var/lib/mlinfra.gpu_launch/ledger/<role>.json), readable by root only.
  - A role records a thing before it changes it. The module reads the earlier state itself; a first record is never
    overwritten by a later run.
  - With O(state=undone) what was absent is removed and what was there before is restored. What somebody else changed
    since, what others depend on and directories that hold other things are kept, with a warning and their entry.
  - Each write is atomic, and one lock keeps two runs apart.
options:
  role:
    description:
      - Name of the role.
      - Required for O(state=recorded) and O(state=undone); otherwise every role's record is meant when it is omitted.
    type: str
  state:
    description:
      - V(recorded) adds O(entries) with their earlier state.
      - V(written) remembers, at the end of a role, what is in each recorded file then, so that V(undone) can tell the
        role's own content from a change by somebody else. A file for which this never happened counts as its own.
      - V(read) returns the records.
      - V(undone) takes the recorded changes back, in the order units, group members, virtual environments, files,
        packages, users, directories.
      - V(absent) forgets the record and changes nothing else.
    type: str
    choices: [recorded, written, read, undone, absent]
    default: recorded
  entries:
    description:
      - What the role is about to change; each a mapping with C(kind) and C(subject) (path or name).
      - Kinds are V(file), V(directory), V(package), V(user), V(group_member) (also C(group)), V(unit), V(repository)
        (the file of it), V(venv), V(profile), V(kube_object) and V(command).
      - Of the last three only the role knows how to undo them; it does so before it calls O(state=undone).
      - C(secret=true) on a file keeps its hash, mode and owner and never its content.
      - C(tree=true) on a directory says that everything below it belongs to the role and goes with it.
      - Further keys are kept as they are.
    type: list
    elements: dict
    default: []
  keep:
    description:
      - What O(state=undone) leaves alone, although it could take it back, because the role has found that others need
        it by now. The entries stay in the record, so a later call takes them back.
      - Each is a mapping with C(kind), C(subject) and C(reason), which is told; a mapping of O(entries) with a reason
        does as well. What the record does not have is ignored.
    type: list
    elements: dict
    default: []
  directory:
    description: Folder of the records.
    type: path
    default: /var/lib/mlinfra.gpu_launch/ledger
  purge:
    description:
      - Whether removed packages lose their configuration too.
      - Packages whose purge would delete data (container engines, NFS servers) are removed only, with a warning.
    type: bool
    default: false
attributes:
  check_mode:
    description: Returns what would be recorded or undone, and writes nothing.
    support: full
  diff_mode:
    description: Shows the names of entries, never the content of files.
    support: full
  platform:
    description: Platforms it works on.
    platforms: linux
    support: full
notes:
  - Packages are taken back on Debian-like systems only. A package that was there before stays at its present version.
"""

EXAMPLES = r"""
- name: Record what this role is about to change
  mlinfra.gpu_launch.ledger:
    role: docker
    entries:
      - kind: package
        subject: docker.io
      - kind: file
        subject: /etc/docker/daemon.json
      - kind: group_member
        subject: alex
        group: docker

- name: Remember what this role wrote
  mlinfra.gpu_launch.ledger:
    role: docker
    state: written

- name: Read all records
  mlinfra.gpu_launch.ledger:
    state: read
  register: recorded

- name: Take back what the role changed
  mlinfra.gpu_launch.ledger:
    role: docker
    state: undone

- name: Take it back, but leave a server to others who use it by now
  mlinfra.gpu_launch.ledger:
    role: nfs_server
    state: undone
    keep:
      - kind: package
        subject: nfs-kernel-server
        reason: /etc/exports holds exports of others
"""

RETURN = r"""
entries:
  description: The role's entries after the call, without the content of files.
  returned: always
  type: list
  elements: dict
  sample:
    - {kind: package, subject: docker.io, earlier: {state: absent}}
ledger:
  description: The entries by role.
  returned: when O(state=read)
  type: dict
undone:
  description: What was taken back, each with C(kind) and C(subject).
  returned: when O(state=undone)
  type: list
  elements: dict
kept:
  description: What stays, each with C(kind), C(subject) and C(reason).
  returned: when O(state=undone)
  type: list
  elements: dict
failures:
  description: What should have been taken back but could not; it is in RV(kept) too, and a later call tries again.
  returned: when O(state=undone)
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.entries import LedgerError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.ledger import Ledger
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.store import Store
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.system import System
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root, Unreadable


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "role": {"type": "str"},
        "state": {
            "type": "str",
            "choices": ["recorded", "written", "read", "undone", "absent"],
            "default": "recorded",
        },
        "entries": {"type": "list", "elements": "dict", "default": []},
        "keep": {"type": "list", "elements": "dict", "default": []},
        "directory": {"type": "path", "default": "/var/lib/mlinfra.gpu_launch/ledger"},
        "purge": {"type": "bool", "default": False},
    }


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Return the result of one call."""
    store = Store(params["directory"])
    ledger = Ledger(store, Root(), System(), check_mode)
    state, role = params["state"], params["role"]
    if state == "read":
        return ledger.read(role)
    if check_mode:
        return act(ledger, state, role, params)
    with store.locked():
        return act(ledger, state, role, params)


def act(ledger: Ledger, state: str, role: str, params: dict[str, Any]) -> dict[str, Any]:
    """Do what a state asks for."""
    if state == "recorded":
        return ledger.record(role, params["entries"])
    if state == "written":
        return ledger.written(role)
    if state == "undone":
        return ledger.undo(role, params["purge"], params["keep"])
    return ledger.forget(role)


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(),
        supports_check_mode=True,
        required_if=[("state", "recorded", ["role"]), ("state", "undone", ["role"])],
    )
    try:
        result = run(module.params, module.check_mode)
    except (LedgerError, Unreadable) as error:
        module.fail_json(msg=f"ledger: {error}")
    except OSError as error:
        module.fail_json(msg=f"ledger: {error.filename or module.params['directory']}: {error.strerror}")
    for text in result.pop("warnings", []):
        module.warn(text)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
