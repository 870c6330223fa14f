# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version floors; written by `python3 -m tests.env.floors` from tests/env/floors.yml, never by hand."""

from __future__ import annotations

from .floor_model import Build, Component, Functional, Line, Rule

AS_OF = "2026-11-22"
REVIEW_AFTER_DAYS = 45
DISTRIBUTION_MESSAGE = (
    "Below the upstream floor by number; {package} {version} is a distribution build, judge it by the "
    "distribution's security tracker."
)
DISTRIBUTION_VERDICT = "unverifiable"
BUILDS: tuple[Build, ...] = (
    Build(distribution="debian", release="12", package="docker.io", version="20.10.24", verdict="unverifiable"),
    Build(distribution="debian", release="12", package="containerd", version="1.6.20", verdict="unverifiable"),
    Build(distribution="debian", release="12", package="runc", version="1.1.5+deb12u1", verdict="unverifiable"),
)
COMPONENTS: tuple[Component, ...] = (
    Component(
        name="nvidia-container-toolkit",
        judge="number",
        action="fail",
        packages=(
            "nvidia-container-toolkit",
            "nvidia-container-toolkit-base",
            "libnvidia-container1",
            "libnvidia-container-tools",
        ),
        same_version=True,
        rules=(
            Rule(
                min="1.19.1",
                cves=("CVE-2026-24260",),
                severity="high",
                source="github.com/NVIDIA/product-security 2026/5850/5850.json",
            ),
            Rule(
                min="1.17.8",
                cves=("CVE-2025-23266",),
                severity="critical",
                source="CVE record; NVIDIA/nvidia-container-toolkit#1208",
            ),
            Rule(min="1.17.4", cves=("CVE-2025-23359",), source="CVE record"),
            Rule(min="1.17.3", cves=("CVE-2024-0135", "CVE-2024-0136", "CVE-2024-0137"), source="CVE record"),
            Rule(min="1.16.2", cves=("CVE-2024-0132", "CVE-2024-0133"), source="CVE record"),
        ),
    ),
    Component(
        name="gpu-operator",
        judge="number",
        action="report",
        rules=(
            Rule(
                min="26.3.2", cves=("CVE-2026-24260",), source="github.com/NVIDIA/product-security 2026/5850/5850.json"
            ),
        ),
    ),
    Component(
        name="nvidia-driver",
        judge="number",
        action="report",
        rules=(
            Rule(
                lines=(
                    Line(prefix="580", min="580.178.04"),
                    Line(prefix="595", min="595.91.07"),
                    Line(prefix="610", min="610.57.04"),
                    Line(prefix="615", min="615.71.09"),
                    Line(prefix="570", unfixed=True),
                    Line(prefix="535", unfixed=True, end_of_life="2026-06"),
                ),
                other="unverifiable",
                cves=("CVE-2026-47501",),
                source="NVIDIA security bulletin 5861",
            ),
            Rule(
                lines=(Line(prefix="580", min="580.159.03"),),
                source="NVIDIA security bulletin 5821 (May 2026); its CVE ids were not noted",
            ),
        ),
    ),
    Component(
        name="docker-engine",
        judge="number",
        action="fail",
        packages=("docker-ce",),
        rules=(
            Rule(min="29.5.1", cves=("CVE-2026-41567",), severity="high", source="CVE list record; moby releases"),
            Rule(min="29.3.1", cves=("CVE-2026-34040", "CVE-2026-33997"), source="CVE list record"),
            Rule(min="27.1.1", cves=("CVE-2024-41110",), source="CVE list record"),
        ),
        functional=(
            Functional(
                min="23.0",
                why="dockerd --validate (docker/cli PR#3108); 20.10.24 has no such option [M]",
                action="report",
            ),
            Functional(min="23.0", why="API 1.42, which cri-dockerd 0.4.1 asks for [M]", action="report"),
        ),
    ),
    Component(
        name="containerd",
        judge="number",
        action="fail",
        packages=("containerd.io",),
        rules=(
            Rule(
                lines=(
                    Line(prefix="1.7", min="1.7.33"),
                    Line(prefix="2.0", min="2.0.10"),
                    Line(prefix="2.1", min="2.1.9"),
                    Line(prefix="2.2", min="2.2.5"),
                    Line(prefix="2.3", min="2.3.2"),
                ),
                other="unverifiable",
                cves=("CVE-2026-47262",),
                severity="high",
                source="containerd advisory; OSV",
            ),
            Rule(lines=(Line(prefix="2.3", min="2.3.2"),), cves=("CVE-2026-53492",), source="OSV"),
            Rule(
                lines=(
                    Line(prefix="1.7", min="1.7.32"),
                    Line(prefix="2.0", min="2.0.9"),
                    Line(prefix="2.2", min="2.2.4"),
                    Line(prefix="2.3", min="2.3.1"),
                ),
                cves=("CVE-2026-46680",),
                source="kubeops/ui-server#432, agntcy/dir#1681, agntcy/dir#1682, OSV",
            ),
        ),
    ),
    Component(
        name="runc",
        judge="number",
        action="fail",
        rules=(
            Rule(
                lines=(
                    Line(prefix="1.2", min="1.2.8"),
                    Line(prefix="1.3", min="1.3.3"),
                    Line(prefix="1.4", min="1.4.0"),
                ),
                other="unverifiable",
                cves=("CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"),
                severity="high",
                source="runc advisories",
            ),
            Rule(lines=(Line(prefix="1.1", min="1.1.12"),), cves=("CVE-2024-21626",), source="runc release notes"),
            Rule(
                lines=(Line(prefix="1.3", min="1.3.6"), Line(prefix="1.4", min="1.4.3")),
                cves=("CVE-2026-41579",),
                action="report",
                severity="low",
                source="runc advisory",
            ),
            Rule(
                lines=(Line(prefix="1.5", min="1.5.3"),),
                cves=("CVE-2026-119101",),
                action="report",
                source="runc 1.6.0-rc.2 notes",
            ),
        ),
    ),
    Component(
        name="kubernetes",
        judge="number",
        action="fail",
        rules=(
            Rule(
                lines=(
                    Line(prefix="1.31", min="1.31.12"),
                    Line(prefix="1.32", min="1.32.8"),
                    Line(prefix="1.33", min="1.33.4"),
                ),
                cves=("CVE-2025-5187",),
                source="OSV GO-2025-3915",
            ),
        ),
        functional=(
            Functional(why="kubelet >= 1.35 refuses cgroup v1 by default (minikube#22315)", max_on_cgroup_v1="1.34"),
        ),
        oldest="1.35",
    ),
    Component(
        name="minikube",
        judge="number",
        action="fail",
        rules=(Rule(min="0.30.0", cves=("CVE-2018-1002103",), source="CVE list record (fixed in 0.30)"),),
        functional=(
            Functional(min="1.32.0", why="--gpus exists [R changelog]"),
            Functional(min="1.34.0", why="passes NVIDIA_DRIVER_CAPABILITIES=all [R]", action="report"),
        ),
    ),
    Component(
        name="k8s-device-plugin",
        judge="number",
        action="report",
        functional=(Functional(min="0.17.0", why="matches toolkit 1.17 and later, CDI strategies [R]"),),
    ),
    Component(
        name="wandb",
        judge="number",
        action="fail",
        rules=(Rule(min="0.28.1", source="wandb/wandb#12103 (2026-06-25)"),),
        functional=(
            Functional(min="0.21.0", why="metadata.namespace is written into the Job [M 0.20.1 no, 0.21.4 yes]"),
            Functional(why="package metadata [R]", python_min="3.10", since="0.27"),
        ),
    ),
    Component(
        name="ansible-core",
        judge="number",
        action="fail",
        functional=(
            Functional(min="2.17", why="oldest core that the collection supports"),
            Functional(why="control node [R]", python_min="3.12", since="2.20"),
        ),
    ),
)
