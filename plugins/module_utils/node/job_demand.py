# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job of a Launch queue takes: its config with the template variables filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..gpu.demand import Job, read_job
from ..launch.placeholders import fill
from ..launch.predict import read_config
from ..launch.variables import Scalar, Variable, read_declarations


def queue_job(config: Any, template_variables: Any = None) -> Job:
    """Return the job that a plan counts with: GPUs as they are by default, CPUs and memory as the largest allowed.

    More GPUs than usual only make a run wait until enough are free; more CPUs or memory than counted would let the jobs
    of a full node starve each other.

    Raises:
        LaunchInputError: config or variables are wrong.
        CapacityError: a quantity that can't be read, with its path.
    """
    document = read_config(config, "config")
    declared = read_declarations(template_variables)
    usual = read_job(fill(document, _values(declared, _usual)), "config")
    most = read_job(fill(document, _values(declared, _most)), "config")
    return Job(most.cpu_m, most.memory_mib, usual.gpus, most.gpus)


def _values(declared: Mapping[str, Variable], choose: Any) -> dict[str, Scalar]:
    return {name: value for name, value in ((n, choose(v)) for n, v in declared.items()) if value is not None}


def _usual(variable: Variable) -> Scalar | None:
    for value in (variable.default, variable.minimum, *variable.enum, variable.maximum):
        if value is not None:
            return value
    return 1 if variable.type == "integer" else None


def _most(variable: Variable) -> Scalar | None:
    numbers = [value for value in variable.enum if not isinstance(value, str)]
    if numbers:
        return max(numbers)
    return variable.maximum if variable.maximum is not None else _usual(variable)
