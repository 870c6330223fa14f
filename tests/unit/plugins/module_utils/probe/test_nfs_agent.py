# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's user and files."""

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import agent


def test_agent(machine, seen, look):
    machine.write("/etc/passwd", "wandb-launch:x:990:990::/var/lib/wandb-launch:/usr/sbin/nologin\n")
    machine.write("/var/lib/wandb-launch/launch-config.yaml", "")
    machine.write("/var/lib/wandb-launch/.kube/config", "")
    facts = agent.observe_agent(look(agent={"user": "wandb-launch", "config_path": ""}))
    assert (facts.user_exists, facts.home, facts.config, facts.kubeconfig) == (
        True,
        "/var/lib/wandb-launch",
        True,
        True,
    )


def test_no_agent(machine, seen, look):
    facts = agent.observe_agent(look(agent={"user": "wandb-launch", "config_path": "/etc/none"}))
    assert (facts.user_exists, facts.home, facts.config, facts.kubeconfig) == (False, None, False, False)


def test_users_that_cannot_be_read(machine, seen, look):
    machine.mkdir("/etc/passwd")
    assert agent.observe_agent(look(agent={"user": "x", "config_path": ""})).user_exists is None
    assert [u.fact for u in seen.missing] == ["agent.user_exists"]
