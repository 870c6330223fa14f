# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of several roles, checked in one task on the controller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Played

CHECK: dict[str, Any] = {"name": "Check", "mlinfra.gpu_launch.check_inputs": {"roles": ["docker", "nvidia_ctk"]}}


def test_right_inputs_pass(play: Callable[..., Played]) -> None:
    played = play([CHECK], docker_users=["alex"], docker_log_max_file="{{ 1 + 1 }}")
    assert played.rc == 0, played.output
    assert (played["Check"]["unknown"], played["Check"]["changed"]) == ([], False)


def test_everything_that_is_wrong_is_said_at_once(play: Callable[..., Played]) -> None:
    played = play([CHECK], docker_users={"alex": 1}, docker_log_max_file="many", nvidia_ctk_gpu_count="four")
    assert played.rc == 2
    said = played["Check"]["msg"]
    assert [name in said for name in ("docker_users", "docker_log_max_file", "nvidia_ctk_gpu_count")] == [True] * 3
    assert len(played["Check"]["argument_errors"]) == 3


def test_a_variable_that_is_no_input_is_told_with_the_nearest(play: Callable[..., Played]) -> None:
    played = play([CHECK], docker_user=["alex"])
    assert played.rc == 0, played.output
    assert played["Check"]["unknown"] == ["docker_user is not an input of docker; did you mean docker_users?"]


def test_a_role_that_is_none(play: Callable[..., Played]) -> None:
    played = play([{"name": "Check", "mlinfra.gpu_launch.check_inputs": {"roles": ["dokcer"]}}])
    assert played.rc == 2
    assert "no role 'dokcer'" in played["Check"]["msg"]
