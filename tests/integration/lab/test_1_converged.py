# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds on a converged host: nothing changes, bounds are kept, GPUs are shared out, secrets stay secret."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable

from tests.lab import config

from .conftest import HOST, IMAGE, LabHost, Run, wait_for

UUID = re.compile(r"^GPU-[0-9a-f-]{36}$")


def test_second_site_run_changes_and_restarts_nothing(host: LabHost, play: Callable[..., Run]) -> None:
    before = host.started()
    done = play("site.yml")
    assert done.rc == 0, done.output
    assert done.changed[HOST] == 0, done.output
    assert host.started() == before
    assert done.modules == {"playbook": {"node_state": 1}}


def test_check_mode_of_a_converged_host_predicts_nothing(play: Callable[..., Run]) -> None:
    done = play("site.yml", "--check", "--diff")
    assert done.rc == 0, done.output
    assert done.changed[HOST] == 0, done.output
    assert done.modules == {"playbook": {"node_state": 1}}


def test_a_skipped_role_is_left_alone_and_the_others_are_not(host: LabHost, play: Callable[..., Run]) -> None:
    state = "systemctl is-enabled minikube-gpu.service || true"
    host.sh("systemctl disable --quiet minikube-gpu.service")
    try:
        skipped = play("site.yml", "--skip-tags", "minikube_gpu")
        assert skipped.rc == 0, skipped.output
        assert (skipped.changed[HOST], host.sh(state).strip()) == (0, "disabled"), skipped.output
        other = play("site.yml", "--tags", "nfs_server,launch_agent")
        assert (other.rc, other.changed[HOST], host.sh(state).strip()) == (0, 0, "disabled"), other.output
        done = play("site.yml", "--skip-tags", "nfs_server")
        assert (done.rc, host.sh(state).strip()) == (0, "enabled"), done.output
        assert "minikube_gpu" in done.modules
        assert not {"docker", "nvidia_ctk", "nfs_server"} & set(done.modules), done.modules
    finally:
        host.sh("systemctl enable --quiet minikube-gpu.service")


def test_verify_proves_everything_and_changes_nothing(host: LabHost, play: Callable[..., Run]) -> None:
    before = host.started()
    done = play("playbooks/verify.yml")
    assert done.rc == 0, done.output
    assert done.changed[HOST] == 0, done.output
    assert host.started() == before
    left = host.kubectl("get jobs,pods -A -o name") + host.sh("docker ps --all --format '{{.Names}}'")
    assert "proof" not in left, left


def test_verify_tells_that_it_has_no_image_for_a_proof(play: Callable[..., Run]) -> None:
    done = play("playbooks/verify.yml", "--tags", "nvidia_ctk", extra={"nvidia_ctk_proof_image": ""})
    assert done.rc == 0, done.output
    assert "Not proven: nvidia_ctk_proof_image is empty" in done.output


def test_all_gpus_are_allocatable_and_a_pod_without_a_limit_sees_none(host: LabHost) -> None:
    assert host.allocatable() == "4"
    image = f"{config.REGISTRY}/gpu-launch-lab/tools:1"
    host.kubectl("delete pod no-gpu --ignore-not-found --wait")
    try:
        host.kubectl(f"run no-gpu --restart=Never --image={image} --command -- sh -c 'ls /dev | grep -c nvidia; true'")
        host.kubectl("wait pod/no-gpu --for=jsonpath='{.status.phase}'=Succeeded --timeout=60s")
        assert host.kubectl("logs no-gpu") == "0"
    finally:
        host.kubectl("delete pod no-gpu --ignore-not-found --wait=false")


def test_run_on_two_gpus_finishes_by_its_own_report(
    host: LabHost, submit: Callable[..., list[dict[str, object]]]
) -> None:
    (run,) = submit(values={"gpus": 2})
    assert run["state"] == "finished", run
    gpus = run["gpus"]
    assert isinstance(gpus, list), run
    assert len(set(gpus)) == 2, run
    assert all(UUID.match(str(uuid)) for uuid in gpus), run


def test_queue_refuses_more_gpus_than_its_maximum(host: LabHost, play: Callable[..., Run]) -> None:
    jobs = host.kubectl("get jobs -A -o name")
    done = play("playbooks/submit.yml", extra={"submit_image": IMAGE, "submit_values": {"gpus": 5}})
    assert done.rc != 0
    for word in ("gpus", "maximum", "4"):
        assert word in done.output, done.output
    assert host.kubectl("get jobs -A -o name") == jobs


def test_job_for_four_gpus_waits_for_two_in_use(host: LabHost, submit: Callable[..., list[dict[str, object]]]) -> None:
    (first,) = submit(values={"gpus": 2}, args=["--seconds", "75"], wait=False)
    wait_for("the first run", lambda: _running_gpus(host) == 2, 60)
    (second,) = submit(values={"gpus": 4}, wait=False)
    wait_for("a pending pod for 4 GPUs", lambda: _unschedulable(host), 60)
    assert _running_gpus(host) == 2
    wait_for("both runs to finish", lambda: {_state(first), _state(second)} == {"finished"}, 240)


def _pods(host: LabHost) -> list[dict[str, object]]:
    pods: list[dict[str, object]] = json.loads(host.kubectl("get pods -A -l wandb.ai/monitor=true -o json"))["items"]
    return pods


def _running_gpus(host: LabHost) -> int:
    limits = [
        int(container["resources"]["limits"]["nvidia.com/gpu"])
        for pod in _pods(host)
        if pod["status"]["phase"] == "Running"  # type: ignore[index]
        for container in pod["spec"]["containers"]  # type: ignore[index]
    ]
    return sum(limits)


def _unschedulable(host: LabHost) -> bool:
    return any("Insufficient nvidia.com/gpu" in json.dumps(pod["status"]) for pod in _pods(host))


def _state(run: dict[str, object]) -> str:
    with urllib.request.urlopen(f"{config.WANDB_URL}/_control/state", timeout=10) as answer:
        runs = json.load(answer)["runs"]
    return next((str(one["state"]) for key, one in runs.items() if key.endswith(f"/{run['run_id']}")), "unknown")
