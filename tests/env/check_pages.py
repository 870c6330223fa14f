# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pages on the checks from the catalogue that the comparison uses.

Usage: python3 -m tests.env.check_pages [--check]

With --check nothing is written, and the exit status is 1 where a page is not what the catalogue makes.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/docsite/rst"
TITLES = {
    "host": "The machine",
    "gpu": "GPUs and driver",
    "docker": "The container engine",
    "nvidia_ctk": "The container toolkit",
    "cluster": "The cluster",
    "nfs": "The NFS server",
    "agent": "The Launch agent",
}
ACTS = {
    "converge": "its role mends it",
    "refuse": "its role stops before the first change",
    "tell": "it is reported, and nothing else",
}
LABEL = "ansible_collections.mlinfra.gpu_launch.docsite.checks"
HEAD = """..
  SPDX-License-Identifier: GPL-3.0-or-later
  Written by tests/env/check_pages.py from plugins/module_utils/node/catalogue; edit that.

"""


def catalogue() -> dict[str, dict[str, Any]]:
    """The checks of each component."""
    sys.path.insert(0, str(ROOT / "collections"))
    name = "ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.index"
    found: dict[str, dict[str, Any]] = importlib.import_module(name).BY_COMPONENT
    return found


def heading(text: str, line: str) -> str:
    """A title with its line below."""
    return f"{text}\n{line * len(text)}\n"


def paragraph(identifier: str, check: Any) -> str:
    """What a reader needs to know of one check."""
    parts = [
        f".. _{LABEL}.{identifier.lower()}:\n",
        heading(identifier, "-"),
        f"**{escaped(check.title)}** ({check.severity}; {ACTS[check.act]})\n",
        f":Seen by: {escaped(check.see)}" if check.see else "",
        f":Cause: {escaped(check.cause)}" if check.cause else "",
        f":What to do: {escaped(check.fix)}" if check.fix else "",
        f":Comes from: {escaped(', '.join(check.sources))}" if check.sources else "",
    ]
    text = "\n".join(part for part in parts if part) + "\n"
    if check.commands:
        lines = "\n".join(f"   {line}" for line in check.commands)
        text += f"\nCommands, with what is in braces filled in by the finding:\n\n.. code-block:: shell\n\n{lines}\n"
    return text


def escaped(text: str) -> str:
    """Text in which reStructuredText finds no markup."""
    for char in "\\*`|_":
        text = text.replace(char, f"\\{char}")
    return text


def page(component: str, checks: dict[str, Any]) -> str:
    """All checks of a component."""
    title = f"Checks: {TITLES[component].lower().replace('gpus', 'GPUs').replace('nfs', 'NFS')}"
    body = "\n".join(paragraph(name, check) for name, check in sorted(checks.items()))
    return f"{HEAD}.. _{LABEL}_{component}:\n\n{heading(title, '=')}\n{body}"


def index(parts: dict[str, dict[str, Any]]) -> str:
    """One table of all checks, and the list of pages."""
    rows = "".join(
        f"   * - :ref:`{name} <{LABEL}.{name.lower()}>`\n     - {check.severity}\n     - {check.act}\n"
        f"     - {escaped(check.title)}\n"
        for checks in parts.values()
        for name, check in sorted(checks.items())
    )
    return (
        f"{HEAD}.. _{LABEL}:\n\n{heading('Checks', '=')}\n"
        "What preflight, check mode, the doctor and the proof after a run look for; all of them use one comparison.\n"
        "An id is never reused. *converge* means that the role which owns the component mends it, *refuse* that a run\n"
        "stops before its first change, *tell* that it is reported and left alone. Where another role needs the\n"
        "component, what its own role would converge is refused.\n\n"
        ".. list-table::\n   :header-rows: 1\n\n   * - Check\n     - Severity\n     - Act\n     - State\n"
        f"{rows}"
    )


def pages() -> dict[Path, str]:
    """Every page with its text."""
    parts = catalogue()
    texts = {PAGES / f"checks_{name}.rst": page(name, checks) for name, checks in parts.items()}
    return {**texts, PAGES / "checks.rst": index(parts)}


def main(arguments: list[str]) -> int:
    """Write, or only compare."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if arguments == ["--check"]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the catalogue makes: run python3 -m tests.env.check_pages")
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
