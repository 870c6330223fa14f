# SPDX-License-Identifier: GPL-3.0-or-later
"""The three ways to use the collection: the built artifact, a clone, and single roles in somebody else's playbook."""

from __future__ import annotations

import json
import shutil
import tarfile

import pytest

ROLES = ("docker", "nvidia_ctk", "minikube_gpu", "nfs_server", "launch_agent")
PLAYBOOKS = ("doctor", "site", "submit", "teardown", "verify")
FOREIGN = """\
- name: Somebody else's play
  hosts: machines
  gather_facts: false
  roles:
    - role: mlinfra.gpu_launch.{role}
"""


def ok(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_artifact_holds_nothing_but_the_collection(artifact):
    with tarfile.open(artifact) as archive:
        tops = {name.split("/")[0] for name in archive.getnames()}
    allowed = {
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "FILES.json",
        "LICENSE",
        "MANIFEST.json",
        "README.md",
        "requirements.yml",
    }
    assert tops - allowed == {"changelogs", "docs", "inventory", "meta", "playbooks", "plugins", "roles"}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_playbook_of_the_artifact(installed, name):
    ok(installed.run("ansible-playbook", f"mlinfra.gpu_launch.{name}", "-i", "hosts", "--syntax-check"))


def roles_of_the_site(source, collection, folder):
    """List the tasks that the site includes where something is due: nothing opens that file before."""
    book = folder / "roles_of_the_site.yml"
    tasks = collection / "playbooks/tasks/site_roles.yml"
    play = {
        "name": "Site",
        "hosts": "gpu_node",
        "tasks": [{"name": "Roles", "ansible.builtin.import_tasks": str(tasks)}],
    }
    book.write_text(json.dumps([play]), encoding="utf-8")
    return ok(source.run("ansible-playbook", str(book), "-i", "hosts", "--list-tasks"))


def test_tasks_of_the_artifact(installed, tmp_path):
    listed = ok(installed.run("ansible-playbook", "mlinfra.gpu_launch.site", "-i", "hosts", "--list-tasks"))
    assert "Converge what differs" in listed
    collection = installed.folder / "collections/ansible_collections/mlinfra/gpu_launch"
    roles = roles_of_the_site(installed, collection, tmp_path)
    assert [role for role in ROLES if f"TAGS: [{role}, {role}_configure, {role}_install]" not in roles] == []


def test_the_artifact_refuses_an_inventory_without_the_group(installed):
    done = installed.run("ansible-playbook", "mlinfra.gpu_launch.site", "-i", "localhost,")
    assert done.returncode != 0
    assert "No host in group gpu_node" in done.stdout


def test_tasks_of_a_clone(clone, tmp_path):
    listed = ok(clone.run("ansible-playbook", "site.yml", "-i", "hosts", "--list-tasks"))
    assert "Converge what differs" in listed
    roles = roles_of_the_site(clone, clone.folder, tmp_path)
    assert [role for role in ROLES if f"TAGS: [{role}, {role}_configure, {role}_install]" not in roles] == []


def test_hosts_of_a_clone_copied_as_a_folder(clone):
    assert "192.0.2.10" in ok(clone.run("ansible-inventory", "-i", "hosts", "--host", "gpu1"))


def test_hosts_of_a_clone_copied_as_a_file(clone, tmp_path):
    shutil.copy(clone.folder / "inventory/hosts.yml", tmp_path / "hosts")
    shutil.copytree(clone.folder / "inventory/group_vars", tmp_path / "group_vars")
    shown = ok(clone.run("ansible-inventory", "-i", str(tmp_path / "hosts"), "--host", "gpu1"))
    assert "192.0.2.10" in shown
    assert "launch_agent_queues" in shown


def test_a_clone_uses_its_own_collection(clone):
    listed = ok(clone.run("ansible-galaxy", "collection", "list", "mlinfra.gpu_launch"))
    assert str(clone.folder) in listed


@pytest.mark.parametrize("role", ROLES)
def test_role_alone_in_a_foreign_playbook(installed, tmp_path, role):
    book = tmp_path / "play.yml"
    book.write_text(FOREIGN.format(role=role), encoding="utf-8")
    (tmp_path / "hosts").write_text("[machines]\nsomewhere ansible_host=192.0.2.77\n", encoding="utf-8")
    listed = ok(installed.run("ansible-playbook", str(book), "-i", str(tmp_path / "hosts"), "--list-tasks"))
    assert f"{role} : " in listed
    others = [name for name in ROLES if name != role and f"{name} : " in listed]
    assert others == []


@pytest.mark.parametrize("role", ROLES)
def test_role_is_documented(installed, role):
    shown = ok(installed.run("ansible-doc", "--type", "role", f"mlinfra.gpu_launch.{role}"))
    assert f"{role}_" in shown


BAD_VALUES = [
    pytest.param({"launch_agent_entity": ""}, ["launch_agent_entity", "AGT017"], id="no-entity"),
    pytest.param({"launch_agent_api_key": ""}, ["launch_agent_api_key", "WANDB_API_KEY"], id="no-key"),
    pytest.param({"nfs_server_exports": [{"path": "srv"}]}, ["nfs_server_exports[0]", "relative"], id="relative-path"),
    pytest.param({"minikube_gpu_cpus": "many"}, ["minikube_gpu_cpus"], id="wrong-type"),
    pytest.param({"launch_agent_queues": [{"name": "q", "maxjobs": 2}]}, ["maxjobs"], id="unknown-key"),
]


@pytest.mark.parametrize(("extra", "words"), BAD_VALUES)
def test_bad_values_are_refused_before_the_machine_is_reached(installed, extra, words):
    """The address of the example inventory is nobody's: a module would end as unreachable."""
    given = json.dumps({"launch_agent_api_key": "k" * 40, **extra})
    done = installed.run("ansible-playbook", "mlinfra.gpu_launch.site", "-i", "hosts", "-e", given)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "unreachable=0" in done.stdout.splitlines()[-2], done.stdout
    assert [word for word in words if word not in done.stdout + done.stderr] == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param(["-e", "submit_host=typo"], "submit_host is typo", id="mistyped"),
        pytest.param(["--limit", "b"], "The first host of group gpu_node is a", id="limited-away"),
        pytest.param(["--limit", "a", "-e", "submit_host=b"], "submit_host is b", id="both"),
    ],
)
def test_submit_refuses_a_host_that_takes_no_part(installed, tmp_path, arguments, found):
    (tmp_path / "hosts").write_text("[gpu_node]\na\nb\n", encoding="utf-8")
    done = installed.run("ansible-playbook", "mlinfra.gpu_launch.submit", "-i", str(tmp_path / "hosts"), *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert found in done.stdout
    assert "takes no part in this run" in done.stdout
    assert "Put the runs into the queue" not in done.stdout
