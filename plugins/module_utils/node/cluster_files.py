# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what minikube_gpu keeps on the machine: account, folders, programs, unit, settings, kubeconfigs."""

from __future__ import annotations

from .files import compare_files, differences, told
from .judge import Judge
from .model import TELL
from .observed.cluster import ClusterFacts, Copy
from .wanted.cluster import BIN, ClusterWanted
from .wanted.shared import FileWanted

NO_LOGIN = "/usr/sbin/nologin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def compare_account(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    """The role sets home and shell of its account, locks its password and closes its home: only if both are its own."""
    judge.need_read("cluster.home_owner")
    home = (cluster.home or "").rstrip("/")
    login = (cluster.user_home or "").rstrip("/"), cluster.user_shell
    if cluster.user_home is not None and login != (home, NO_LOGIN):
        found = f"account {wanted.user} has home {cluster.user_home} and shell {cluster.user_shell}"
        fix = "set minikube_gpu_user to a name that is free; the role makes that account and locks it"
        wants, facts = f"no account, or home {home} and shell {NO_LOGIN}", {"home": login[0], "shell": login[1]}
        judge.refuse("K8S020", "minikube_gpu_user", found, wants, fix, **facts)
    if cluster.home_owner not in (None, wanted.user):
        fix = "set minikube_gpu_home to a folder that does not exist yet; the role closes it to all other accounts"
        found, owner = f"{home} belongs to {cluster.home_owner}", cluster.home_owner
        judge.refuse("K8S020", "minikube_gpu_home", found, "a folder of its own", fix, path=home, owner=owner)
    _rights(judge, cluster, wanted)


def _rights(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    subject = f"account {wanted.user}"
    if cluster.user_home is None:
        if judge.seen.reason("cluster.user_home") is None:
            judge.find("K8S022", subject, "nothing", "an account of minikube's own", user=wanted.user)
        else:
            judge.need("cluster.user_home", cluster.user_home)
        return
    if judge.need("cluster.user_docker", cluster.user_docker) is False:
        judge.find("K8S022", subject, "not in group docker", "a member of group docker", user=wanted.user)
    if judge.need("cluster.user_locked", cluster.user_locked) is False:
        judge.find("K8S022", subject, "a password that works", "a locked password", user=wanted.user)


def compare_disk(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    """Judge folders, programs, links, the unit and minikube's own settings."""
    files = wanted.files()
    special = {wanted.settings_path: "K8S011", wanted.unit_path: "K8S017"}
    for path in [path for path in files if path.startswith(f"{BIN}/")]:
        special[path] = "K8S014"
    for path, want in files.items():
        seen = cluster.files.get(path)
        gone = path == wanted.settings_path and seen is not None and seen.kind == "absent"  # no stray setting then
        check = "K8S023" if gone else special.get(path, "K8S023")
        compare_files(judge, check, "cluster.files", cluster.files, {path: want})
    for path, target in sorted(wanted.links().items()):
        if judge.need(f"cluster.links.{path}", cluster.links.get(path)) == "":
            judge.find("K8S023", path, "nothing", f"a link to {target}", path=path, target=target)
    _programs(judge, cluster, wanted)
    _unit(judge, cluster, wanted)
    _settings(judge, cluster, wanted)


def _programs(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    arch = _ARCHITECTURES.get((judge.seen.host.arch if judge.seen.host else None) or "", "amd64")
    asked = {
        "minikube": (wanted.checksums.get(arch, ""), wanted.version),
        "kubectl": (wanted.kubectl_checksum, wanted.kubernetes_version),
    }
    for name, (checksum, version) in asked.items():
        path = f"{BIN}/{name}"
        seen = cluster.files.get(path)
        if seen is None or seen.kind != "file":
            continue  # told with the files
        known = judge.need(f"cluster.programs.{path}", cluster.programs.get(path))
        if known is not None and not {checksum.lower() or version, version} <= {word.lower() for word in known}:
            found = ", ".join(sorted(known)) or "a program that this role did not verify"
            judge.find("K8S014", path, found, ", ".join(filter(None, (checksum, version))), path=path)


def _unit(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    seen = cluster.files.get(wanted.unit_path)
    unit = judge.need("cluster.unit", cluster.unit) if seen is not None and seen.kind == "file" else None
    if unit is None:
        return
    pairs = [
        (unit.enabled != "enabled", unit.enabled or "not enabled", "enabled"),
        (unit.active != "active", unit.active, "active"),
        (unit.need_reload, "systemd has not read it again", "read"),
    ]
    wrong = [(found, wants) for bad, found, wants in pairs if bad]
    if wrong:
        judge.find("K8S017", wanted.unit, *told(wrong), unit=wanted.unit)


def _settings(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    judge.need_read("cluster.settings", "cluster.stray")
    for name in cluster.settings:
        judge.find("K8S011", wanted.settings_path, f"{name} is set", "no setting but the role's own", setting=name)
    for item in cluster.stray:
        fix = f"take {item.variable} out of {item.file} and let systemd read it again; the role leaves that file alone"
        line = rf'^Environment="\?{item.variable}=[^ "]*"\?$'  # a line that sets nothing else
        judge.find(
            "K8S011",
            item.file,
            f"{item.variable} is set",
            "no MINIKUBE_ variable",
            fix,
            act=TELL,
            file=item.file,
            line=line,
        )


def compare_copies(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    """Judge the cluster's own kubeconfig and the copies of the listed users."""
    if judge.need("cluster.kubeconfig_current", cluster.kubeconfig_current) is False:
        subject = f"{wanted.home}/.kube/config"
        found = "not for this cluster" if cluster.kubeconfig else "nothing"
        judge.find("K8S018", subject, found, "its address and keys", path=subject)
    for user in wanted.kubeconfig_users:
        copy = judge.need(f"cluster.copies.{user}", cluster.copies.get(user))
        if copy is not None and copy.account:
            _copy(judge, user, copy)


def _copy(judge: Judge, user: str, copy: Copy) -> None:
    seen = judge.need(f"cluster.copies.{user}.file", copy.file)
    if seen is None:
        return
    pairs = differences(seen, FileWanted(mode="0600", owner=user, group=copy.group))
    if seen.kind == "file" and copy.current is not True:
        pairs.append(("another content", "a copy of the cluster's"))
    if pairs:
        judge.find("K8S018", copy.path, *told(pairs), path=copy.path, mode=seen.mode, current=copy.current)
