# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue as code against the W&B server stand-in, over HTTP, from a playbook."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab.wandb_server.api import Api
from tests.lab.wandb_server.http import Log, make_server
from tests.lab.wandb_server.state import Options

from .conftest import ROOT, Played

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
