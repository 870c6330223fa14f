# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the lab's queue: reports its run to the W&B server like a training script, and says which GPUs it got.

Runs as root without capabilities and without internet. The agent sets WANDB_BASE_URL, WANDB_API_KEY, WANDB_PROJECT,
WANDB_ENTITY, WANDB_RUN_ID. `--seconds N`, or JOB_SECONDS (5), is how long it works: with Launch, give it as an override
of the arguments.
"""

import argparse
import os
import re
import subprocess
import time

os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
os.environ.setdefault("WANDB_DIR", "/tmp")
os.environ.setdefault("WANDB_CACHE_DIR", "/tmp/wandb-cache")
os.environ.setdefault("WANDB_CONFIG_DIR", "/tmp/wandb-config")

import wandb


def gpus() -> list[str]:
    """UUIDs of the GPUs in this container; none without the runtime's help."""
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return re.findall(r"UUID: (GPU-[0-9a-f-]+)", done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("JOB_SECONDS", "5")))
    seconds = parser.parse_args().seconds
    settings = wandb.Settings(x_disable_stats=True, x_disable_machine_info=True, disable_git=True, save_code=False)
    with wandb.init(settings=settings) as run:
        found = gpus()
        for uuid in found:
            print(f"GPU {uuid}", flush=True)
        print(f"{len(found)} GPUs for run {run.id}", flush=True)
        run.config.update({"gpus": found})
        end = time.monotonic() + seconds
        step = 0
        while time.monotonic() < end:
            run.log({"step": step, "gpu_count": len(found)})
            step += 1
            time.sleep(min(1.0, max(0.0, end - time.monotonic())))
        run.summary["gpu_count"] = len(found)
    print("done", flush=True)


if __name__ == "__main__":
    main()
