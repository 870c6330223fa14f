# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that every file of the tree states its licence: by an SPDX line near its top, or through REUSE.toml."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"SPDX-License-Identifier: GPL-3\.0-or-later\b")
HEAD = 1000  # characters; a shebang, a document start or a copyright line may stand above
EXEMPT = {"LICENSE"}  # the licence itself


def tracked_files(root: Path = ROOT) -> list[str]:
    """Return every file that git holds or would take."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(name for name in set(names) if name and (root / name).is_file())


def as_pattern(glob: str) -> re.Pattern[str]:
    """Translate a path of REUSE.toml: ** crosses folders, * doesn't."""
    text = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.compile(text + r"\Z")


def annotated(root: Path = ROOT) -> list[re.Pattern[str]]:
    """Return the patterns of files whose licence REUSE.toml states."""
    table = tomllib.loads((root / "REUSE.toml").read_text(encoding="utf-8"))
    return [as_pattern(glob) for entry in table["annotations"] for glob in entry["path"]]


def unlicensed(root: Path = ROOT) -> list[str]:
    """Return the files that say nothing about their licence. An empty file has nothing to license."""
    patterns = annotated(root)
    missing = []
    for name in tracked_files(root):
        if name in EXEMPT or any(pattern.match(name) for pattern in patterns):
            continue
        head = (root / name).read_bytes()[:HEAD].decode("utf-8", "replace")
        if head and not LINE.search(head):
            missing.append(name)
    return missing


if __name__ == "__main__":
    found = unlicensed()
    print("\n".join(f"{name}: no SPDX line, and REUSE.toml doesn't name it" for name in found))
    sys.exit(1 if found else 0)
