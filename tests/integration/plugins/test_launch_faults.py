# SPDX-License-Identifier: GPL-3.0-or-later
"""launch_queue and launch_run against a server with faults, over real HTTP and HTTPS, from playbooks.

All cases of a table run in one play, each with a queue of its own; then each case is judged by itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .conftest import Played, run_play
from .wandb_site import Proxy, Site, make_ca, serving

CONFIG = {"spec": {"activeDeadlineSeconds": 600, "template": {"spec": {"containers": [{}]}}}}
NULLS = {"name": None, "id": None, "externalLinks": None, "prioritizationMode": None, "defaultResourceConfig": None}


@dataclass(frozen=True)
class Case:
    """One fault, and what the module makes of it: words of its error, or none when it gets through."""

    id: str
    faults: tuple[dict[str, Any], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    there: bool | None = None  # whether the queue (or one item of the run) is there afterwards
    left: int | None = None  # faults that never struck: what was not asked again


def fault(mode: str, on: str = "", **more: Any) -> dict[str, Any]:
    return {"mode": mode, **({"field": on} if on else {}), **more}


READ, WRITE, PUSH = "defaultResourceConfig", "upsertRunQueue", "pushToRunQueueByName"
BAD_CONFIG = {"success": False, "configSchemaValidationErrors": ["(root).resource_args.kubernetes.spec: no such key"]}
BROKEN_STORE = {"resource": "kubernetes", "config": "{", "templateVariables": [{"name": "a", "schema": "{"}, None]}

QUEUES = [
    Case("wrong-key", options={"api_key": "x" * 40}, says=("rejects the API key", "401", "api_key"), there=False),
    Case("no-key", options={"api_key": ""}, says=("no API key", "WANDB_API_KEY"), there=False),
    Case("not-allowed", (fault("status", READ, status=403),), says=("403", "belong to the entity"), there=False),
    Case("busy-once", (fault("status", READ, status=429, retry_after=1),), there=True, left=0),
    Case(
        "busy-by-date", (fault("status", WRITE, status=429, retry_after="Thu, 01 Jan 1970 00:00:00 GMT"),), there=True
    ),
    Case("busy-long", (fault("status", READ, status=429, retry_after=3600, times=9),), says=("429", "3600 s"), left=8),
    Case("down-twice", (fault("status", READ, status=503, times=2),), there=True, left=0),
    Case("down", (fault("status", READ, status=502, times=9),), says=("busy or broken (HTTP 502)",), left=6),
    Case("silent", (fault("silent", READ, seconds=3, times=9),), {"timeout": 1}, says=("timed out",), left=6),
    Case("closed-once", (fault("closed", READ),), there=True, left=0),
    Case("truncated-once", (fault("truncated", READ, after=True),), there=True, left=0),
    Case("html", (fault("html", READ, times=9),), says=("without JSON", "Please sign in"), left=6),
    Case("not-found", (fault("html", READ, status=404),), says=("404", "address of a W&B server"), left=0),
    Case("redirect", (fault("redirect", READ, times=9),), says=("redirects (HTTP 302)", "base_url"), left=8),
    Case("errors", (fault("errors", READ, message="no such entity", times=9),), says=("no such entity",), left=8),
    Case("null-data", (fault("data", READ, data=None),), there=True, left=0),
    Case("null-project", (fault("data", READ, data={"project": None}),), there=True, left=0),
    Case("null-queue", (fault("data", READ, data={"project": {"runQueue": NULLS}}),), there=True, left=0),
    Case("list-project", (fault("data", READ, data={"project": []}),), says=("a list as project",), there=False),
    Case(
        "unreadable-replaced",
        (fault("data", READ, data={"project": {"runQueue": {"name": "x", "defaultResourceConfig": BROKEN_STORE}}}),),
        there=True,
    ),
    Case(
        "unreadable-kept",
        (fault("data", READ, data={"project": {"runQueue": {"name": "x", "defaultResourceConfig": BROKEN_STORE}}}),),
        {"config": None, "external_links": [{"label": "l", "url": "https://x"}]},
        says=("can't be read", "text that is not JSON", "would lose it"),
        there=False,
    ),
    Case("lost-answer", (fault("closed", WRITE, after=True, times=3),), there=True, left=0),
    Case("lost-once", (fault("html", WRITE, after=True),), there=True, left=0),
    Case("never-written", (fault("closed", WRITE, times=9),), says=("is not known; a second run reads",), there=False),
    Case("refused", (fault("errors", WRITE, message="quota exceeded", times=9),), says=("quota exceeded",), left=8),
    Case(
        "bad-config",
        (fault("data", WRITE, data={"upsertRunQueue": BAD_CONFIG}),),
        says=("config.spec: no such key",),
        there=False,
    ),
    Case("null-upsert", (fault("data", WRITE, data={"upsertRunQueue": None}),), says=("no reason given",), there=False),
    Case("closed-port", options={"base_url": "http://127.0.0.1:9"}, says=("can't be reached", "refused"), there=False),
    Case("bad-address", options={"base_url": "http://127.0.0.1:99999"}, says=("base_url is not an address",)),
    Case("缓存 队列 🚀", there=True),
    Case("a/b?c=d&e#f %41 {x} $y 'z' \"w\" \\", there=True),
    Case("q" * 64, there=True),
    Case("q" * 65, says=("1 to 64 characters, this one has 65",), there=False),
    Case(" blank", says=("can't be part of a queue's name",), there=False),
]

RUNS = [
    Case("run-plain", there=True),
    Case("run-busy", (fault("status", PUSH, status=429, retry_after=0),), there=True, left=0),
    Case("run-lost", (fault("closed", PUSH, after=True, times=2),), there=True, left=1),
    Case("run-html", (fault("html", PUSH, after=True, times=2),), there=True, left=1),
    Case("run-truncated", (fault("truncated", PUSH, after=True, times=2),), there=True, left=1),
    Case(
        "run-down",
        (fault("status", PUSH, status=503, times=2),),
        says=("not sent again", "run_id:"),
        there=False,
        left=1,
    ),
    Case("run-silent", (fault("silent", PUSH, seconds=3, times=2),), {"timeout": 1}, says=("not sent again",), left=1),
    Case(
        "run-unknown",
        (fault("closed", PUSH, after=True), fault("errors", "runQueueItems", message="no such field", times=2)),
        says=("may be in the queue all the same", "not sent again"),
        there=True,
        left=0,
    ),
    Case("run-refused", (fault("errors", PUSH, message="no quota", times=2),), says=("no quota",), there=False, left=1),
    Case("run-null", (fault("data", PUSH, data={PUSH: None}),), says=("did not accept",), there=False),
    Case("run-no-priority", options={"priority": "high"}, says=("priority", "has no prioritization"), there=False),
]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    found = Site()
    with serving(found.server):
        yield found


def task(title: str, site: Site, module: str, /, **options: Any) -> dict[str, Any]:
    text = {key: {"__ansible_unsafe": value} if isinstance(value, str) else value for key, value in options.items()}
    given = {**site.account, **text}
    return {"name": title, f"mlinfra.gpu_launch.{module}": given, "ignore_errors": True}


@pytest.fixture(scope="module")
def queues(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Every case of QUEUES; its result is that of the task with its id."""
    site.faults.set([{**one, "queue": case.id} for case in QUEUES for one in case.faults])
    tasks = [
        task(case.id, site, "launch_queue", **{"name": case.id, "config": CONFIG, **case.options}) for case in QUEUES
    ]
    return run_play(tmp_path_factory.mktemp("queues"), tasks, "-vvv", "--diff")


def judge(case: Case, result: dict[str, Any]) -> None:
    if case.says:
        assert result.get("failed"), result
        assert [word for word in case.says if word not in result["msg"]] == [], result["msg"]
        assert "Traceback" not in json.dumps(result)
    else:
        assert not result.get("failed"), result
        assert result["changed"], result


@pytest.mark.parametrize("case", QUEUES, ids=lambda case: case.id)
def test_queue(queues: Played, site: Site, case: Case) -> None:
    judge(case, queues[case.id])
    if case.there is not None:
        assert (site.queue(case.id) is not None) is case.there
    if case.left is not None:
        assert left(site, case) == case.left


def left(site: Site, case: Case) -> int:
    return sum(one["times"] for one in site.faults._left if one.get("queue") == case.id)


def test_the_key_is_nowhere_in_all_that(queues: Played, site: Site) -> None:
    quoted = json.dumps(site.key)  # the play of this test, which -vvv may quote, holds it as the option's value
    said = queues.output.replace(f'"api_key": {quoted}', "")
    assert len(said) > 10_000
    assert site.key not in said
    assert base64.b64encode(f"api:{site.key}".encode()).decode() not in said
    assert "x" * 40 not in said.replace(f'"api_key": "{"x" * 40}"', "")


@pytest.fixture(scope="module")
def runs(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Played:
    site.faults.set([{**one, "queue": case.id} for case in RUNS for one in case.faults])
    tasks = []
    for case in RUNS:
        site.add_queue(case.id, CONFIG)
        options = {"queue": case.id, "project": "p", "image": "registry.example/job:1", **case.options}
        tasks.append(task(case.id, site, "launch_run", **options))
    return run_play(tmp_path_factory.mktemp("runs"), tasks, "-vvv")


@pytest.mark.parametrize("case", RUNS, ids=lambda case: case.id)
def test_run(runs: Played, site: Site, case: Case) -> None:
    judge(case, runs[case.id])
    queue = site.queue(case.id)
    assert queue is not None
    items = [item for item in site.items() if item["queue"] == queue["id"]]
    if case.there is not None:
        assert len(items) == int(case.there), items
    if case.left is not None:
        assert left(site, case) == case.left


def test_the_key_is_nowhere_in_the_runs(runs: Played, site: Site) -> None:
    assert site.key not in runs.output.replace(f'"api_key": "{site.key}"', "")


TLS_ERRORS = {
    "no CA": "set ca_path to the file of the CA",
    "wrong CA": "set ca_path to the file of the CA",
    "no file": "absent.pem can't be read as certificates",
    "wrong name": "base_url to a name that it carries",
    "dead proxy": "through the proxy 127.0.0.1:9",
    "plain": "gave no whole answer",
}


def test_private_servers_and_proxies(tmp_path: Path) -> None:
    ca, certificate = make_ca(tmp_path, "good")
    other, _ = make_ca(tmp_path, "other")
    named_ca, named = make_ca(tmp_path, "named", host="elsewhere")
    own, foreign, proxy = Site(certificate), Site(named), Proxy()

    def keep(name: str, site: Site, proxy: str = "", /, **options: Any) -> dict[str, Any]:
        made = task(name, site, "launch_queue", name=name, config=CONFIG, timeout=5, **options)
        return {**made, "environment": {"https_proxy": proxy, "no_proxy": ""}}

    with serving(own.server), serving(foreign.server):
        played = run_play(
            tmp_path,
            [
                keep("own CA", own, ca_path=str(ca)),
                keep("no CA", own),
                keep("wrong CA", own, ca_path=str(other)),
                keep("no file", own, ca_path=str(tmp_path / "absent.pem")),
                keep("wrong name", foreign, ca_path=str(named_ca)),
                keep("proxy", own, proxy.url, ca_path=str(ca)),
                keep("dead proxy", own, "http://user:hidden-word@127.0.0.1:9", ca_path=str(ca)),
                keep("plain", own, base_url=own.url.replace("https", "http")),
            ],
        )
    proxy.close()
    assert played["own CA"]["changed"]
    assert played["proxy"]["changed"]
    assert [own.queue(name) is not None for name in ("own CA", "proxy")] == [True, True]
    assert proxy.asked
    assert all(own.key not in head and "Authorization" not in head for head in proxy.asked)
    for name, words in TLS_ERRORS.items():
        assert played[name]["failed"]
        assert words in played[name]["msg"], played[name]["msg"]
    assert "hidden-word" not in json.dumps(played.results)
