# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide from the web form to a queue as code: its files do what it says they do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from .conftest import ROOT
from .wandb_site import Site, serving

GUIDE = ROOT / "docs/docsite/rst/queues.rst"
BLOCK = re.compile(r"\.\. code-block:: yaml\n   :caption: (\S+)\n\n((?:   .*\n|\n)+)")


def test_the_files_of_the_guide_do_what_it_says(tmp_path: Path) -> None:
    files = dict(BLOCK.findall(GUIDE.read_text(encoding="utf-8")))
    assert sorted(files) == ["launch.yml", "queue.yml"]
    for name, text in files.items():
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
    site = Site()

    def run(*arguments: str) -> str:
        set_here = ["-e", f"server={site.url}", "-e", f"ansible_python_interpreter={sys.executable}"]
        done = subprocess.run(
            ["ansible-playbook", "launch.yml", *set_here, *arguments],
            cwd=tmp_path, env={**os.environ, "WANDB_API_KEY": site.key, "ANSIBLE_NOCOLOR": "1"},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with serving(site.server):
        before = run("--check", "--diff")
        assert "+              nvidia.com/gpu: '{{gpus}}'" in before
        assert site.queue("gpu-queue") is None
        assert "changed=2" in run()
        assert "changed=0" in run()
        more = '{"variables": {"gpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 8}}}'
        assert "-    maximum: 4\n+    maximum: 8" in run("--check", "--diff", "-e", more)
    assert [item["runSpec"]["run_id"] for item in site.items()] == ["first-run"]
