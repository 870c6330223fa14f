# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the two NFS servers is meant."""

from __future__ import annotations

KERNEL = "kernel"
GANESHA = "ganesha"


def backend_of(wanted: str, kernel_server: str | None) -> str | None:
    """Return kernel or ganesha; None when that depends on the kernel, and nobody could look at it.

    Args:
        wanted: kernel, ganesha, or auto for the kernel's server where the kernel has one.
        kernel_server: active, available or absent; None when it was not read.
    """
    if wanted in (KERNEL, GANESHA):
        return wanted
    if kernel_server is None:
        return None
    return GANESHA if kernel_server == "absent" else KERNEL
