# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of the agent's unit and of its configuration file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import LaunchInputError

MANAGED = "#\n# Ansible managed\n#\n"
_KEY_BY_CREDENTIAL = """LoadCredential=netrc:{netrc}
Environment=NETRC=%d/netrc"""
_KEY_BY_FILE = """# This machine's systemd hands out no credentials; the file is the agent's own, mode 0600.
Environment=NETRC={netrc}"""
_UNIT = """[Unit]
Description=W&B Launch agent
Documentation=https://docs.wandb.ai/platform/launch
Wants=network-online.target
After=network-online.target {after}
# The server, the network or the cluster may be late or away for hours: try for ever, every RestartSec.
StartLimitIntervalSec=0

[Service]
User={user}
Group={user}
WorkingDirectory={home}
{variables}
# The key is no variable of the environment: each of those is a macro that a queue's config could print.
{key}
ExecStart={venv}/bin/wandb launch-agent -c {settings}
# "Stop agent" on the queue's page ends the program with 0.
Restart=always
RestartSec=30
# SIGINT would mark runs as failed whose Jobs live on.
KillSignal=SIGTERM
TimeoutStopSec=15
UMask=0077
NoNewPrivileges=true
CapabilityBoundingSet=
PrivateTmp=true
PrivateDevices=true
ProtectSystem=strict
ReadWritePaths={home}
ProtectControlGroups=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectClock=true
ProtectHostname=true
LockPersonality=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Service:
    """What the unit is made of."""

    user: str
    home: str
    venv: str
    settings: str
    netrc: str
    after: Sequence[str]
    variables: Mapping[str, str]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Service:
        """Read a mapping with exactly these keys.

        Raises:
            LaunchInputError: one is missing, or there are others.
        """
        try:
            return cls(**params)
        except TypeError as error:
            raise LaunchInputError("", f"a service has {', '.join(cls.__annotations__)}, nothing else") from error

    def unit(self, by_credential: bool) -> str:
        """Return the unit's text.

        Args:
            by_credential: systemd hands the key over; else the agent's user reads the file.
        """
        variables = [
            f'Environment="{name}={value.replace("%", "%%")}"' for name, value in self.variables.items() if value
        ]
        key = _KEY_BY_CREDENTIAL if by_credential else _KEY_BY_FILE
        return MANAGED + _UNIT.format(
            user=self.user,
            home=self.home,
            venv=self.venv,
            settings=self.settings,
            after=" ".join(self.after),
            variables="\n".join(variables),
            key=key.format(netrc=self.netrc),
        )


def config_text(config: Mapping[str, Any]) -> str:
    """Return the agent's configuration file: JSON, which is YAML, too, and needs no library to read it back."""
    return f"{MANAGED}{json.dumps(config, indent=2, sort_keys=True)}\n"
