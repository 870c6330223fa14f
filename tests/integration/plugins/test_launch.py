# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue as code against the W&B server stand-in, over HTTP, from a playbook."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.lab.wandb_server.api import Api
from tests.lab.wandb_server.http import Log, make_server
from tests.lab.wandb_server.state import Options

from .conftest import ROOT, Played, run_play
from .wandb_site import Agent, Site, serving

QUEUE = ROOT / "molecule/launch_agent/files/queue.yml"
VARIABLES = {"gpus": {"type": "integer", "default": 1, "minimum": 0, "maximum": 4}}
RUN = {"entity": "team-a", "project": "p", "queue": "q", "run_id": "abcd1234", "image": "registry.example/job:1"}


@pytest.fixture
def account() -> Iterator[dict[str, str]]:
    """Base URL and key of a server that knows one key."""
    key = secrets.token_hex(20)
    server = make_server("127.0.0.1", 0, Api(Options(entity="team-a", username="alex", api_key=key), None), Log(None))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield {"base_url": f"http://127.0.0.1:{server.server_address[1]}", "api_key": key, "entity": "team-a"}
    server.shutdown()
    server.server_close()
    thread.join()


def queue(account: dict[str, str], name: str = "Keep", **more: Any) -> dict[str, Any]:
    config = QUEUE.read_text(encoding="utf-8")
    options = {**account, "name": "q", "config": "{{ config }}", "template_variables": VARIABLES, **more}
    return {"name": name, "mlinfra.gpu_launch.launch_queue": options, "vars": {"config": {"__ansible_unsafe": config}}}


def run(account: dict[str, str], **values: Any) -> dict[str, Any]:
    options = {**account, "queue": "q", "project": "p", "image": "registry.example/job:1", "values": values}
    return {"name": "Run", "mlinfra.gpu_launch.launch_run": {**options, "wait": False}}


def test_a_queue_is_kept_as_wanted(play: Callable[..., Played], account: dict[str, str]) -> None:
    assert play([queue(account)], "--check")["Keep"]["changed"]
    played = play([queue(account), queue(account, "Keep again"), queue(account, "Remove", state="absent")])
    assert played.rc == 0, played.output
    assert [played[name]["changed"] for name in ("Keep", "Keep again", "Remove")] == [True, False, True]
    assert "{{gpus}}" in str(played["Keep"]["queue"])


def test_a_value_out_of_bounds_is_refused_and_the_key_is_never_shown(
    play: Callable[..., Played], account: dict[str, str]
) -> None:
    played = play([queue(account), run(account, gpus=5)], "-vvv", "--diff")
    assert played.rc != 0
    for word in ("gpus", "5", "maximum", "4"):
        assert word in played["Run"]["msg"]
    said = played.output.replace(f'"api_key": "{account["api_key"]}"', "")  # the playbook of this test, quoted by -vvv
    assert account["api_key"] not in said


def test_a_run_within_bounds_gets_an_item(play: Callable[..., Played], account: dict[str, str]) -> None:
    played = play([queue(account), run(account, gpus=2)])
    assert played.rc == 0, played.output
    assert played["Run"]["item_id"]


def test_a_wrong_key_is_named_by_its_input_and_not_by_its_value(
    play: Callable[..., Played], account: dict[str, str]
) -> None:
    wrong = secrets.token_hex(20)
    played = play([queue({**account, "api_key": wrong})])
    assert played.rc != 0
    assert "api_key" in played["Keep"]["msg"]
    assert wrong not in played["Keep"]["msg"]


def test_module_and_filter_predict_the_same_manifests(play: Callable[..., Played]) -> None:
    options = {"config": "{{ config }}", "template_variables": VARIABLES, "values": {"gpus": 2}, "run": RUN}
    arguments = "template_variables=declared, values={'gpus': 2}, run=submitted"
    filtered = f"{{{{ config | mlinfra.gpu_launch.launch_job_spec({arguments}) }}}}"
    played = play(
        [
            {"name": "Module", "mlinfra.gpu_launch.launch_job_spec": options},
            {"name": "Filter", "ansible.builtin.set_fact": {"predicted": filtered}},
        ],
        config={"__ansible_unsafe": QUEUE.read_text(encoding="utf-8")},
        declared=VARIABLES,
        submitted=RUN,
    )
    assert played.rc == 0, played.output
    manifests = played["Module"]["manifests"]
    assert manifests
    assert played["Filter"]["ansible_facts"]["predicted"]["manifests"] == manifests
    limits = manifests[-1]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits["nvidia.com/gpu"] == 2


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    found.add_queue("q", {"spec": {}})
    with serving(found.server):
        yield found


def test_each_state_is_a_line_on_the_screen(play: Callable[..., Played], site: Site) -> None:
    agent = Agent(site, [0])
    played = play([run(site.account) | {"mlinfra.gpu_launch.launch_run": WAITS | site.account}])
    agent.over.set()
    assert played.rc == 0, played.output
    done = played["Run"]
    assert (done["state"], done["changed"]) == ("finished", True)
    assert [one["state"] for one in done["states"]][-1] == "finished"
    lines = [line for line in played.output.splitlines() if line.startswith(f"run {done['run_id']} in q: ")]
    assert len(lines) == len(done["states"]) >= 2, played.output
    assert "waiting" not in done


WAITS = {"queue": "q", "project": "p", "image": "x:1", "wait": True, "wait_timeout": 60, "poll_interval": 1}


def test_a_run_that_fails_names_who_said_so_and_where_to_look(play: Callable[..., Played], site: Site) -> None:
    agent = Agent(site, [3])
    played = play([run(site.account) | {"mlinfra.gpu_launch.launch_run": WAITS | site.account}])
    agent.over.set()
    assert played.rc != 0
    done = played["Run"]
    assert "the run ended failed: its program ended with an error" in done["msg"]
    assert done["url"] in done["msg"]
    assert done["item_id"]


def test_a_run_with_an_id_of_its_own_is_submitted_once(play: Callable[..., Played], site: Site) -> None:
    own = {**site.account, "queue": "q", "project": "p", "image": "x:1", "run_id": "nightly"}
    tasks = [{"name": name, "mlinfra.gpu_launch.launch_run": own} for name in ("First", "Second")]
    played = play([*tasks, {"name": "Checked", "check_mode": True, "mlinfra.gpu_launch.launch_run": own}])
    assert played.rc == 0, played.output
    assert [played[name]["changed"] for name in ("First", "Second", "Checked")] == [True, False, False]
    assert len(site.items()) == 1
    assert played["First"]["item_id"] == played["Second"]["item_id"]


def test_two_playbooks_at_once_make_one_queue(site: Site, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    wanted = {**site.account, "name": "both", "config": {"spec": {"activeDeadlineSeconds": 5}}}
    tasks = [{"name": "Keep", "mlinfra.gpu_launch.launch_queue": wanted}]
    with ThreadPoolExecutor() as pool:
        played = list(pool.map(lambda folder: run_play(folder, tasks), folders))
    assert [one.rc for one in played] == [0, 0]
    assert len([key for key in site.api.state.queues if key == "team-a/both"]) == 1
    assert not run_play(tmp_path, tasks)["Keep"]["changed"]


def test_ten_thousand_queues(play: Callable[..., Played], site: Site) -> None:
    with site.api.lock:
        for number in range(10_000):
            site.add_queue(f"queue-{number:05}", {})
    options = {**site.account, "queue": "absent", "project": "p", "image": "x:1"}
    asked = {"name": "Read", "mlinfra.gpu_launch.launch_queue_info": site.account}
    missing = {"name": "Run", "mlinfra.gpu_launch.launch_run": options}
    played = play([asked, missing])
    assert len(played["Read"]["queues"]) == 10_001
    assert "and 9991 more" in played["Run"]["msg"]
