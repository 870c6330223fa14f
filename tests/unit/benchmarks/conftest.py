# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from benchmarks.figures import Results, Series

ONE = {"playbook": {"node_state": 1}}


def series(*seconds, modules="one", tasks=None):
    return Series(seconds, [value / 2 for value in seconds], ONE if modules == "one" else modules, tasks or {})


@pytest.fixture
def results():
    """As the goals want it, but for pyinfra's count, which nobody has."""
    return Results(
        {
            "empty": series(1.0, 1.2, 1.1, modules={}),
            "ping": series(1.2, 1.5, 1.3),
            "gpu_info": series(1.3, 1.6, 1.4),
            "site": series(1.8, 2.4, 2.0, tasks={"Look": [0.9, 0.7, 0.8], "Tell": [0.1, 0.2, 0.1]}),
            "check": series(1.9, 2.0, 2.1),
            "role_docker": series(1.5, 1.5, 1.5),
            "geerlingguy": series(9.0, 9.5, 9.9, modules={"playbook": {"setup": 1}, "geerlingguy.docker": {"apt": 3}}),
            "pyinfra": series(4.0, 4.0, 4.0, modules=None),
            "naive": series(20.0, 21.0, 22.0, modules={"playbook": {"stat": 13, "file": 21}}),
            "site_4": series(3.0, 3.1, 3.2, modules={"playbook": {"node_state": 4}}),
        },
        {"date": "2026-01-31", "forks": "5 (Ansible's default)"},
        3,
    )
