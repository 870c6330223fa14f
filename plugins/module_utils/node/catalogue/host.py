# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the machine, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "SYS001": Check(
        ERROR,
        TELL,
        "The Python interpreter is a version manager's",
        cause="pyenv, asdf and the like put a stub in front of python3 that fails for users and folders without that"
        " version; then no module runs at all, and Ansible says 'Module result deserialization failed' (rc 127)",
        fix="set ansible_python_interpreter: /usr/bin/python3 for this machine",
        see="the interpreter that the observation ran with. Where no module runs, there is no observation at all: the"
        " doctor then asks /usr/bin/python3 by ansible.builtin.raw, and where that one works, the interpreter is at"
        " fault",
        sources=("ansible/ansible#74045", "ansible/ansible#78090", "ansible/molecule#3593"),
    ),
    "SYS002": Check(
        ERROR,
        REFUSE,
        "The platform is not supported",
        cause="packages, paths and units of other distributions, releases and architectures were never tried here, and"
        " every service is a systemd unit",
        fix="use a machine of the table of supported platforms; on WSL2 set systemd=true below [boot] in /etc/wsl.conf",
        see="/etc/os-release, the kernel's architecture, /run/systemd/system",
    ),
    "SYS003": Check(
        ERROR,
        REFUSE,
        "cgroup v1 with a kubelet that refuses it",
        cause="kubelet 1.35 and later stops on the old control groups by default",
        fix="boot with systemd.unified_cgroup_hierarchy=1, or set minikube_gpu_kubernetes_version to v1.34.x",
        see="/sys/fs/cgroup/cgroup.controllers, which only cgroup v2 has, against the wanted Kubernetes version",
        sources=("kubernetes/minikube#22315", "kubernetes/minikube#22319", "k0sproject/k0s#7398"),
    ),
    "SYS004": Check(
        ERROR,
        REFUSE,
        "The hardened BPF compiler stops GPU containers",
        cause="with net.core.bpf_jit_harden at 2 the kernel refuses the device filter that the NVIDIA toolkit loads:"
        " containers with GPUs end with 'last insn is not an exit or jmp'",
        fix="set it to 0, now and in a file of sysctl.d; no role does, because the setting guards the whole machine",
        see="/proc/sys/net/core/bpf_jit_harden, which only root may read",
        commands=(
            "printf '%s\\n' 'net.core.bpf_jit_harden = 0' > /etc/sysctl.d/99-bpf-jit-harden.conf",
            "sysctl --quiet --write net.core.bpf_jit_harden=0",
        ),
        sources=(
            "NVIDIA/libnvidia-container#176",
            "NVIDIA/nvidia-container-toolkit#117",
            "NVIDIA/nvidia-container-toolkit#1482",
            "bottlerocket-os/bottlerocket#2504",
        ),
    ),
    "SYS005": Check(
        ERROR,
        REFUSE,
        "Too little free disk",
        cause="the node's image takes 0.65 GB, the images of Kubernetes 1.3 GB, and images with CUDA come on top; what"
        " fills up in the middle of a run leaves half a cluster",
        fix="free or add room, or move docker's data-root, minikube's home or the export to a larger file system",
        see="free MiB and 10000 free inodes of the file systems behind docker's data root (where the engine says it is;"
        " before it runs, data-root of docker_settings or /var/lib/docker), minikube's home and, for the doctor, the"
        " folders of nfs_server_exports. Role docker asks for 1024 MiB in the data root; minikube_gpu for the same and"
        " 512 in the home, and for 4096 in the data root where it is to make a new cluster; the doctor for 8192 in the"
        " data root, 1024 in the home and 1024 in each exported folder",
        sources=(
            "kubernetes/minikube#9024",
            "kubernetes/minikube#9028",
            "kubernetes/minikube#10869",
            "kubernetes/minikube#7073",
        ),
    ),
    "SYS006": Check(
        WARNING,
        TELL,
        "A proxy is set for one layer only, or stands in the cluster's way",
        cause="apt, docker, the cluster and the agent each have their own proxy setting; and a proxy that is also asked"
        " for the node's and the services' addresses can't reach them",
        fix="set one proxy by the inputs docker_proxy, nvidia_ctk_proxy, minikube_gpu_proxy and launch_agent_proxy, and"
        " keep the cluster's networks in no_proxy",
        see="apt's Acquire::http::Proxy, /etc/environment, HttpProxy and NoProxy of docker's /info, and the environment"
        " of the units of cluster and agent",
        sources=(
            "kubernetes/minikube#530",
            "kubernetes/minikube#2453",
            "kubernetes/minikube#7964",
            "kubernetes/minikube#14509",
            "kubernetes/minikube#2706",
            "kubernetes/minikube#8884",
            "kubernetes/minikube#13897",
        ),
    ),
    "SYS007": Check(
        ERROR,
        REFUSE,
        "The clock is wrong",
        cause="signatures of repositories are 'not valid yet' and certificates are refused on a machine whose clock is"
        " off; nothing keeps it right where time synchronisation does not run",
        fix="enable time synchronisation (systemd-timesyncd or chrony), wait until the clock is right, and run again",
        see="the controller's time against the machine's, and the kernel's own word on whether it is synchronised",
        commands=("timedatectl set-ntp true",),
        sources=("kubernetes/minikube#4263", "kubernetes/minikube#4832", "kubernetes/minikube#13779"),
    ),
    "SYS008": Check(
        ERROR,
        REFUSE,
        "A minikube node sees no GPU on WSL2",
        cause="the driver of WSL2 is Windows' and speaks through /dev/dxg, which does not reach into minikube's node:"
        " 'docker run --gpus all' works, the device plugin says that NVML is not supported",
        fix="use a Launch Docker queue or an existing cluster, or set minikube_gpu_gpus: none; never install the Linux"
        " driver on WSL2",
        see="'microsoft' in the kernel's release, /dev/dxg",
        sources=(
            "kubernetes/minikube#17654",
            "kubernetes/minikube#18557",
            "NVIDIA/nvidia-container-toolkit#1739",
            "NVIDIA/k8s-device-plugin#332",
            "NVIDIA/k8s-device-plugin#646",
            "wandb/wandb#6092",
        ),
    ),
    "SYS009": Check(
        WARNING,
        TELL,
        "SELinux is enforcing without a policy for containers",
        cause="without the policy of container-selinux containers may not open the GPUs' device files",
        fix="install container-selinux of your distribution; don't switch SELinux off",
        see="/sys/fs/selinux/enforce, the policy modules below /usr/share/selinux and /var/lib/selinux",
        sources=("NVIDIA/gpu-operator#553", "containers/container-selinux#269"),
    ),
    "SYS010": Check(
        ADVICE,
        TELL,
        "An easier way exists for this machine",
        cause="for one GPU a Launch Docker queue is enough, and on a rented cloud machine the provider's managed"
        " Kubernetes is less work",
        fix="nothing needs to be done; consider the other way before you grow this one",
        see="the number of GPUs, the vendor's name in /sys/class/dmi/id",
        sources=("wandb/wandb#7212",),
    ),
}
