# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one comparison behind preflight, check mode, doctor and proof: observed against wanted, per component."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Callable

from .agent import compare_agent
from .catalogue.index import CHECKS, link_of
from .cluster import compare_cluster
from .convert import nearest
from .docker import compare_docker
from .gpu import compare_gpu
from .host import compare_host
from .judge import Judge
from .model import CONVERGE, REFUSE, Finding, ModelError, Report
from .nfs import compare_nfs
from .nvidia_ctk import compare_nvidia_ctk
from .observation import Observation
from .wanted.index import WANTED, wanted_from_dict

_COMPARE: dict[str, Callable[[Judge, Any], None]] = {
    "host": compare_host,
    "gpu": compare_gpu,
    "docker": compare_docker,
    "nvidia_ctk": compare_nvidia_ctk,
    "cluster": compare_cluster,
    "nfs": compare_nfs,
    "agent": compare_agent,
}
# The check that an unread fact would have served, by the fact's first words.
_CHECK_OF = (
    ("host.disks", "SYS005"),
    ("host.cpus", "K8S019"),
    ("host.memory_mib", "K8S019"),
    ("host.cgroup_version", "SYS003"),
    ("host.bpf_jit_harden", "SYS004"),
    ("host.proxy", "SYS006"),
    ("host.clock", "SYS007"),
    ("host.wsl", "SYS008"),
    ("host.selinux", "SYS009"),
    ("host.python_executable", "SYS001"),
    ("host", "SYS002"),
    ("gpu.nvml", "GPU004"),
    ("gpu.pci", "GPU002"),
    ("gpu.holders", "GPU005"),
    ("gpu.flavour", "DRV004"),
    ("gpu.nvswitches", "DRV005"),
    ("gpu.fabric", "DRV005"),
    ("gpu.library_versions", "DRV002"),
    ("gpu.module_version", "DRV002"),
    ("gpu.packages", "DRV003"),
    ("gpu.upgrades", "DRV003"),
    ("gpu", "GPU001"),
    ("docker.config", "DOC002"),
    ("docker.cluster_accounts", "DOC008"),
    ("docker.users", "DOC016"),
    ("docker.engine.disk", "SYS005"),
    ("docker", "DOC001"),
    ("nvidia_ctk.envvar", "CTK006"),
    ("nvidia_ctk.no_cgroups", "DOC006"),
    ("nvidia_ctk", "CTK001"),
    ("cluster.certificates", "K8S012"),
    ("cluster.home_owner", "K8S020"),
    ("cluster.settings", "K8S011"),
    ("cluster.stray", "K8S011"),
    ("cluster.user_home", "K8S020"),
    ("cluster.user_docker", "K8S022"),
    ("cluster.user_locked", "K8S022"),
    ("cluster.files", "K8S023"),
    ("cluster.links", "K8S023"),
    ("cluster.programs", "K8S014"),
    ("cluster.unit", "K8S017"),
    ("cluster.kubeconfig_current", "K8S018"),
    ("cluster.copies", "K8S018"),
    ("cluster.plugin", "K8S006"),
    ("cluster", "K8S003"),
    ("nfs.exports", "NFS002"),
    ("nfs.objects", "NFS007"),
    ("nfs.answer", "NFS004"),
    ("nfs.hung", "NFS005"),
    ("nfs.folders", "NFS012"),
    ("nfs.packages", "NFS008"),
    ("nfs.config_files", "NFS009"),
    ("nfs.ganesha", "NFS015"),
    ("nfs", "NFS003"),
    ("agent.server", "AGT002"),
    ("agent.context", "AGT003"),
    ("agent.polling", "AGT010"),
    ("agent.key", "AGT011"),
    ("agent.packages", "AGT014"),
    ("agent.venv", "AGT014"),
    ("agent.python", "AGT024"),
    ("agent.refused_rights", "AGT006"),
    ("agent.unknown_keys", "AGT001"),
    ("agent", "AGT015"),
)


def compare(
    component: str,
    observed: Mapping[str, Any] | Observation,
    wanted: Mapping[str, Any],
    judged: Collection[str] = (),
) -> Report:
    """Compare one component, and those that the wanted state requires, with what was seen.

    Args:
        component: host, gpu, docker, nvidia_ctk, cluster, nfs or agent.
        observed: the observation of node_state, as data or read already.
        wanted: the component's wanted state; requires maps other components to theirs, provided lists
            components that an earlier role of the same play converges.
        judged: components that are compared by themselves in the same run; what is required of them is left out.

    Raises:
        ModelError: the data has not the documented shape.
    """
    if not isinstance(wanted, Mapping):
        raise ModelError(f"wanted {component}: a mapping is needed")
    seen = observed if isinstance(observed, Observation) else Observation.from_dict(observed)
    requires, provided = _others(component, wanted)
    own = {str(key): value for key, value in wanted.items() if key not in ("requires", "provided")}
    judge = Judge(seen, provided, component)
    for name, part in [(component, own), *((n, p) for n, p in requires.items() if n not in judged)]:
        facts = wanted_from_dict(name, part)
        _COMPARE[name](judge, facts)
    return judge.report()


def _others(component: str, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    requires = wanted.get("requires", {})
    provided = wanted.get("provided", [])
    if not isinstance(requires, Mapping):
        raise ModelError(f"wanted {component}.requires: a mapping is needed")
    if isinstance(provided, (str, Mapping)) or not all(isinstance(name, str) for name in provided):
        raise ModelError(f"wanted {component}.provided: a list of components is needed")
    for name in provided:
        if name not in WANTED:
            near = nearest(name, list(WANTED))
            raise ModelError(
                f"wanted {component}.provided: no component '{name}'" + (f"; did you mean '{near}'?" if near else "")
            )
    return {str(k): v for k, v in requires.items()}, [str(name) for name in provided]


def compare_all(observed: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Compare every component that something is wanted of; return plain data for Ansible.

    Raises:
        ModelError: the data has not the documented shape.
    """
    seen = Observation.from_dict(observed)
    reports = {component: compare(component, seen, part, wanted) for component, part in wanted.items()}
    whole = Report()
    for report in reports.values():
        whole = whole.merged(report)
    return {
        "findings": [finding.to_dict() for finding in whole.findings],
        "unknown": [item.to_dict() for item in whole.unknown],
        "gaps": [finding.to_dict() for finding in gaps(whole)],
        "refusals": [finding.message() for finding in with_unknown(whole) if finding.act == REFUSE],
        "due": [name for name, report in reports.items() if any(f.act == CONVERGE for f in report.findings)],
        "converged": whole.converged,
    }


def ruled_out(wanted: Mapping[str, Any]) -> list[str]:
    """Return one line for each wanted value that works on no machine, which needs no look at one.

    Raises:
        ModelError: the data has not the documented shape.
    """
    whole = Report()
    for component, part in wanted.items():
        whole = whole.merged(compare(component, {}, part, wanted))
    return [finding.message() for finding in whole.findings if finding.act == REFUSE]


def gaps(report: Report) -> tuple[Finding, ...]:
    """Return a refusal for each fact that was needed but could not be observed."""
    refusals = []
    for item in report.unknown:
        check = next(check for prefix, check in _CHECK_OF if f"{item.fact}.".startswith(f"{prefix}."))
        refusals.append(
            Finding(
                id=check,
                severity=CHECKS[check].severity,
                act=REFUSE,
                subject=item.fact,
                found=f"not observed: {item.reason}",
                wanted="a fact that this role needs",
                cause="",
                fix="mend what kept it from being read, then run again",
                link=link_of(check),
            )
        )
    return tuple(refusals)


def with_unknown(report: Report) -> tuple[Finding, ...]:
    """Return the findings and the gaps, sorted."""
    return report.merged(Report(gaps(report))).findings
