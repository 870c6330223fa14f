# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action: look at a machine by the module of this name, and compare on the controller, where it costs nothing.

What travels to the host is what reads the host; the comparison, its texts and the floors stay here.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare_all
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError
from ansible_collections.mlinfra.gpu_launch.plugins.plugin_utils.payload_cache import PayloadCache

MODULE = "mlinfra.gpu_launch.node_state"


class ActionModule(ActionBase):
    """One module on the host, then a pure function here."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Observe, and compare where something is wanted."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        cache = PayloadCache("node_state")
        packed = cache.restore()
        result.update(self._execute_module(module_name=MODULE, module_args=self._task.args, task_vars=task_vars))
        if not packed:
            cache.keep()
        wanted = self._task.args.get("wanted")
        if wanted is None or "observed" not in result:
            return result
        try:
            result.update(compare_all(result["observed"], wanted))
        except ModelError as error:
            result.update(failed=True, msg=f"wanted: {error}")
        return result
