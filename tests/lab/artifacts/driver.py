# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in driver: libnvidia-ml, libcuda, nvidia-smi, laid out as the driver's own packages do."""

from __future__ import annotations

import re

from .. import config
from ..builder import Artifact, Job

LIBRARIES = "usr/lib/x86_64-linux-gnu"


def build_driver(job: Job) -> None:
    """A driver root. File names carry the version that NVML reports: readers compare them."""
    library = job.out / LIBRARIES
    library.mkdir(parents=True)
    (job.out / "usr/bin").mkdir()
    stubs = (config.FILES / "nvml/stubs.txt").read_text()
    names = re.findall(r"^nvml\w+$", stubs, flags=re.MULTILINE)
    include = job.out / "stubs.inc"
    include.write_text("".join(f"STUB({name})\n" for name in names))
    gcc = ["gcc", "-O2", "-Wall", "-shared", "-fPIC"]
    defines = [
        f'-DDEF_DRIVER="{config.DRIVER}"',
        f"-DDEF_COUNT={config.GPU_COUNT}",
        f'-DDEF_NAME="{config.GPU_NAME}"',
        f"-DDEF_MEM={config.GPU_MEMORY_MIB}",
    ]
    for name, source, options in (
        ("libnvidia-ml", "fake_nvml.c", [*defines, "-iquote", str(job.out)]),
        ("libcuda", "fake_cuda.c", []),
    ):
        target = library / f"{name}.so.{config.DRIVER}"
        soname = f"{name}.so.1"
        job.run(*gcc, *options, f"-Wl,-soname,{soname}", "-o", target, config.FILES / "nvml" / source)
        (library / soname).symlink_to(target.name)
    include.unlink()
    smi = (config.FILES / "gpu/nvidia-smi").read_text()
    for mark, value in (("@DRIVER@", config.DRIVER), ("@NAME@", config.GPU_NAME), ("@MEMORY@", config.GPU_MEMORY_MIB)):
        smi = smi.replace(mark, str(value))
    program = job.out / "usr/bin/nvidia-smi"
    program.write_text(smi)
    program.chmod(0o755)


def artifacts() -> list[Artifact]:
    """One: the driver root."""
    values = {"driver": config.DRIVER, "gpus": [config.GPU_COUNT, config.GPU_NAME, config.GPU_MEMORY_MIB]}
    files = (config.FILES / "nvml", config.FILES / "gpu/nvidia-smi")
    return [Artifact("driver", "stand-in NVIDIA driver", build_driver, files=files, values=values)]
