# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the NFS server, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, CONVERGE, ERROR, REFUSE, TELL, WARNING
from .check import Check

# Exports again what the files say; a machine with nfs-ganesha alone has no exportfs.
_PUBLISH = "if command -v exportfs >/dev/null; then exportfs -ra; fi"

CHECKS: dict[str, Check] = {
    "NFS001": Check(
        ERROR,
        TELL,
        "An export is open to everyone, or trusts root of more than the cluster",
        cause="NFS believes the numbers that a client sends: who may mount an export with no_root_squash is root in "
        "it, and many instructions write * for the network",
        fix="name the cluster's network in that file instead of *, then run exportfs -ra; the commands put the line "
        "out of use as a comment",
        see="each line of /etc/exports and /etc/exports.d, and /var/lib/nfs/etab, which is what is in force",
        commands=("sed -i {script} {file}", _PUBLISH),
        sources=("NVIDIA/deepops", "NVIDIA/cloud-native-stack"),
    ),
    "NFS002": Check(
        WARNING,
        TELL,
        "The path is exported by another file too",
        cause="instructions append their line to /etc/exports at each run, and the server takes both lines",
        fix="remove that line, then run exportfs -ra; the commands make it a comment. This role writes only its own "
        "file",
        see="each line of /etc/exports and /etc/exports.d, with its file and number",
        commands=("sed -i {script} {file}", _PUBLISH),
        sources=("NVIDIA/deepops",),
    ),
    "NFS003": Check(
        ERROR,
        CONVERGE,
        "The server does not run, or does not serve what is written",
        cause="it was stopped or failed, or its files were written without telling it; exportfs succeeds even while no "
        "server runs",
        fix="run role nfs_server, or restart the server; where it fails, read its log with journalctl",
        see="the unit, the listener on port 2049 in /proc/net/tcp, nfsd in /proc/filesystems, /var/lib/nfs/etab "
        "against the inputs, and for nfs-ganesha the age of its files against its last start and reload",
        commands=("systemctl {verb} {unit}",),
        sources=("openstack-k8s-operators/install_yamls#1168",),
    ),
    "NFS004": Check(
        ERROR,
        TELL,
        "The server does not answer at the address that the cluster's node uses",
        cause="the address is none of this machine (the cluster's network does not exist yet, or is another one), or a "
        "firewall drops the traffic of its bridge",
        fix="set nfs_server_address to this machine's address in the cluster's network, and allow TCP 2049 (for NFSv3 "
        "also 111 and mountd's port) from it; a pod that mounts the claim then proves it",
        see="a call of the null procedure to port 2049 at nfs_server_address. It is made from this machine itself, "
        "not from the node: whether a firewall lets the node through, only a pod that mounts the claim can tell",
        sources=(
            "kubernetes/minikube#8514",
            "kubernetes/minikube#1085",
            "kubernetes/minikube#20442",
            "canonical/microk8s#4430",
            "k3s-io/k3s#390",
            "kubernetes-sigs/nfs-subdir-external-provisioner#104",
            "kubernetes-sigs/nfs-subdir-external-provisioner#188",
            "kubernetes-sigs/nfs-subdir-external-provisioner#262",
            "kubernetes-sigs/nfs-subdir-external-provisioner#283",
        ),
    ),
    "NFS005": Check(
        WARNING,
        TELL,
        "A mount hangs",
        cause="its server is gone or cut off; every program that touches the mount waits, and so does a shutdown",
        fix="start the mount's server again; where it is gone for good, end what uses the mount and run umount -f -l "
        "on it",
        see="NFS mounts in /proc/self/mountinfo, each server asked for its free space in a child process with a "
        "deadline",
        sources=("kubernetes/kubernetes#72048", "kubernetes/kubernetes#90593", "kubernetes/kubernetes#64602"),
    ),
    "NFS006": Check(
        ERROR,
        TELL,
        "Jobs can't write to an export",
        cause="Launch takes all capabilities away from its pods, and a squashed user has none anyway, so owner and "
        "mode of the folder decide; the role leaves a folder that it did not make as it is",
        fix="make the folder writable for the user that arrives (the commands give it the mode of a folder that the "
        "role makes), name that user with anonuid in the export's options, or set nfs_server_job_uid to the user of "
        "the images",
        see="owner and mode of the folder, the squash options of its export, and the user that jobs run as",
        commands=("chmod 1777 {path}",),
        sources=("wandb/wandb#12103",),
    ),
    "NFS007": Check(
        ERROR,
        REFUSE,
        "Volume or claim don't fit, so jobs can't use them",
        cause="they were made by hand or by other inputs; Kubernetes binds a claim only to a volume that fits it, and "
        "changes neither afterwards",
        fix="set nfs_server_pv_name and nfs_server_pvc_name to new names, or the inputs to what is there, or delete "
        "claim and volume when no job uses them (the files stay)",
        see="both objects in the cluster of nfs_server_kubeconfig: source, claim, class, size, access and phase",
        sources=(),
    ),
    "NFS008": Check(
        ADVICE,
        CONVERGE,
        "The server is not installed",
        cause="nobody has installed it yet, or somebody removed it",
        fix="run role nfs_server",
        see="dpkg's list of packages",
        commands=("apt-get install -y --no-install-recommends {packages}",),
    ),
    "NFS009": Check(
        ADVICE,
        CONVERGE,
        "A file of the server differs from the inputs",
        cause="the inputs have changed since the last run, or somebody edited the file, which the role owns as a whole",
        fix="run role nfs_server",
        see="content, owner and mode of /etc/exports.d/mlinfra_gpu_launch.exports, or with nfs-ganesha of "
        "/etc/ganesha/ganesha.conf and /etc/ganesha/mlinfra_gpu_launch.conf",
    ),
    "NFS010": Check(
        ADVICE,
        CONVERGE,
        "Volume or claim are missing or differ",
        cause="nobody has made them yet, or somebody deleted or changed them",
        fix="run role nfs_server",
        see="both objects in the cluster of nfs_server_kubeconfig",
    ),
    "NFS011": Check(
        ERROR,
        REFUSE,
        "An input can't work",
        cause="the values contradict each other or the servers' rules, whatever the machine is",
        fix="set it to what is wanted here",
        see="the inputs of role nfs_server",
    ),
    "NFS012": Check(
        ADVICE,
        CONVERGE,
        "A folder to export is missing",
        cause="nobody has made it yet, or somebody removed it",
        fix="run role nfs_server",
        see="the paths of nfs_server_exports",
    ),
    "NFS013": Check(
        ERROR,
        REFUSE,
        "A folder can't be exported",
        cause="a server names files by handles of their file system: a container's own root has none, a memory disk "
        "loses them with a boot, and what another machine serves can't be served once more",
        fix="export a folder on a disk of its own (ext4, xfs), or in a container on a volume",
        see="the mount table at the paths of nfs_server_exports",
    ),
    "NFS014": Check(
        ERROR,
        REFUSE,
        "The other NFS server runs",
        cause="the kernel's server and nfs-ganesha both listen on port 2049, so that one keeps the other out",
        fix="choose the one that runs with nfs_server_backend, or stop and disable it",
        see="the units nfs-server.service and nfs-ganesha.service",
        commands=("systemctl disable --now {unit}",),
    ),
    "NFS015": Check(
        ERROR,
        REFUSE,
        "ganesha.conf belongs to somebody else",
        cause="it has settings, and no line that reads the role's exports; the role owns the whole file and would "
        "drop them",
        fix="move its exports to nfs_server_exports and the file away, or disable nfs-ganesha and set "
        "nfs_server_backend: kernel",
        see="blocks and includes of /etc/ganesha/ganesha.conf, without its comments",
    ),
    "NFS016": Check(
        ADVICE,
        CONVERGE,
        "The server would not start at boot",
        cause="its unit was disabled, or nobody has enabled it yet; pods that mount the exports hang after a boot",
        fix="run role nfs_server, or enable the unit",
        see="state of the unit file of the server",
        commands=("systemctl enable {unit}",),
        sources=("kubernetes/kubernetes#72048",),
    ),
}
