# SPDX-License-Identifier: GPL-3.0-or-later
"""Values, texts and image names that must be refused, and a measurement of each refusal.

As a program it refuses every case under a limit of memory, and prints what each one took.
"""

from __future__ import annotations

import json
import resource
import sys
import time

MIB = 2**20
GPUS = {"gpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4}}
RUN = {"entity": "team-a", "project": "demo", "image": "registry.example.org/team/job:1", "run_id": "run1"}
LIMITS = {"cpu": 4, "memory": "12Gi", "nvidia.com/gpu": "{{gpus}}"}
CONFIG = {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": LIMITS}}]}}}}

VALUES = {
    "newline-bare": "2\ncpu: 400\nhostNetwork: true #",
    "newline-quoted": "2'\nhostPID: true",
    "crlf": "2\r\n",
    "blanks": " 2 ",
    "nul": "2\x00",
    "huge": 1000000000,
    "negative": -1,
    "zero": 0,
    "fraction": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "false": False,
    "empty": "",
    "null": None,
    "octal": "0o17",
    "hexadecimal": "0x10",
    "sexagesimal": "1:30",
    "underscore": "1_000",
    "plus": "+2",
    "full-width": "\uff12",
    "arabic": "\u0662",
    "list": [1, 2],
    "mapping": {"a": 1},
    "5000-digits": "1" * 5000,
    "5000-digit-integer": 10**5000,
    "template": "{{ lookup('pipe','id') }}",
    "macro": "${image_uri}",
    "secret-macro": "${WANDB_API_KEY}",
    "tag": "!!python/object/apply:os.system [id]",
}
VARIABLES = {
    "unknown-given": (GPUS, {"gpu": 2}, CONFIG),
    "declared-unused": (GPUS, {}, {}),
    "used-undeclared": ({}, {}, CONFIG),
    "in-a-key": (GPUS, {}, {"{{gpus}}": 1, "a": "{{gpus}}"}),
    "not-in-the-enum": ({"gpus": {"type": "integer", "enum": [1]}}, {"gpus": 2}, CONFIG),
    "default-outside": ({"gpus": {"type": "integer", "default": 5, "maximum": 4}}, {}, CONFIG),
    "minimum-above-maximum": ({"gpus": {"type": "integer", "minimum": 5, "maximum": 4}}, {"gpus": 5}, CONFIG),
    "float-for-an-integer": (GPUS, {"gpus": 2.0}, CONFIG),
    "10000-variables": ({f"v{i}": {"type": "integer"} for i in range(10_000)}, {}, CONFIG),
}
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
TEXTS = {
    "above-1-mib": "a: " + "x" * MIB,
    "alias-bomb": ALIASES,
    "alias-cycle": "a: &a [*a]",
    "depth-65": "[" * 65 + "]" * 65,
    "depth-65-yaml": "a: " + "[" * 65 + "]" * 65,
    "10001-nodes": "- 1\n" * 10_001,
    "250000-nodes": "- 1\n" * 250_000,
    "duplicate-keys": "a: 1\na: 2",
    "number-key": "1: 2",
    "null-key": "~: 2",
    "true-key": "true: 2",
    "sequence-key": "? [1]\n: 2",
    "python-tag": "a: !!python/object/apply:os.system [id]",
    "unsafe-tag": "a: !unsafe x",
    "binary-tag": "a: !!binary eA==",
    "timestamp-tag": "a: !!timestamp 2026-01-01",
    "tab": "spec:\n\ttemplate: 1",
    "documents": "a: 1\n---\nb: 2",
    "byte-order-mark": "\ufeffa: 1",
    "utf-16": "a: 1".encode("utf-16"),
    "nul": "a: \x00",
    "invalid-utf-8": b"a: \xff",
    "json-trailing-comma": '{"a": 1,}',
    "json-nan": '{"a": NaN}',
    "json-10000-brackets": "[" * 10_000,
    "json-million-brackets": "[" * 1_000_000,
    "json-1e400": '{"a": 1e400}',
    "json-duplicate-keys": '{"a": 1, "a": 2}',
    "json-open-text": '{"' + '\\"' * 500_000,
}
IMAGES = {
    "option": "--privileged",
    "blank": "a b",
    "shell": "$(id)",
    "newline": "job:1\n",
    "upper-case": "Team/Job:1",
    "digest-of-wrong-length": "job@sha256:" + "0" * 63,
    "5-kb": "a" * 5000,
    "look-alike": "j\u043eb:1",
    "empty": "",
    "macro-in-the-suffix": "job:${image_uri}",
    "many-separators": "a" + "-" * 510,
}
CASES = [
    *(("value", name) for name in VALUES),
    *(("variables", name) for name in VARIABLES),
    *(("text", name) for name in TEXTS),
    *(("image", name) for name in IMAGES),
]


def act(kind: str, name: str) -> str:
    """Return what the refusal says; empty when nothing was refused."""
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.predict import predict
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.errors import TextError
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text

    try:
        if kind == "value":
            predict(CONFIG, GPUS, {"gpus": VALUES[name]}, RUN)
        elif kind == "variables":
            declared, values, config = VARIABLES[name]
            predict(config, declared, values, RUN)
        elif kind == "text":
            predict(read_text(TEXTS[name]))
        else:
            predict({}, {}, {}, {**RUN, "image": IMAGES[name]})
    except (LaunchInputError, TextError) as error:
        return str(error)
    return ""


def main() -> None:
    """Refuse every case; print its text, its CPU time and the memory that this process has come to."""
    act("text", "tab")  # imports are no part of a refusal
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 64 * MIB,) * 2)
    for kind, name in CASES:
        began = time.process_time()
        said = act(kind, name)
        json.dump({"case": [kind, name], "said": said, "seconds": time.process_time() - began}, sys.stdout)
        print(flush=True)


if __name__ == "__main__":
    main()
