# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the Launch agent, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, CONVERGE, ERROR, REFUSE, TELL, WARNING
from .agent_config import CHECKS as CONFIG
from .agent_config import KUBECTL
from .check import Check

_MEASURED = "measured with wandb 0.31.0"

_AGENT: dict[str, Check] = {
    "AGT001": Check(
        ERROR,
        CONVERGE,
        "The agent's configuration file has a key that the agent does not know",
        cause="The agent reads its file strictly and exits with 1 on an unknown key at the top level, such as queue "
        "or project. An unknown key of the builder passes, and does nothing.",
        fix="run the role, which writes the file from launch_agent_queues and launch_agent_config; put nothing else "
        "there",
        see="the keys of the file that the unit hands to the agent, and those of launch_agent_config",
        sources=("wandb/wandb#7444", _MEASURED),
    ),
    "AGT002": Check(
        ERROR,
        REFUSE,
        "A queue is missing, or named twice",
        cause="The agent asks for all its queues when it starts, and exits with 1 when the server lacks one of them "
        "or one is named twice. A queue must be there before its agent.",
        fix="list each queue once in launch_agent_queues; with a config the role makes it before the agent starts",
        see="the names in the inputs, and one question to the server for the queues of the entity",
        sources=(_MEASURED,),
    ),
    "AGT003": Check(
        ERROR,
        CONVERGE,
        "The agent won't find the cluster",
        cause="The agent looks for .kube/config in the home of its own user, and uses its current context. A variable "
        "KUBECONFIG alone is not enough, and a context in a queue's config fails every run. It does not look at the "
        "cluster when it starts: a wrong file shows with the first run.",
        fix="run the role, which gives the agent's user the current context of launch_agent_kubeconfig; certificates "
        "must be in that file itself",
        see="the agent's kubeconfig and the one that it is made of: server, authority, credentials, namespace",
        sources=("wandb/wandb#7212", _MEASURED),
    ),
    "AGT004": Check(
        ERROR,
        REFUSE,
        "The base URL does not work from pods",
        cause="Pods get the address of the W&B server from the agent, as it is: a loopback address means the pod "
        "itself. Without an address the release decides, and its default has changed.",
        fix="set launch_agent_base_url to an address that pods reach, for example https://api.wandb.ai",
        see="launch_agent_base_url",
        sources=(_MEASURED,),
    ),
    "AGT006": Check(
        ERROR,
        TELL,
        "The cluster does not let the agent make what a queue holds",
        cause="The credentials of the agent's kubeconfig have no right to create this kind of object. The chart's "
        "role grants Jobs and Volcano jobs, and no other custom resource.",
        fix="bind a role that allows it to the user of the agent's kubeconfig, or use a queue of Jobs",
        see="SelfSubjectAccessReviews with the agent's credentials, one for each kind in the queues",
        sources=("wandb/wandb#7076", "wandb/helm-charts charts/launch-agent/templates/rbac.yaml"),
    ),
    "AGT010": Check(
        ERROR,
        CONVERGE,
        "The agent is active and does not poll",
        cause="An agent that loses its server prints an error, stops polling and hangs while it winds up, for as long "
        "as the server is away and a minute longer. systemd calls it active all the while. The look at its health "
        "ends such an agent within a minute, unless launch_agent_health_seconds is 0.",
        fix="restart the agent; where this comes again, look at the way from the machine to the W&B server",
        see="the agent's own log of this start, in its home: when it last said that it polls, and its last words",
        commands=("systemctl restart {unit}", "sleep 20  # until it has started and polls"),
        sources=(_MEASURED, "wandb/wandb#5770", "wandb/wandb#5811"),
    ),
    "AGT011": Check(
        ERROR,
        REFUSE,
        "The API key is missing, too short, rejected or open to others",
        cause="The agent exits without a key of at least 40 characters that its server takes. A key in the unit, in "
        "an argument, in a queue's config or in a file with more rights than 0600 can be read by others.",
        fix="give a valid key in launch_agent_api_key (vault) or WANDB_API_KEY, and nowhere else",
        see="length of the input, the server's answer to it, mode of the file, names of the unit's variables, macros "
        "in queue configs; never the key's text",
        commands=("chmod 0600 {path}",),
        sources=("wandb/wandb#6722", "wandb/wandb#10098", _MEASURED),
    ),
    "AGT013": Check(
        ADVICE,
        CONVERGE,
        "A Secret with an API key is left of a run",
        cause="The agent makes a Secret for each run and removes it when the Job has ended. One that was restarted "
        "meanwhile does not know the run, and the Secret stays for ever.",
        fix="run the role, which removes it unless launch_agent_cleanup is false, or delete the Secret",
        see="Secrets with the label wandb.ai/created-by=launch-agent whose run has no Job and that are of no Helm "
        "release; names only",
        commands=(f"{KUBECTL} --kubeconfig {{kubeconfig}} --namespace {{namespace}} delete secret {{secret}}",),
        sources=(_MEASURED,),
    ),
    "AGT014": Check(
        ADVICE,
        CONVERGE,
        "The agent's environment is not there, or not as wanted",
        cause="It was not made yet, the list of packages is another one, its making was interrupted, or an upgrade of "
        "the machine has taken its interpreter away.",
        fix="run the role, which makes it anew from pinned and hashed packages",
        see="package python3-venv, the marker of the environment, its interpreter, the packages that the agent imports",
    ),
    "AGT015": Check(
        ADVICE,
        CONVERGE,
        "Unit, configuration or credential of the agent differ",
        cause="The role has not run yet or its inputs have changed since, somebody has edited a file or stopped the "
        "unit, or it fails.",
        fix="run the role, which writes its files and starts the unit; of one that fails journalctl -u tells why",
        see="content, mode and owner of the files; the key by comparison; state of the unit, and of the timer that "
        "looks at its health",
        commands=("systemctl daemon-reload", "systemctl enable --now {unit}"),
    ),
    "AGT016": Check(
        ADVICE,
        CONVERGE,
        "A queue on the server is not as wanted",
        cause="It was not made yet, the inputs have changed, or somebody has changed it in the browser.",
        fix="run the role, which makes or changes the queue and keeps what it does not set; to keep what the server "
        "has, put it into launch_agent_queues",
        see="the queue's config and template variables, compared by meaning",
    ),
    "AGT017": Check(
        ERROR,
        REFUSE,
        "No entity",
        cause="Queues belong to an entity, a team or a user, and the agent polls those of one.",
        fix="set launch_agent_entity",
        see="launch_agent_entity",
    ),
    "AGT024": Check(
        ERROR,
        REFUSE,
        "An input can't work",
        cause="A value has the wrong shape, does not fit another one, or would show a password to others.",
        fix="change the input that is named",
        see="the inputs, and the interpreter that launch_agent_python names",
    ),
    "AGT025": Check(
        ERROR,
        REFUSE,
        "Something of others is in the place of what the role makes",
        cause="The account, the home or the environment's folder exist already and the role has not made them. It "
        "would change or empty them.",
        fix="name others in launch_agent_user, launch_agent_home or launch_agent_venv",
        see="the account's comment, owner and content of the home, the marks of an environment that the role has made",
    ),
    "AGT026": Check(
        ADVICE,
        CONVERGE,
        "The agent's account or its home differ",
        cause="They were not made yet, or somebody has changed them.",
        fix="run the role, which sets home, shell, lock, owner and mode",
        see="/etc/passwd and /etc/shadow (whether it is locked), owner and mode of the home",
    ),
    "AGT027": Check(
        WARNING,
        CONVERGE,
        "The agent runs with older files than those on disk",
        cause="A file that the agent reads at its start was written after it: a run of the role was cut off, or "
        "somebody has edited it. What is on disk is not what runs.",
        fix="restart the agent",
        see="times of the unit's file, the configuration, the key, the kubeconfig and the environment's marker, and "
        "of the unit's start",
        commands=("systemctl restart {unit}", "sleep 20  # until it has started and polls"),
    ),
}
CHECKS: dict[str, Check] = {**_AGENT, **CONFIG}
