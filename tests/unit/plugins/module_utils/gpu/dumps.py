# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVML that replays a dump of tests/fixtures/nvml; what a dump lacks is not supported."""

import json
from pathlib import Path

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.states import NvmlError

FOLDER = Path(__file__).resolve().parents[4] / "fixtures/nvml"
NOT_SUPPORTED = 3


class DumpedNvml:
    def __init__(self, name, init=0, **changes):
        self.dump = {**json.loads((FOLDER / f"{name}.json").read_text()), **changes}
        self.init_code = init
        self.calls = []

    def init(self):
        if self.init_code:
            raise NvmlError(self.init_code, "init")

    def shutdown(self):
        self.calls.append("shutdown")

    def _system(self, key):
        if key not in self.dump:
            raise NvmlError(NOT_SUPPORTED, key)
        return self.dump[key]

    def driver_version(self):
        return self._system("driver")

    def nvml_version(self):
        return self._system("nvml")

    def cuda_version(self):
        return self._system("cuda")

    def count(self):
        if "count_code" in self.dump:
            raise NvmlError(self.dump["count_code"], "count")
        return len(self.dump["gpus"])

    def handle(self, index):
        gpu = self.dump["gpus"][index]
        self._check(gpu, "handle")
        return gpu

    def _check(self, gpu, key):
        code = gpu.get("fail", {}).get(key, 0)
        if code:
            raise NvmlError(code, key)

    def _fact(self, gpu, key):
        self._check(gpu, key)
        if key not in gpu:
            raise NvmlError(NOT_SUPPORTED, key)
        value = gpu[key]
        return tuple(value) if key in ("memory", "compute_capability") else value

    def processes(self, gpu, graphics):
        found = self._fact(gpu, "processes")["graphics" if graphics else "compute"]
        return [tuple(item) for item in found]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda gpu: self._fact(gpu, name)
