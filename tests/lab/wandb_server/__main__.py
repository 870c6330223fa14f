# SPDX-License-Identifier: GPL-3.0-or-later
"""A small W&B server for Launch queues, agents and runs: `python3 -m tests.lab.wandb_server --help`.

It answers what the collection's modules, `wandb launch`, `wandb launch-agent` and `wandb.init()` ask: viewer; queues
with template variables; enqueue, lease, acknowledge, fail; agents; runs with their file stream. A run's state changes
only by what the job itself reports. The real server is closed source: every assumption about it is marked MODEL.

  GET  /                 queues, items, runs, agents, for people
  GET  /_control/state   the same as JSON, with operations that nobody answered
  POST /_control/set     {"stop_agents": true} or {"faults": [{"mode": "status", "status": 503}]}; needs the API key
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from pathlib import Path

from .api import Api
from .http import Log, make_server, with_tls
from .state import Options


def parse(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="tests.lab.wandb_server", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=int, default=8080, help="0 takes a free one (default %(default)s)")
    add("--entity", default="team-a", help="the viewer's team, owner of the queues (default %(default)s)")
    add("--username", default="alex", help="the viewer, author of runs (default %(default)s)")
    add("--api-key-file", type=Path, help="file with the only key that is accepted (default: any key)")
    add("--state", type=Path, help="JSON file that carries queues, items and runs over a restart")
    add("--log-dir", type=Path, help="folder for graphql.jsonl")
    add("--agent-name", default="", help="name given to every agent (default: agent-1, agent-2, ...)")
    add("--untyped", dest="typed", action="store_false", help="put an integer variable into the config as text")
    add("--certificate", type=Path, help="PEM file with certificate and key: https instead of http")
    add("--error-status", type=int, default=200, help="HTTP status of refusals (default %(default)s)")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Serves until SIGTERM or SIGINT."""
    given = parse(argv)
    if given.log_dir:
        given.log_dir.mkdir(parents=True, exist_ok=True)
    key = given.api_key_file.read_text(encoding="utf-8").strip() if given.api_key_file else ""
    options = Options(
        entity=given.entity,
        username=given.username,
        api_key=key,
        typed=given.typed,
        agent_name=given.agent_name,
        error_status=given.error_status,
    )
    server = make_server(given.host, given.port, Api(options, given.state), Log(given.log_dir))
    if given.certificate:
        with_tls(server, given.certificate)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    scheme = "https" if given.certificate else "http"
    print(f"ready on {scheme}://{given.host}:{server.server_address[1]}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
