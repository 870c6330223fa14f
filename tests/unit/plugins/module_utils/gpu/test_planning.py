# SPDX-License-Identifier: GPL-3.0-or-later
"""The capacity plan: known machines, and properties that hold for all of them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.capacity import Limits, Machine
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.demand import Job
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.planning import make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.quantity import CapacityError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.reserved import node_memory_mib, system_need

REFERENCE = Machine(gpus=4, cpus=16, memory_mib=60293)  # n1-standard-16 with 4 x Tesla T4
TUTORIAL = Job(4000, 12288, 1, 4)


def proposed(plan):
    return [(p.jobs, p.job.cpu_m, p.job.memory_mib, p.cpus) for p in plan.proposals]


def test_four_jobs_of_the_tutorial_do_not_fit_the_reference_machine():
    plan = make_plan(REFERENCE, TUTORIAL, Limits(jobs=4, addons=("ingress", "storage-provisioner")))
    assert (plan.jobs, plan.max_jobs, plan.limited_by, plan.fits) == (3, 3, "cpu", False)
    assert plan.refusals == (
        "4 jobs of 1 GPU, 4 CPU and 12Gi at once do not fit: 4 x 4 + 0.85 for the system = 16.85 CPU, the node has 16",
    )
    assert proposed(plan) == [(3, 4000, 12288, 16), (4, 3500, 12288, 16)]


@pytest.mark.parametrize(
    ("jobs", "cpu_m"), [pytest.param(3, 4000, id="three-jobs"), pytest.param(4, 3500, id="three-and-a-half-cpus")]
)
def test_what_is_proposed_fits(jobs, cpu_m):
    plan = make_plan(REFERENCE, replace(TUTORIAL, cpu_m=cpu_m), Limits(jobs=jobs, addons=("ingress",)))
    assert (plan.refusals, plan.max_jobs) == ((), jobs)


def test_without_a_number_the_plan_takes_what_fits_and_says_what_stays_idle():
    plan = make_plan(REFERENCE, TUTORIAL)
    assert (plan.jobs, plan.max_jobs, plan.asked, plan.fits) == (3, 3, 4, True)
    assert plan.notes[0].startswith("1 of 4 GPUs stay idle: 4 x 4 + 0.75")
    assert proposed(plan)[1] == (4, 3500, 12288, 16)


def test_the_default_node_of_minikube_is_too_small():
    plan = make_plan(REFERENCE, TUTORIAL, Limits(jobs=4, cpus=2, memory_mib=15000))
    assert [text.split(": ")[1].split(" = ")[1] for text in plan.refusals] == [
        "16.75 CPU, the node has 2",
        "49782 MiB, the node has 15000",
    ]
    assert proposed(plan) == [(4, 300, 3584, 2), (3, 4000, 12288, 16)]
    assert plan.proposals[1].text == "a node of 16 CPUs and 54016Mi, which the machine has, for 3 of these jobs"


def test_everything_fits():
    plan = make_plan(replace(REFERENCE, cpus=32), TUTORIAL, Limits(jobs=2))
    assert (plan.jobs, plan.max_jobs, plan.limited_by, plan.refusals, plan.proposals) == (4, 2, "gpus", (), ())
    assert plan.notes == ()


def test_a_node_beyond_the_machine():
    plan = make_plan(REFERENCE, TUTORIAL, Limits(jobs=3, cpus=17, memory_mib=70000))
    assert plan.refusals == (
        "a node of 17 CPUs does not fit, the machine has 16",
        "a node of 70000 MiB does not fit, the machine has 60293",
    )
    assert proposed(plan) == [(3, 4000, 12288, 16)]


def test_a_node_that_leaves_the_host_nothing_is_told():
    plan = make_plan(REFERENCE, TUTORIAL, Limits(memory_mib=60000))
    assert plan.notes[0] == "the node leaves the host 293 of 60293 MiB; engine and agent should have 6029"


def test_more_gpus_than_there_are():
    plan = make_plan(REFERENCE, Job(1000, 0, 1, 8))
    assert plan.refusals == ("a job may ask for 8 GPUs, the node has 4: it would wait for ever",)
    assert plan.proposals[0].job.gpus_max == 4


def test_gpu_jobs_on_a_machine_without():
    plan = make_plan(replace(REFERENCE, gpus=0), TUTORIAL)
    assert (plan.jobs, plan.proposals) == (0, ())
    assert "the node has 0" in plan.refusals[0]


def test_cpu_jobs_need_no_gpu():
    plan = make_plan(Machine(cpus=8, memory_mib=32768), Job(2000, 1024, 0))
    assert (plan.jobs, plan.limited_by, plan.notes) == (3, "cpu", ())


def test_a_job_that_asks_for_nothing():
    plan = make_plan(Machine(cpus=8, memory_mib=32768), Job(0, 0, 0), Limits(jobs=5))
    assert (plan.jobs, plan.max_jobs, plan.limited_by) == (5, 5, "")
    assert make_plan(Machine(cpus=8, memory_mib=32768), Job(0, 0, 0)).max_jobs == 1


def test_a_job_that_no_cut_helps():
    plan = make_plan(Machine(4, 1, 8192), Job(4000, 1024, 1), Limits(jobs=4))
    assert proposed(plan) == [(4, 50, 1024, 1)]
    assert proposed(make_plan(Machine(16, 1, 8192), Job(4000, 1024, 1), Limits(jobs=16))) == []


def test_memory_that_no_cut_helps():
    plan = make_plan(Machine(8, 8, 3000), Job(100, 1024, 1), Limits(jobs=8))
    assert proposed(plan) == []


def test_a_machine_too_small_for_any_node():
    plan = make_plan(Machine(1, 4, 2000), TUTORIAL, Limits(memory_mib=4096))
    assert plan.proposals == ()
    assert "the machine has 2000" in plan.refusals[0]


def test_an_unknown_machine_takes_sizes_by_hand():
    plan = make_plan(Machine(gpus=1), Job(1000, 1024, 1), Limits(cpus=4, memory_mib=8192))
    assert (plan.jobs, plan.fits, plan.notes) == (1, True, ())


@pytest.mark.parametrize(
    ("machine", "job", "limits", "message"),
    [
        pytest.param(Machine(1), TUTORIAL, Limits(), "^cpus: .* not known", id="no-cpus"),
        pytest.param(Machine(1, 4), TUTORIAL, Limits(), "^memory_mib: .* not known", id="no-memory"),
        pytest.param(REFERENCE, TUTORIAL, Limits(jobs=-1), "^jobs: -1 is negative", id="jobs"),
        pytest.param(REFERENCE, Job(-1), Limits(), "^job.cpu: -1 is negative", id="cpu"),
    ],
)
def test_no_plan(machine, job, limits, message):
    with pytest.raises(CapacityError, match=message):
        make_plan(machine, job, limits)


def test_plain_data():
    data = make_plan(REFERENCE, TUTORIAL, Limits(jobs=4)).to_dict()
    assert data["node"] == {"gpus": 4, "cpus": 16, "memory_mib": 54016}
    assert data["job"]["cpu"] == "4"
    assert [(s["what"], s["needed"], s["available"], s["unit"]) for s in data["sums"]] == [
        ("gpus", 4, 4, "GPUs"),
        ("cpu", 16750, 16000, "millicores"),
        ("memory", 49782, 54016, "MiB"),
    ]
    assert data["proposals"][1]["job"]["cpu"] == "3.5"
    assert data["proposals"][1]["node"] == {"cpus": 16, "memory_mib": 54016}


def test_addons_are_counted_once_and_unknown_ones_not():
    assert system_need(("ingress", "ingress", "dashboard")) == (850, 720)


def test_the_host_keeps_a_part():
    assert [node_memory_mib(mib) for mib in (60293, 8192, 2048, 0)] == [54016, 6144, 0, 0]


machines = st.builds(Machine, gpus=st.integers(0, 16), cpus=st.integers(1, 256), memory_mib=st.integers(4096, 2 << 20))
jobs = st.builds(
    Job,
    cpu_m=st.integers(0, 64000),
    memory_mib=st.integers(0, 1 << 19),
    gpus=st.integers(0, 16),
    gpus_max=st.integers(0, 16),
)
limits = st.builds(
    Limits,
    jobs=st.integers(0, 40),
    cpus=st.integers(0, 300),
    memory_mib=st.integers(0, 1 << 21),
    addons=st.sampled_from([(), ("ingress",), ("ingress", "metrics-server")]),
)


@settings(deadline=None)  # the machine may be busy
@given(machines, jobs, limits)
def test_the_jobs_of_a_plan_never_exceed_its_node(machine, job, given_limits):
    plan = make_plan(machine, job, given_limits)
    cpu, memory = system_need(given_limits.addons)
    assert plan.max_jobs <= plan.jobs
    if plan.jobs and (job.cpu_m or job.memory_mib or job.gpus):
        assert plan.jobs * job.gpus <= machine.gpus
        assert not job.cpu_m or plan.jobs * job.cpu_m + cpu <= plan.node.cpus * 1000
        assert not job.memory_mib or plan.jobs * job.memory_mib + memory <= plan.node.memory_mib


@settings(deadline=None)  # the machine may be busy
@given(machines, jobs, limits)
def test_what_does_not_fit_is_refused_and_what_is_proposed_fits(machine, job, given_limits):
    plan = make_plan(machine, job, given_limits)
    assert plan.fits or plan.refusals
    assert plan.jobs >= given_limits.jobs or not plan.fits
    for proposal in plan.proposals:
        sized = Limits(proposal.jobs, proposal.cpus, proposal.memory_mib, given_limits.addons)
        again = make_plan(machine, proposal.job, sized)
        assert again.refusals == ()
        assert again.max_jobs == proposal.jobs


@settings(deadline=None)  # the machine may be busy
@given(machines, jobs, limits, st.integers(0, 8), st.integers(0, 64), st.integers(0, 1 << 18))
def test_a_larger_machine_never_takes_fewer_jobs(machine, job, given_limits, gpus, cpus, memory):
    more = Machine(machine.gpus + gpus, machine.cpus + cpus, machine.memory_mib + memory)
    fixed = replace(given_limits, jobs=max(given_limits.jobs, 1))
    assert make_plan(more, job, fixed).jobs >= make_plan(machine, job, fixed).jobs


@settings(deadline=None)  # the machine may be busy
@given(machines, jobs, limits, st.integers(0, 8000), st.integers(0, 1 << 14), st.integers(0, 4))
def test_a_larger_job_never_runs_more_often(machine, job, given_limits, cpu, memory, gpus):
    asks = replace(job, cpu_m=job.cpu_m or 1)
    larger = replace(asks, cpu_m=asks.cpu_m + cpu, memory_mib=asks.memory_mib + memory, gpus=asks.gpus + gpus)
    assert make_plan(machine, larger, given_limits).jobs <= make_plan(machine, asks, given_limits).jobs
