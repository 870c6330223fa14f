# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a role of this collection lies."""

from pathlib import Path

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.mlinfra.gpu_launch.plugins.lookup.role_folder import LookupModule


def test_roles_are_found():
    folders = LookupModule().run(["docker", "launch_agent"])
    assert [Path(folder, "meta/argument_specs.yml").is_file() for folder in folders] == [True, True]


def test_other_names_are_refused():
    with pytest.raises(AnsibleLookupError, match="no role 'dokcer' in this collection; it has docker, "):
        LookupModule().run(["dokcer"])
