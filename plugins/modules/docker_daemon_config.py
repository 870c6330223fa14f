#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module docker_daemon_config."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_daemon_config
short_description: Own single keys of the Docker engine's daemon.json
version_added: 0.1.0
description:
  - Merges settings into C(daemon.json) and leaves every other key, their order and the indentation as they are.
  - Refuses a file that is no valid JSON object, with line and column, before anything is touched. A file that is empty
    or blank counts as C({}). A byte order mark, comments, trailing commas and keys given twice are refused.
  - Refuses to replace a value by one of another type, and to set a key that is also a flag of the engine's unit.
  - Nothing is restarted. The change is noted for M(mlinfra.gpu_launch.docker_engine), which reloads or restarts the
    engine and puts the earlier file back when the engine doesn't start with the new one.
options:
  path:
    description: The file to merge into. A symbolic link is followed.
    type: path
    default: /etc/docker/daemon.json
  settings:
    description:
      - Wanted keys. Objects are merged deeply, all other values replace what is there, lists included.
    type: dict
    default: {}
  remove:
    description:
      - Keys to delete, whoever set them. Each is dotted text (V(log-opts.max-size)) or a list of keys.
    type: list
    elements: raw
    default: []
  owner:
    description:
      - Name under which the settings are remembered. A key that this owner set earlier and no longer lists gets its
        earlier value back, or is deleted where it was absent, unless somebody else changed it in the meantime.
      - With no O(settings) left, the file is put back byte by byte, or deleted where there was none, unless somebody
        else's changes are in it.
      - Without it, keys that are no longer listed stay.
    type: str
    default: ''
  backup:
    description: Keep a copy of the earlier file beside it. The engine's rollback needs it.
    type: bool
    default: true
  validate:
    description:
      - V(auto) checks the new file with C(dockerd --validate) where the engine is installed and knows the option (23.0
        and later).
    type: str
    choices: [auto, never]
    default: auto
  executable:
    description: The engine's program, a name or a path.
    type: str
    default: dockerd
  unit:
    description: The engine's systemd unit, whose command line is compared with the settings.
    type: str
    default: docker.service
  record_dir:
    description: Folder of the records of owners.
    type: path
    default: /var/lib/mlinfra.gpu_launch/daemon-config
  run_dir:
    description: Folder of the note for M(mlinfra.gpu_launch.docker_engine).
    type: path
    default: /run/mlinfra.gpu_launch
attributes:
  check_mode:
    description: Predicts without changing anything; the new file is validated as well.
    support: full
  diff_mode:
    description: Shows the file before and after; credentials in it are masked.
    support: full
  platform:
    description: Linux with or without systemd.
    support: full
    platforms: linux
seealso:
  - module: mlinfra.gpu_launch.docker_engine
author:
  - Contributors to mlinfra.gpu_launch (@mlinfra)
"""

EXAMPLES = r"""
- name: Rotate logs and trust a registry without TLS
  mlinfra.gpu_launch.docker_daemon_config:
    owner: my_play
    settings:
      log-driver: json-file
      log-opts:
        max-size: 10m
        max-file: "3"
      insecure-registries: ["192.0.2.7:5000"]
  notify: Apply the engine's configuration

- name: Register the nvidia runtime
  mlinfra.gpu_launch.docker_daemon_config:
    settings:
      runtimes:
        nvidia:
          args: []
          path: nvidia-container-runtime

- name: Remove two keys
  mlinfra.gpu_launch.docker_daemon_config:
    remove:
      - storage-opts
      - [log-opts, max-size]
"""

RETURN = r"""
changed_keys:
  description: Dotted names of the values that differ.
  returned: success
  type: list
  elements: str
  sample: [log-opts.max-size, runtimes.nvidia.path]
reload_enough:
  description: Whether the engine takes over the whole change on SIGHUP.
  returned: success
  type: bool
  sample: false
restart_required:
  description: Whether the engine reads part of the change at its start only.
  returned: success
  type: bool
  sample: true
backup_file:
  description: Copy of the earlier file; empty when there was none or it was not asked for.
  returned: success
  type: str
  sample: /etc/docker/daemon.json.1234.2026-11-24@10:00:00~
validated:
  description: Whether the engine itself has checked the new file.
  returned: success
  type: bool
  sample: true
"""

import os
import tempfile
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.errors import DaemonConfigError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.flags import argv_of_show, conflicts
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.merge import Plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.record import Record
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.render import masked
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.values import ABSENT, Absent, to_path
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine import pending, record
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine.config_file import Move, Target, planned
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine.files import write_beside
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.engine.service import Unit

NEW_FILE_MODE = 0o644


def check_flags(module: AnsibleModule, plan: Plan) -> None:
    """Refuse keys that the unit's command line sets as well: dockerd wouldn't start."""
    systemctl = module.get_bin_path("systemctl")
    if systemctl is None:
        return
    unit = module.params["unit"]
    argv = argv_of_show(module.run_command([systemctl, "show", unit, "--property=ExecStart", "--value"])[1])
    changed = {key.split(".")[0] for key in plan.changed_keys}
    both = conflicts(argv, changed & set(plan.config))
    if both:
        raise DaemonConfigError(f"also set on the command line of {unit}: {', '.join(both)}; drop it in one of the two")


def validate(module: AnsibleModule, text: str) -> bool:
    """Let the engine check a configuration; False when there is no engine or it can't."""
    dockerd = module.get_bin_path(module.params["executable"])
    if dockerd is None or module.params["validate"] == "never":
        return False
    with tempfile.NamedTemporaryFile(prefix="daemon-", suffix=".json", dir=module.tmpdir) as candidate:
        candidate.write(text.encode("utf-8"))
        candidate.flush()
        status, out, err = module.run_command([dockerd, "--validate", "--config-file", candidate.name])
    if status == 0:
        return True
    if "unknown flag" in err:
        return False
    words = (err or out).strip().replace(candidate.name, "the new file")
    raise DaemonConfigError(f"dockerd --validate refuses the new configuration: {words}")


def write(module: AnsibleModule, move: Move) -> str:
    """Note the change for the engine, then replace the file in one step; return the backup's name."""
    path = move.target.path
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise DaemonConfigError(f"the folder {folder} does not exist; make it first")
    backup = ""
    if move.target.raw is not None and module.params["backup"] and not move.final:
        backup = str(module.backup_local(path) or "")
    if move.plan.changed:
        run_dir = module.params["run_dir"]
        started = Unit(module.params["unit"]).running_since()[1]
        known = pending.load(run_dir).open_since(started)
        pending.save(run_dir, known.with_config(move.note(backup), time.time()))
    if isinstance(move.text, Absent):
        os.unlink(path)
    else:
        replace(module, path, move.text.encode("utf-8"), move.target.raw is None)
    return backup


def replace(module: AnsibleModule, path: str, data: bytes, fresh: bool) -> None:
    """Replace a file in one step; it keeps its mode and owner."""
    new = write_beside(path, data, NEW_FILE_MODE)
    try:
        module.atomic_move(new, path)
        if fresh:
            os.chmod(path, NEW_FILE_MODE)
    finally:
        if os.path.exists(new):
            os.unlink(new)


def remember(module: AnsibleModule, move: Move, owned: Record | None, backup: str) -> None:
    """Write the owner's record; the copies of an owner that lets go of everything go with it."""
    params = module.params
    if not params["owner"]:
        return
    original: str | Absent = ABSENT if move.target.raw is None else move.target.text()
    base = owned or Record(original=original)
    backups = (*base.backups, backup) if backup else base.backups
    if move.final:
        for name in backups:
            if os.path.exists(name):
                os.unlink(name)
    now = Record(move.plan.leaves, base.original, backups)
    if now != owned:
        record.save(params["record_dir"], params["owner"], now)


def differences(module: AnsibleModule, before: str, after: str) -> dict[str, str]:
    """Return the diff that Ansible prints."""
    path = module.params["path"]
    return {
        "before_header": path,
        "after_header": path,
        "before": masked(before),
        "after": masked(after),
    }


def run(module: AnsibleModule) -> dict[str, Any]:
    """Plan, and apply unless in check mode."""
    params = module.params
    target = Target.at(params["path"])
    owned = record.load(params["record_dir"], params["owner"]) if params["owner"] else None
    move = planned(target, params["settings"], [to_path(path) for path in params["remove"]], owned)
    after = "" if isinstance(move.text, Absent) else move.text
    validated, backup = False, ""
    if move.plan.changed:
        check_flags(module, move.plan)
        validated = validate(module, after or "{}")
    if not module.check_mode:
        remember(module, move, owned, "")
        if move.changed:
            backup = write(module, move)
            remember(module, move, owned, backup)
    return {
        "changed": move.changed,
        "changed_keys": list(move.plan.changed_keys),
        "reload_enough": move.plan.changed and not move.plan.restart_keys,
        "restart_required": len(move.plan.restart_keys) > 0,
        "backup_file": backup,
        "validated": validated,
        "diff": differences(module, target.text(), after),
    }


def main() -> None:
    """Translate between Ansible and the plan."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/etc/docker/daemon.json"},
            "settings": {"type": "dict", "default": {}},
            "remove": {"type": "list", "elements": "raw", "default": []},
            "owner": {"type": "str", "default": ""},
            "backup": {"type": "bool", "default": True},
            "validate": {"type": "str", "choices": ["auto", "never"], "default": "auto"},
            "executable": {"type": "str", "default": "dockerd"},
            "unit": {"type": "str", "default": "docker.service"},
            "record_dir": {"type": "path", "default": "/var/lib/mlinfra.gpu_launch/daemon-config"},
            "run_dir": {"type": "path", "default": "/run/mlinfra.gpu_launch"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except DaemonConfigError as error:
        module.fail_json(
            msg=f"{module.params['path']}: {error}; nothing was changed", line=error.line, column=error.column
        )
    except OSError as error:
        module.fail_json(msg=f"{module.params['path']}: {error}; the file is as it was")


if __name__ == "__main__":
    main()
