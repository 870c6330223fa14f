# SPDX-License-Identifier: GPL-3.0-or-later
"""node_state looks at this machine and changes nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable

import pytest

from .conftest import Played


def test_this_machine(play: Callable[..., Played]) -> None:
    played = play([{"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["host", "docker"]}}])
    assert played.rc == 0, played.output
    host = played["Look"]["observed"]["host"]
    assert (host["kernel"], host["arch"]) == (platform.release(), platform.machine())
    assert host["cpus"] in (os.cpu_count(), len(os.sched_getaffinity(0)))
    assert host["memory_mib"] == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    assert not played["Look"]["changed"]


def test_compared_on_the_controller(play: Callable[..., Played]) -> None:
    wanted = {"host": {"platforms": {"plan9": ["4"]}}, "docker": {"source": "existing"}}
    played = play([{"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["host"], "wanted": wanted}}])
    assert played.rc == 0, played.output
    assert "SYS002" in [finding["id"] for finding in played["Look"]["findings"]]
    assert [item["fact"] for item in played["Look"]["unknown"]] == ["docker"]
    assert not played["Look"]["converged"]
    assert any("plan9" in line for line in played["Look"]["refusals"])


def test_a_wanted_state_of_another_shape_is_refused(play: Callable[..., Played]) -> None:
    task = {"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["host"], "wanted": {"host": {"odd": 1}}}}
    played = play([task])
    assert played.rc == 2
    assert "wanted host: unknown key 'odd'" in played["Look"]["msg"]


ENGINE = {"wanted": {"host": {}}, "components": ["host"]}


def look(**options: object) -> dict[str, object]:
    """A look from a host that nobody can reach, unless the look is not needed."""
    task = {"name": "Look", "mlinfra.gpu_launch.node_state": {**ENGINE, **options}}
    return {**task, "vars": {"ansible_connection": "ssh", "ansible_host": "127.0.0.2", "ansible_port": 1}}


def test_an_observation_of_another_task_is_compared_without_a_look(play: Callable[..., Played]) -> None:
    seen = {"host": {"os_id": "plan9", "version_id": "4", "arch": "x86_64", "systemd": True}}
    played = play([look(observation=seen)])
    assert played.rc == 0, played.output
    assert played["Look"]["observed"] == seen
    assert "SYS002" in [found["id"] for found in played["Look"]["findings"]]
    assert [found["act"] for found in played["Look"]["gaps"]] == ["refuse"] * len(played["Look"]["unknown"])


def test_who_asks_refuses_with_the_reasons_alone(play: Callable[..., Played]) -> None:
    seen = {"host": {"os_id": "plan9", "version_id": "4", "arch": "x86_64", "systemd": True}}
    played = play([look(observation=seen, refuse_as="this play", api_key="a-secret-word")], "-vvv")
    assert played.rc == 2
    assert played["Look"]["msg"][0] == "this play refuses; nothing was changed:"
    assert any(line.startswith("SYS002 ") for line in played["Look"]["msg"])
    assert "observed" not in played["Look"]
    assert "a-secret-word" not in played.output


def test_a_value_that_works_nowhere_is_refused_without_a_look(play: Callable[..., Played]) -> None:
    played = play([look(wanted={"agent": {"entity": ""}}, refuse_as="this play")])
    assert played.rc == 2
    assert any("launch_agent_entity" in line for line in played["Look"]["msg"])


def test_nothing_wanted_is_nothing_to_refuse(play: Callable[..., Played]) -> None:
    played = play([look(wanted={}, observation={"unknown": []}, refuse_as="this play")])
    assert played.rc == 0, played.output
    assert played["Look"]["converged"]


def test_the_options_need_a_wanted_state(play: Callable[..., Played]) -> None:
    task = {"name": "Look", "mlinfra.gpu_launch.node_state": {"observation": {"unknown": []}}}
    played = play([task])
    assert played.rc == 2
    assert "need wanted" in played["Look"]["msg"]


KNOW = {
    "name": "Know",
    "ansible.builtin.import_role": {
        "name": "mlinfra.gpu_launch.docker", "tasks_from": "inputs.yml", "rolespec_validate": False,
    },
}  # fmt: skip
SEEN = {"host": {"os_id": "plan9", "version_id": "4", "arch": "x86_64", "systemd": True}, "unknown": []}


def asked(roles: object, **options: object) -> dict[str, object]:
    """A comparison with what the inputs of roles ask for."""
    return {"name": "Look", "mlinfra.gpu_launch.node_state": {"roles": roles, "observation": SEEN, **options}}


def test_the_inputs_of_roles_say_what_is_wanted(play: Callable[..., Played]) -> None:
    played = play([KNOW, asked(["docker"])])
    assert played.rc == 0, played.output
    assert (played["Look"]["roles"], played["Look"]["due_roles"]) == (["docker"], [])
    assert "SYS002" in [found["id"] for found in played["Look"]["findings"]]  # the role requires the host
    assert "docker" in [item["fact"] for item in played["Look"]["unknown"]]


def test_wrong_inputs_of_roles_are_said_at_once_and_before_the_look(play: Callable[..., Played]) -> None:
    task = {**look(), "mlinfra.gpu_launch.node_state": {"roles": ["docker"]}}
    played = play([KNOW, task], docker_users={"alex": 1}, docker_log_max_file="many")
    assert played.rc == 2
    assert len(played["Look"]["argument_errors"]) == 2
    assert [name in played["Look"]["msg"] for name in ("docker_users", "docker_log_max_file")] == [True] * 2


def test_a_variable_that_is_no_input_of_a_role_is_a_warning(play: Callable[..., Played]) -> None:
    played = play([KNOW, asked(["docker"])], docker_user=["alex"])
    assert played.rc == 0, played.output
    assert any("did you mean docker_users?" in line for line in played["Look"]["warnings"]), played["Look"]


def test_no_role_wants_nothing(play: Callable[..., Played]) -> None:
    played = play([asked([], refuse_as="this play")])
    assert played.rc == 0, played.output
    assert played["Look"]["converged"]


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        pytest.param(["docker"], "import_role docker with tasks_from inputs.yml first", id="not-known-to-the-play"),
        pytest.param(["dokcer"], "no role 'dokcer'", id="no-such-role"),
        pytest.param(["kube_client"], "role 'kube_client' has no state to compare", id="a-helper"),
        pytest.param("docker", "roles must be a list of names", id="no-list"),
    ],
)
def test_roles_that_cannot_be_asked(play: Callable[..., Played], roles: object, says: str) -> None:
    played = play([asked(roles)])
    assert played.rc == 2
    assert says in played["Look"]["msg"]


def test_what_a_role_wants_is_not_wanted_twice(play: Callable[..., Played]) -> None:
    played = play([KNOW, asked(["docker"], wanted={"docker": {}})])
    assert played.rc == 2
    assert "docker: wanted by a role and in wanted" in played["Look"]["msg"]


def test_a_wanted_state_that_is_none(play: Callable[..., Played]) -> None:
    played = play([asked(["docker"])], __docker_wanted="text")
    assert played.rc == 2
    assert "__docker_wanted must be a mapping" in played["Look"]["msg"]


def test_a_refusal_is_its_message_alone(play: Callable[..., Played]) -> None:
    played = play([KNOW, asked(["docker"], refuse_as="this play")])
    assert played.rc == 2
    assert "roles" not in played["Look"]


def test_the_key_of_the_agent_is_its_input_and_stays_secret(play: Callable[..., Played]) -> None:
    task = {"name": "Look", "mlinfra.gpu_launch.node_state": {"components": ["agent"], "roles": ["launch_agent"]}}
    queues = [{"name": "q"}]
    known = {"__launch_agent_wanted": {}, "launch_agent_entity": "team", "launch_agent_queues": queues}
    played = play([task], "-vvv", launch_agent_api_key="a-secret-word-of-forty-characters-000000", **known)
    assert played.rc == 0, played.output
    assert played["Look"]["invocation"]["module_args"]["api_key"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert "a-secret-word" not in played.output
