# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that hold for every role: its parts exist, and its inputs stand in defaults and argument_specs alike."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
SITE = ("docker", "nvidia_ctk", "minikube_gpu", "nfs_server", "launch_agent")
EXAMPLE = ROOT / "inventory/group_vars/gpu_node.yml"

every_role = pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)


class Loader(yaml.SafeLoader):
    """Reads what Ansible reads: !unsafe and !vault are plain text here."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
Loader.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader) or {}


def options(role):
    return read(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def test_the_site_has_its_roles():
    assert set(SITE) <= {role.name for role in ROLES}


@every_role
def test_inputs_stand_in_both_places(role):
    specs = options(role)
    defaults = read(role / "defaults/main.yml")
    required = {name for name, spec in specs.items() if spec.get("required")}
    assert set(defaults) == set(specs) - required


@every_role
def test_defaults_are_the_same_in_both_places(role):
    specs = options(role)
    for name, value in read(role / "defaults/main.yml").items():
        if not (isinstance(value, str) and "{{" in value):  # a template is described in words
            assert specs[name].get("default", value) == value, name


@every_role
def test_inputs_carry_the_name_of_the_role(role):
    foreign = [name for name in options(role) if not name.startswith(f"{role.name}_")]
    assert foreign == []


@every_role
def test_inputs_are_typed_and_described(role):
    bare = [name for name, spec in options(role).items() if not (spec.get("type") and spec.get("description"))]
    assert bare == []


@every_role
def test_defaults_are_commented(role):
    lines = (role / "defaults/main.yml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in zip(lines, lines[1:])
        if line[:1].isalpha() and not before.startswith("#") and "#" not in line
    ]
    assert bare == []


@every_role
@pytest.mark.parametrize("part", ["README.md", "meta/main.yml", "meta/argument_specs.yml", "tasks/main.yml"])
def test_parts_exist(role, part):
    assert (role / part).is_file()


@pytest.mark.parametrize("role", SITE)
@pytest.mark.parametrize("part", ["preflight.yml", "prove.yml", "teardown.yml"])
def test_roles_of_the_site_offer_what_the_playbooks_call(role, part):
    assert (ROOT / "roles" / role / "tasks" / part).is_file()


@pytest.mark.parametrize("role", SITE)
@pytest.mark.parametrize("part", ["molecule.yml", "converge.yml", "verify.yml"])
def test_roles_of_the_site_have_a_scenario(role, part):
    assert (ROOT / "molecule" / role / part).is_file()


def test_the_example_names_inputs_that_exist():
    known = {name for role in ROLES for name in options(role)}
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    shown = {line.lstrip("# ").split(":")[0] for line in lines if line.lstrip("# ").startswith(SITE) and ":" in line}
    assert shown
    assert shown - known == set()


def internals(role):
    """Yield the names that the tasks and handlers of a role register or set."""
    for path in sorted([*role.glob("tasks/*.yml"), *role.glob("handlers/*.yml")]):
        todo = list(read(path) or [])
        while todo:
            task = todo.pop()
            todo += [inner for key in ("block", "rescue", "always") for inner in task.get(key, [])]
            yield from [task["register"]] if "register" in task else []
            yield from (name for name in task.get("ansible.builtin.set_fact", {}) if name != "cacheable")


@every_role
def test_internal_names_are_marked_as_such(role):
    allowed = (f"__{role.name}_", "__gpu_launch_")
    assert [name for name in internals(role) if not name.startswith(allowed)] == []
