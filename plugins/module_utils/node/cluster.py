# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the minikube profile: what it is, whether it runs, and how it differs from the inputs."""

from __future__ import annotations

from typing import Any

from ..minikube.plan import ABSENT, FOREIGN, HALF_MADE, HEALTHY, Actual, addon_actions, find_drift
from ..minikube.profile import Profile
from .cluster_files import compare_account, compare_copies, compare_disk
from .cluster_gpus import compare_gpus
from .cluster_inputs import compare_inputs
from .cluster_plan import actual_of, again_words, wanted_profile
from .cluster_size import compare_size
from .host_room import compare_room
from .judge import Judge
from .model import CONVERGE, REFUSE, TELL
from .observed.cluster import ClusterFacts, NodeContainer
from .wanted.cluster import ClusterWanted
from .wanted.host import HostWanted

_SOON = 30  # days
# What a new cluster pulls and unpacks: its node's image, and those of Kubernetes, the addons and the device plugin.
_NEW_MIB = 4096


def compare_cluster(judge: Judge, wanted: ClusterWanted) -> None:
    """Judge the cluster; for a component that merely needs it, only whether it runs."""
    mine = judge.asked == "cluster"
    if mine:
        compare_inputs(judge, wanted)
        host = judge.need("host", judge.seen.host)
        if host is not None:
            compare_size(judge, host, wanted)
    cluster = judge.need("cluster", judge.seen.cluster)
    if cluster is None:
        return
    if mine:
        compare_account(judge, cluster, wanted)
        compare_disk(judge, cluster, wanted)
    elif not wanted.running:
        return
    container = judge.need("cluster.container", cluster.container)
    if container is None or judge.need("cluster.exists", cluster.exists) is None:
        return
    actual = actual_of(cluster, container)
    _state(judge, cluster, container, actual, wanted)
    if mine and actual.state == ABSENT and judge.seen.host is not None:
        room = HostWanted(free_mib={wanted.data_root: _NEW_MIB}, data_root=wanted.data_root)
        compare_room(judge, judge.seen.host, room)
    if mine and cluster.profile is not None and actual.state not in (FOREIGN, HALF_MADE):
        _drift(judge, cluster.profile, actual, wanted)
        _made(judge, cluster, actual, wanted)


def _state(judge: Judge, cluster: ClusterFacts, node: NodeContainer, actual: Actual, wanted: ClusterWanted) -> None:
    """What the module would do first: nothing, create, delete and create, or start."""
    subject, state = f"profile {wanted.profile}", actual.state
    if state == FOREIGN:
        judge.need_read("cluster.profile")  # a file that can't be read makes a cluster of this home look like another's
        found = f"container {wanted.profile} {actual.foreign} ({cluster.home})"
        fix = (
            "set minikube_gpu_profile to another name; where this role made it, set minikube_gpu_home to the home that "
            "it had then"
        )
        judge.refuse("K8S003", subject, found, "a container of this home's own, or none", fix, **_facts(cluster, node))
    elif state == HALF_MADE:
        found = "a creation that did not come to its end" if cluster.profile else "a folder without a readable profile"
        judge.find("K8S003", subject, found, "a whole profile", **_facts(cluster, node))
    elif state == ABSENT:
        judge.find("K8S015", subject, "no cluster", "a running cluster", unit=wanted.unit)
    elif not node.exists and _engine_is_silent(judge):
        judge.find(
            "K8S004", subject, "docker does not answer, so the node can't run", "a running node", unit=wanted.unit
        )
    elif not node.exists:
        judge.find("K8S015", subject, "a profile without its container", "a running cluster", unit=wanted.unit)
    elif node.status != "running":
        judge.find("K8S004", subject, f"the node is {node.status}", "a running node", unit=wanted.unit)
    elif state != HEALTHY:
        reason = judge.seen.reason("cluster.node") or "the node is not Ready"
        found = f"the node runs, but Kubernetes does not: {reason}"
        judge.find("K8S015", subject, found, "a cluster that works", **_facts(cluster, node))


def _facts(cluster: ClusterFacts, node: NodeContainer) -> dict[str, Any]:
    """Return what there is of a cluster."""
    return {
        "home": cluster.home,
        "folder": cluster.exists,
        "readable": cluster.profile is not None,
        "creating": cluster.creating,
        "container": node.exists,
        "container_status": node.status,
        "container_id": node.id,
        "node_ready": cluster.node.ready if cluster.node is not None else None,
    }


def _engine_is_silent(judge: Judge) -> bool:
    """Of an engine that does not answer nobody knows whether it has the container."""
    docker = judge.seen.docker
    return docker is not None and docker.socket not in (None, "answers")


def _made(judge: Judge, cluster: ClusterFacts, actual: Actual, wanted: ClusterWanted) -> None:
    """Judge what a cluster shows of itself, and what it offers."""
    _certificates(judge, cluster)
    _ports(judge, cluster, wanted)
    if actual.state == HEALTHY:  # a stop takes the context out of the kubeconfig, a start brings it back
        compare_copies(judge, cluster, wanted)
        compare_gpus(judge, cluster, wanted)


def _drift(judge: Judge, profile: Profile, actual: Actual, wanted: ClusterWanted) -> None:
    asked, again = wanted_profile(wanted), wanted.recreate == "when_drifted"
    facts: dict[str, Any]
    for item in find_drift(profile, actual.node, asked):
        subject = f"profile {wanted.profile} {item.name}"
        if item.name == "gpus" and item.found == "none":
            found, act = "none: it was created without GPUs", CONVERGE if again else REFUSE
            words = again_words(wanted, profile) if _idle(judge) else {}
            facts = {
                "gpus_of_profile": profile.gpus,
                "gpus_of_container": actual.node.has_gpus if actual.node else None,
            }
            judge.find("K8S001", subject, found, str(item.wanted), act=act, **facts, **words)
        else:
            fix = (
                "recreate the cluster while no job runs (minikube_gpu_recreate: when_drifted), or ask for what is "
                f"there (minikube_gpu_{item.name})"
            )
            act, facts = CONVERGE if again else TELL, {"there": item.found, "asked": item.wanted}
            judge.find("K8S002", subject, str(item.found), str(item.wanted), fix, act=act, **facts)
    for action in addon_actions(profile, asked.addons):
        on = profile.addons.get(action.addon.name if action.addon else "", False)
        found = "on, with another image" if on and action.name == "enable" else "on" if on else "off"
        subject, facts = f"addon {str(action).split(' ', 1)[1]}", {"on": on, "images": dict(profile.addon_images)}
        judge.find("K8S016", subject, found, f"{action.name}d", **facts)


def _idle(judge: Judge) -> bool:
    """Whether a cluster may be deleted by hand: its node is down, or it was asked and no pod holds a GPU."""
    cluster = judge.seen.cluster
    node = cluster.container if cluster is not None else None
    down = node is not None and node.exists and node.status != "running"
    return down or (cluster is not None and cluster.gpu_pods == ())


def _certificates(judge: Judge, cluster: ClusterFacts) -> None:
    judge.need_read("cluster.certificates")
    for path, certificate in sorted(cluster.certificates.items()):
        if certificate.days_left < _SOON:
            ended = certificate.days_left < 0
            found = f"{'ended' if ended else 'ends'} {certificate.not_after}"
            judge.find("K8S012", path, found, f"at least {_SOON} days left", not_after=certificate.not_after)


def _ports(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    for port in cluster.container.ports if cluster.container else ():
        if not port.address.startswith("127.") and port.address != "::1":
            found = f"{port.container} at {port.address or 'every address'}, port {port.port}"
            judge.find("K8S013", f"container {wanted.profile}", found, "loopback only", port=port.port)
