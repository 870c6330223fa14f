# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in an agent's own environment: the real agent polls, what it would send to the Kubernetes API is written down.

Real are the agent's loop, its checks, the runner, the Kubernetes client and its kubeconfig. Replaced are the two edges:
the W&B server (an object with the answers that the agent needs) and the HTTP request of the Kubernetes client.
A case is a line of JSON on standard input, its outcome a line on standard output.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import types
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

API_KEY = "0123456789abcdef0123456789abcdef01234567"
CONTEXT = "oracle"
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": CONTEXT,
    "clusters": [{"name": "c", "cluster": {"server": "http://kubernetes.invalid"}}],
    "users": [{"name": "u", "user": {"token": "t"}}],
    "contexts": [{"name": CONTEXT, "context": {"cluster": "c", "user": "u", "namespace": "default"}}],
}


POD: dict[str, Any] = {"template": {"spec": {"containers": []}}}
SPECS: dict[str, Any] = {"jobs": POD, "cronjobs": {"schedule": "* * * * *", "jobTemplate": {"spec": POD}}}


class Settings(dict):  # type: ignore[type-arg]
    """The API's settings: newer agents index them, older ones call them."""

    def __call__(self, key: str | None = None) -> Any:
        return self if key is None else self[key]


class Case:
    """The case that the agent works on, and what came of it so far."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.spec = case["run_spec"]
        self.queue = case["queue"]
        self.entity = case["queue_entity"]
        self.trace_id = case["trace_id"]
        self.agent_name = case["agent_name"]
        self.base_url = case["base_url"]
        self.environment = case["environment"]
        self.posts: list[dict[str, Any]] = []
        self.failure: str | None = None


class Server:
    """What the agent asks the W&B server; hands out one case after the other."""

    def __init__(self, output: Any) -> None:
        self.output = output
        self.settings = Settings(base_url="")
        self.api_key = API_KEY
        self.case: Case | None = None
        self.agent: Any = None
        self.ended = False

    def pop_from_run_queue(self, *_args: Any, **_kwargs: Any) -> dict[str, Any] | None:
        if self.case is not None or self.ended:
            return None
        line = sys.stdin.readline()
        if not line:
            self.ended = True
            return None
        self.case = case = Case(json.loads(line))
        os.environ.clear()
        os.environ.update({"HOME": HOME, **case.environment})
        self.settings["base_url"] = checked_base_url(case.base_url)
        self.agent._entity, self.agent._name = case.entity, case.agent_name
        return {"runQueueItemId": case.trace_id, "runSpec": case.spec}

    def end_case(self) -> None:
        assert self.case is not None
        answer = {"failure": self.case.failure, "posts": self.case.posts}
        self.case = None
        self.output.write(json.dumps(answer) + "\n")
        self.output.flush()

    def get_launch_agent(self, *_args: Any) -> dict[str, Any]:
        return {"name": "agent-1", "stopPolling": self.ended}

    def create_launch_agent(self, *_args: Any) -> dict[str, Any]:
        return {"launchAgentId": "1"}

    def update_launch_agent_status(self, *_args: Any) -> dict[str, Any]:
        return {"success": True}

    def entity_is_team(self, *_args: Any) -> bool:
        return False

    def launch_agent_introspection(self) -> str:
        return "LaunchAgent"

    def fail_run_queue_item_introspection(self) -> bool:
        return True

    def ack_run_queue_item(self, *_args: Any) -> bool:
        return True

    def fail_run_queue_item(self, _item: str, message: str, *_args: Any) -> bool:
        assert self.case is not None
        self.case.failure = message or "no message"
        return True

    def get_run_state(self, *_args: Any) -> str:
        return "finished"


def checked_base_url(url: str) -> str:
    """Return the URL as the agent's own settings hold it."""
    import wandb

    return str(wandb.Settings(base_url=url).base_url)


class Finished(dict):  # type: ignore[type-arg]
    """States of jobs: every one has finished, so that the agent goes on to the next item."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> Any:
        from wandb.sdk.launch.runner.abstract import Status

        return Status("finished")


class Response:
    """An answer of the Kubernetes API."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.status, self.reason, self.data = 201, "Created", json.dumps(body).encode()

    def getheader(self, _name: str, default: Any = None) -> Any:
        return default

    def getheaders(self) -> dict[str, str]:
        return {}


def record_requests(server: Server) -> None:
    """Write down what the Kubernetes client would send; answer with an object of that name."""
    from kubernetes_asyncio.client import rest

    async def request(_self: Any, method: str, url: str, **kwargs: Any) -> Response:
        if method == "POST":
            assert server.case is not None
            body = json.loads(json.dumps(kwargs["body"]))
            server.case.posts.append({"path": urlsplit(url).path.lstrip("/"), "body": body})
        return Response({"metadata": {"name": "job-1", "namespace": "default"}, "spec": SPECS.get(url.split("/")[-1])})

    rest.RESTClientObject.request = request  # the lowest place before the network
    # Each client would read the machine's certificates, which takes longer than everything else together.
    rest.ssl.create_default_context = lambda **_kwargs: rest.ssl.SSLContext(rest.ssl.PROTOCOL_TLS_CLIENT)


async def watch_nothing(*_args: Any, **_kwargs: Any) -> None:
    """Stand where the agent would watch pods and jobs."""


def make_agent(server: Server) -> Any:
    """Return the real agent, without the run that it keeps of itself at W&B."""
    from wandb.sdk.launch.agent import agent as module

    module.AGENT_POLLING_INTERVAL = module.RECEIVED_JOB_POLLING_INTERVAL = 0
    module.RunQueueItemFileSaver = lambda *_args: types.SimpleNamespace(save_contents=lambda *_a, **_k: None)
    module.LaunchAgent._init_agent_run = lambda self: setattr(self, "_wandb_run", None)
    config = {"entity": "team-a", "queues": ["q"], "max_jobs": 1}
    values: list[Any] = [server, config]
    if "telemetry_recorder" in inspect.signature(module.LaunchAgent.__init__).parameters:
        values.append(types.SimpleNamespace(exception=lambda *_args: None))
    agent = module.LaunchAgent(*values)
    end_of_item, start_of_item = agent.finish_thread_id, agent.run_job

    async def finish(thread_id: Any, exception: BaseException | None = None) -> None:
        await end_of_item(thread_id, exception)
        if exception is not None and server.case is not None:
            server.case.failure = str(exception) or type(exception).__name__
        server.end_case()

    async def start(job: Any, _queue: str, saver: Any) -> None:
        try:
            await start_of_item(job, server.case.queue, saver)  # type: ignore[union-attr]
        except Exception as error:  # the agent answers whatever goes wrong by failing the item: that is the result
            server.case.failure = str(error) or type(error).__name__  # type: ignore[union-attr]
            server.end_case()

    agent.finish_thread_id, agent.run_job = finish, start
    return agent


async def main(output: Any) -> None:
    """Let the agent poll until there are no more cases."""
    server = Server(output)
    record_requests(server)
    server.agent = make_agent(server)
    from wandb.sdk.launch.runner import kubernetes_monitor

    monitor = kubernetes_monitor.LaunchKubernetesMonitor
    monitor._monitor_pods = monitor._monitor_jobs = monitor._monitor_crd = watch_nothing
    await monitor.ensure_initialized()
    monitor._instance._job_states = Finished()
    await server.agent.loop()
    output.close()
    os._exit(0)  # a thousand clients that are never closed take half a minute to go


def quiet_output() -> Any:
    """Return the real standard output; what the agent prints goes to standard error."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return output


if __name__ == "__main__":
    HOME = sys.argv[1]
    os.environ.clear()
    os.environ.update({"HOME": HOME, "WANDB_MODE": "offline", "WANDB_SILENT": "true"})
    (Path(HOME) / ".kube").mkdir(parents=True, exist_ok=True)
    (Path(HOME) / ".kube" / "config").write_text(json.dumps(KUBECONFIG), encoding="utf-8")
    asyncio.run(main(quiet_output()))
