# SPDX-License-Identifier: GPL-3.0-or-later
"""The converged host again, by the built artifact and by single roles in somebody else's playbook: nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.build import places
from tests.lab import config

from .conftest import HOST, changed

# The other way round than in the site: what a role took from an earlier one of the same run would be missing.
ROLES = ("launch_agent", "nfs_server", "minikube_gpu", "nvidia_ctk", "docker")
FOREIGN = """\
- name: Somebody else's play for {role}
  hosts: gpu_node
  gather_facts: false
  roles:
    - role: mlinfra.gpu_launch.{role}
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> places.Place:
    """A folder where the built artifact is installed and nothing of this checkout is."""
    tree = tmp_path_factory.mktemp("clone")
    places.copy_tree(tree)
    artifact = places.build(tree, tmp_path_factory.mktemp("artifact"))
    place = places.install(artifact, tmp_path_factory.mktemp("elsewhere"))
    return places.Place(place.folder, {**place.environment, "ANSIBLE_PIPELINING": "true"})  # for speed alone


def nothing_changed(place: places.Place, playbook: str) -> None:
    done = place.run("ansible-playbook", playbook, "-i", str(config.inventory_dir()), timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert changed(done.stdout)[HOST] == 0, done.stdout


def test_site_of_the_artifact(host: object, elsewhere: places.Place) -> None:
    nothing_changed(elsewhere, "mlinfra.gpu_launch.site")


def test_each_role_alone_in_a_foreign_play(host: object, elsewhere: places.Place, tmp_path: Path) -> None:
    book = tmp_path / "plays.yml"
    book.write_text("".join(FOREIGN.format(role=role) for role in ROLES), encoding="utf-8")
    nothing_changed(elsewhere, str(book))
