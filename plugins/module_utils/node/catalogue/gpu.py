# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of GPUs and driver, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "GPU001": Check(
        ERROR,
        REFUSE,
        "No NVIDIA GPU",
        cause="the GPU is not passed through to this machine, is switched off in the BIOS, or there is none",
        fix="check passthrough and BIOS; for a node without GPUs set the GPU inputs to none",
        see="devices of vendor 0x10de and class 0x0300 or 0x0302 on the PCI bus (no audio, no NVSwitches), NVML",
        sources=("dstackai/dstack#1465",),
    ),
    "GPU002": Check(
        ERROR,
        REFUSE,
        "Fewer GPUs than expected",
        cause="a GPU fell off the bus (Xid 79), or another driver such as vfio-pci or nouveau holds it",
        fix="read the kernel log for Xid 79, unbind the GPU from vfio-pci or nouveau, or reboot",
        see="the number of GPUs on the PCI bus and by NVML, the addresses that NVML lacks, the driver of each device",
        sources=("NVIDIA/k8s-device-plugin#1014",),
    ),
    "GPU003": Check(
        ERROR,
        REFUSE,
        "A GPU is lost or requires a reset",
        cause="the hardware or its link failed; until it is reset the driver answers nothing for this GPU",
        fix="drain its jobs, then reboot the machine; nothing here resets a GPU",
        see="NVML's answer for each GPU (15 lost, 16 reset required); the others are listed all the same",
        sources=("NVIDIA/k8s-device-plugin#189", "NVIDIA/k8s-device-plugin#234", "NVIDIA/k8s-device-plugin#403"),
    ),
    "GPU004": Check(
        ERROR,
        REFUSE,
        "NVML does not answer",
        cause="the driver hangs in the kernel; every program that asks it hangs as well",
        fix="look for Xid lines in the kernel log, let what still runs end, then reboot: a hung driver can't be "
        "repaired from user space",
        see="a child process that asks NVML and is killed at its deadline of 10 s",
        commands=("systemctl reboot",),
    ),
    "GPU005": Check(
        WARNING,
        TELL,
        "GPU memory is held by processes outside of containers",
        cause="somebody uses a GPU directly, which the scheduler does not know: jobs placed there run out of memory",
        fix="ask the user to end the process or to submit it to the queue; nothing here kills it",
        see="the processes that NVML lists, and their control group: a pod's or a container's, or none",
        sources=("NVIDIA/gpu-operator#2880", "NVIDIA/k8s-device-plugin#383"),
    ),
    "GPU006": Check(
        WARNING,
        TELL,
        "Different GPU models in one node",
        cause="the node carries one product label, and the scheduler treats all its GPUs as equal",
        fix="choose devices of one model, or keep a queue per model",
        see="names and memory sizes of the GPUs by NVML",
        sources=(
            "NVIDIA/gpu-operator#334",
            "NVIDIA/gpu-operator#394",
            "NVIDIA/gpu-operator#563",
            "NVIDIA/gpu-feature-discovery#27",
            "NVIDIA/deepops#1064",
            "NVIDIA/k8s-device-plugin#143",
        ),
    ),
    "GPU007": Check(
        ADVICE,
        TELL,
        "A GPU drives a display",
        cause="minikube's --gpus always takes all GPUs, so jobs share this one with the desktop",
        fix="exclude it through CDI, or accept it",
        see="whether a display is active on a GPU, by NVML",
        sources=("kubernetes/minikube#19908", "NVIDIA/k8s-device-plugin#435"),
    ),
    "DRV001": Check(
        ERROR,
        REFUSE,
        "No driver is loaded",
        cause="nouveau holds the GPUs, secure boot rejects an unsigned module, no module was built for this kernel, or"
        " nothing is installed",
        fix="install and load the NVIDIA driver; the finding names the way out that fits what was found",
        see="/sys/module/nvidia and nouveau, the modules of the running kernel, the EFI variable SecureBoot, packages",
        commands=("modprobe {module}",),
        sources=(
            "NixOS/nixos-hardware#1880",
            "NVIDIA/gpu-driver-container#44",
            "truenas-nvidia-drivers#20",
        ),
    ),
    "DRV002": Check(
        ERROR,
        REFUSE,
        "Driver and library versions differ",
        cause="an upgrade, often an unattended one, replaced the libraries while the old module stayed loaded",
        fix="reboot when the jobs have ended, then hold the driver packages so that unattended upgrades leave them "
        "alone",
        see="/sys/module/nvidia/version against the names of the library files; NVML answers 18",
        commands=("systemctl reboot",),
        sources=(
            "kubernetes-sigs/kubespray#8540",
            "NVIDIA/gpu-operator#898",
            "NVIDIA/nvidia-container-toolkit#171",
            "NVIDIA/nvidia-container-toolkit#394",
            "NVIDIA/ubuntu-packaging-nvidia-driver#3",
        ),
    ),
    "DRV003": Check(
        WARNING,
        TELL,
        "Unattended upgrades may replace the driver",
        cause="unattended upgrades are on and the driver's packages are neither held nor excluded: the next one breaks"
        " every new GPU container until a reboot",
        fix="hold the packages (apt-mark hold), or exclude them from unattended upgrades",
        see="APT::Periodic::Unattended-Upgrade and Unattended-Upgrade::Package-Blacklist in apt's configuration, dpkg's"
        " selection states",
        commands=(
            "printf '%s\\n' 'Unattended-Upgrade::Package-Blacklist {{"
            ' "nvidia-(driver|dkms|kernel|utils|compute|open)";'
            ' "libnvidia-(compute|gl|cfg1|decode|encode|extra|fbc1|common|ml1)"; "linux-(modules|objects)-nvidia";'
            ' "xserver-xorg-video-nvidia"; "firmware-nvidia"; "libcuda1"; "cuda-drivers"; }};\''
            " > /etc/apt/apt.conf.d/60-nvidia-driver-stays",
        ),
        sources=("kubernetes-sigs/kubespray#8540", "pando85/homelab#4110"),
    ),
    "DRV004": Check(
        ERROR,
        REFUSE,
        "The open kernel module does not know this GPU",
        cause="the open flavour of the module serves Turing and later; older GPUs end as 'No devices were found'",
        fix="install the proprietary flavour; 580 is the last driver branch for Maxwell, Pascal and Volta",
        see="the words 'Open Kernel' in /proc/driver/nvidia/version, device ids below 0x1e00 on the PCI bus",
        sources=("truenas-nvidia-drivers#20", "NVIDIA/ansible-role-nvidia-driver#89"),
    ),
    "DRV005": Check(
        ERROR,
        REFUSE,
        "NVSwitches without a working fabric manager",
        cause="GPUs behind NVSwitches wait for the fabric manager: NVML looks healthy, CUDA fails with error 802",
        fix="install the fabric manager of exactly the driver's version and start it; Blackwell boards also need NVLSM"
        " and the module ib_umad",
        see="NVSwitches on the PCI bus (class 0x0680), the fabric state of each GPU by NVML, unit and package of the"
        " fabric manager. Without NVSwitches its unit fails by itself, which is harmless",
        commands=("systemctl enable --now {unit}",),
        sources=(
            "NVIDIA/gpu-operator#356",
            "NVIDIA/gpu-operator#375",
            "NVIDIA/gpu-operator#610",
            "NVIDIA/gpu-operator#1043",
            "NVIDIA/gpu-operator#2781",
            "pytorch/pytorch#35710",
        ),
    ),
    "DRV006": Check(
        WARNING,
        TELL,
        "The driver is below the fixed release of its branch",
        cause="NVIDIA's bulletins name a fixed release for each supported branch; other branches get none",
        fix="plan an upgrade to the fixed release of a supported branch; nothing here changes a driver",
        see="the driver's version against the floors of this collection (plugins/module_utils/node/floors.py)",
        sources=("NVIDIA security bulletin 5821", "NVIDIA security bulletin 5861"),
    ),
}
