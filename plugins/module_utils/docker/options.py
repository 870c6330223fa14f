# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that daemon.json may have, by the reference of dockerd up to release 29, those that were dropped included."""

from __future__ import annotations

from collections.abc import Iterable

KNOWN = frozenset(
    """
    allow-direct-routing allow-nondistributable-artifacts api-cors-header authorization-plugins bip bip6 bridge
    bridge-accept-fwmark builder cdi-spec-dirs cgroup-parent cluster-advertise cluster-store cluster-store-opts
    containerd containerd-namespace containerd-plugin-namespace containerd-plugins-namespace cpu-rt-period
    cpu-rt-runtime cri-containerd data-root debug default-address-pools default-cgroupns-mode default-gateway
    default-gateway-v6 default-ipc-mode default-network-opts default-runtime default-shm-size default-ulimit
    default-ulimits disable-legacy-registry dns dns-opts dns-search exec-opts exec-root experimental features
    firewall-backend fixed-cidr fixed-cidr-v6 graph group host-gateway-ip host-gateway-ips hosts http-proxy https-proxy
    icc init init-path insecure-registries ip ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 labels
    live-restore log-driver log-format log-level log-opts max-concurrent-downloads max-concurrent-uploads
    max-download-attempts metrics-addr mtu network-control-plane-mtu network-diagnostic-port no-new-privileges
    no-proxy node-generic-resources oom-score-adjust pidfile proxies raw-logs registry-mirrors rootless runtimes
    seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opts swarm-default-advertise-addr tls
    tlscacert tlscert tlskey tlsverify userland-proxy userland-proxy-path userns-remap
    """.split()  # noqa: SIM905 - a list of one word per line would be the longest thing in this package
)


def unknown(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that no known dockerd takes; it refuses to start with one of them."""
    return tuple(sorted(key for key in keys if key not in KNOWN))
