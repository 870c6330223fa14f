# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse inputs of minikube_gpu that work on no machine."""

from __future__ import annotations

import re

from .convert import nearest
from .judge import Judge
from .versions import below
from .wanted.cluster import ClusterWanted

FIRST_WITH_GPUS = "v1.32.0"
LEAST_MIB, LEAST_CPUS = 3072, 2
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]+")
_HOME = re.compile(r"(/[A-Za-z0-9._-]+)+")
_EXACT = re.compile(r"v[0-9]+[.][0-9]+[.][0-9]+")
_SHA256 = re.compile(r"sha256:[0-9a-fA-F]{64}")
_SUM = re.compile(r"sha(256:[0-9a-fA-F]{64}|512:[0-9a-fA-F]{128})")
_LOGIN = re.compile(r"//[^/ ]*@")
# Names that v1.32.0 to v1.38.1 know (`minikube addons list`).
ADDONS = (
    "ambassador",
    "amd-gpu-device-plugin",
    "auto-pause",
    "cloud-spanner",
    "csi-hostpath-driver",
    "dashboard",
    "default-storageclass",
    "efk",
    "freshpod",
    "gcp-auth",
    "gvisor",
    "headlamp",
    "helm-tiller",
    "inaccel",
    "ingress",
    "ingress-dns",
    "inspektor-gadget",
    "istio",
    "istio-provisioner",
    "kong",
    "kubeflow",
    "kubetail",
    "kubevirt",
    "logviewer",
    "metallb",
    "metrics-server",
    "nvidia-device-plugin",
    "nvidia-driver-installer",
    "nvidia-gpu-device-plugin",
    "olm",
    "pod-security-policy",
    "portainer",
    "registry",
    "registry-aliases",
    "registry-creds",
    "storage-provisioner",
    "storage-provisioner-gluster",
    "storage-provisioner-rancher",
    "volcano",
    "volumesnapshots",
    "yakd",
)


def compare_inputs(judge: Judge, wanted: ClusterWanted) -> None:
    """Judge the inputs alone; what depends on the machine is judged elsewhere."""
    if wanted.user in ("root", "0", ""):
        fix = "set minikube_gpu_user to another name; the role creates that user"
        found = wanted.user or "nothing"
        judge.refuse("K8S009", "minikube_gpu_user", found, "a user that is not root", fix, user=wanted.user)
    _names(judge, wanted)
    _versions(judge, wanted)
    _checksums(judge, wanted)
    _addons(judge, wanted)
    for name, address in sorted(wanted.addresses.items()):
        if _LOGIN.search(address):
            found = "an address with a user or password, which units and the list of processes would show"
            _refuse(judge, name, found, "addresses without", "use a proxy or mirror that needs none")


def _refuse(judge: Judge, name: str, found: str, wanted: str, fix: str = "") -> None:
    subject = name if name.startswith("minikube_gpu_") else f"minikube_gpu_{name}"
    judge.refuse("K8S021", subject, found, wanted, fix, input=subject)


def _names(judge: Judge, wanted: ClusterWanted) -> None:
    if not _PROFILE.fullmatch(wanted.profile):
        _refuse(judge, "profile", wanted.profile, "letters, digits and dashes, at least two of them, and no dash first")
    if not _HOME.fullmatch(wanted.home):
        shape = "an absolute path of letters, digits, dots, dashes and underscores, without a slash at its end"
        _refuse(judge, "home", wanted.home, shape)
    if wanted.kubeconfig_path.strip("/") == ".kube/config":
        fix = "name another file: the role would overwrite the users' own"
        _refuse(judge, "kubeconfig_path", wanted.kubeconfig_path, "a file that is the role's own", fix)
    copies = judge.seen.cluster.copies if judge.seen.cluster else {}
    for user in wanted.kubeconfig_users:
        if user in copies and not copies[user].account:
            _refuse(
                judge,
                "kubeconfig_users",
                f"no account {user}",
                "accounts of the machine",
                "create it first, or leave it out",
            )


def _versions(judge: Judge, wanted: ClusterWanted) -> None:
    if below(wanted.version, FIRST_WITH_GPUS) is not False:
        _refuse(judge, "version", wanted.version, f"{FIRST_WITH_GPUS} or newer: those before have no --gpus")
    if not _EXACT.fullmatch(wanted.kubernetes_version):
        _refuse(judge, "kubernetes_version", wanted.kubernetes_version, "an exact version such as v1.34.4")


def _checksums(judge: Judge, wanted: ClusterWanted) -> None:
    digits = "sha256:... with all 64 digits"
    if not wanted.checksums and not wanted.known_version:
        fix = "set sha256:... from the .sha256 file of the release, or use a version that the role knows"
        _refuse(judge, "checksum", f"none is known for minikube {wanted.version}", digits, fix)
    for checksum in sorted(set(wanted.checksums.values())):
        if not _SHA256.fullmatch(checksum):
            _refuse(judge, "checksum", checksum, digits)
    if wanted.kubectl_checksum and not _SUM.fullmatch(wanted.kubectl_checksum):
        _refuse(judge, "kubectl_checksum", wanted.kubectl_checksum, f"{digits}, or nothing: the .sha256 file counts")
    for checksum in wanted.archive_checksums:
        if not _SUM.fullmatch(checksum):
            _refuse(judge, "image_archives", f"{checksum} as a checksum", digits)


def _addons(judge: Judge, wanted: ClusterWanted) -> None:
    """A release that the role does not know may have others."""
    for name in wanted.addons if wanted.known_version else ():
        if name not in ADDONS:
            near = nearest(name, ADDONS)
            hint = f"did you mean {near}? " if near else ""
            found = f"minikube {wanted.version} has no addon {name}"
            _refuse(judge, "addons", found, "names of its addons", f"{hint}'minikube addons list' has all names")
