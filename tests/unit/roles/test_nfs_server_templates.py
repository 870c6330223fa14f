# SPDX-License-Identifier: GPL-3.0-or-later
"""What the templates of nfs_server say to the server."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "roles" / "nfs_server" / "templates"


def rendered(name, **variables):
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["comment"] = lambda text: f"# {text}"
    return environment.get_template(name).render(ansible_managed="managed", **variables)


@pytest.mark.parametrize(
    ("grace", "lease"),
    [
        pytest.param(1, 2, id="a-lease-of-1-never-ends-the-grace-period"),
        pytest.param(3, 2, id="lab"),
        pytest.param(30, 20, id="default"),
        pytest.param(180, 120, id="longest"),
    ],
)
def test_clients_can_reclaim_within_the_grace_period(grace, lease):
    text = rendered("ganesha.conf.j2", nfs_server_grace_period=grace)
    assert f"Grace_Period = {grace};" in text
    assert f"Lease_Lifetime = {lease};" in text
    assert re.sub(r"(?m)#.*$", "", text).count("{") == re.sub(r"(?m)#.*$", "", text).count("}")


def test_ganesha_reads_the_exports_from_the_file_that_is_reloaded():
    assert '\n%include "/etc/ganesha/mlinfra_gpu_launch.conf"' in rendered("ganesha.conf.j2", nfs_server_grace_period=3)


@pytest.mark.parametrize(
    ("name", "key"),
    [("mlinfra_gpu_launch.exports.j2", "lines"), ("mlinfra_gpu_launch.conf.j2", "ganesha_lines")],
)
def test_exports_are_written_line_by_line(name, key):
    text = rendered(name, __nfs_server_plan={key: ["one", "two"]})
    assert text.splitlines()[-2:] == ["one", "two"]
