# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of queue configs, which launch_job_spec and launch_queue report under the same ids."""

from __future__ import annotations

from ..model import ERROR, REFUSE, TELL, WARNING
from .check import Check

KUBECTL = "PATH=$PATH:/usr/local/lib/mlinfra.gpu_launch/bin kubectl"
_MEASURED = "measured with wandb 0.31.0"
_SEE = "the queue's config, in the inputs, or on the server where the inputs have none"

CHECKS: dict[str, Check] = {
    "AGT005": Check(
        ERROR,
        REFUSE,
        "A queue's config has what the agent refuses",
        cause="Since 0.28.1 the agent fails every run whose config has securityContext, hostPath or "
        "serviceAccountToken at any depth, a host namespace, a service account or a bidirectional mount.",
        fix="take it out: a memory-backed emptyDir instead of host IPC, a volume claim instead of a host path; the "
        "agent sets the security context itself",
        see=_SEE,
        sources=("wandb/wandb#12103", "wandb/wandb#12104", _MEASURED),
    ),
    "AGT007": Check(
        WARNING,
        TELL,
        "Pods have 64 MB of /dev/shm",
        cause="That is what container engines give. Data loaders with workers share tensors there and die with a bus "
        "error, and the agent refuses a shared IPC namespace.",
        fix="mount an emptyDir with medium Memory at /dev/shm",
        see=_SEE,
        sources=("pytorch/pytorch#5040", "pytorch/pytorch#16979", "pytorch/pytorch#108861", "pytorch/torchx#428"),
    ),
    "AGT008": Check(
        ERROR,
        REFUSE,
        "Placeholders and template variables don't match",
        cause="A placeholder has no variable or a variable no placeholder, a default is outside its bounds, more GPUs "
        "are allowed than there are, or a macro stands where none is filled in. The client shows none of the server's "
        "words about it.",
        fix="declare each variable that the config uses, with bounds that the machine can meet",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT009": Check(
        WARNING,
        TELL,
        "A queue can block itself",
        cause="A Job that can't be scheduled, or whose image can't be pulled, holds its slot for ever: the start "
        "time-out never counts for Jobs. More Jobs at once than there are GPUs make that the normal case.",
        fix="set spec.activeDeadlineSeconds to the longest run, and max_jobs to no more than the machine can run",
        see="the queue's config, max_jobs, and the machine's GPUs; Jobs of runs whose pod does not start",
        commands=(f"{KUBECTL} --kubeconfig {{kubeconfig}} --namespace {{namespace}} delete job {{job}}",),
        sources=("wandb/wandb#7576", "wandb/wandb#7603", "wandb/wandb#5972", _MEASURED),
    ),
    "AGT012": Check(
        WARNING,
        TELL,
        "Pods of a custom resource carry the API key in clear text",
        cause="Only for Jobs the agent puts the key into a Secret. In any other kind it writes it into the object, "
        "where everybody who may read such objects reads the key.",
        fix="use a Job where it can do the work, and restrict who may read these objects",
        see=_SEE,
        sources=("wandb/wandb#6722", _MEASURED),
    ),
    "AGT018": Check(
        WARNING,
        TELL,
        "generateName is overwritten",
        cause="The agent makes its own generateName out of entity and project.",
        fix="set metadata.name with ${run_id} in it",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT019": Check(
        WARNING,
        TELL,
        "A Job with several completions is never seen to finish",
        cause="The agent takes one success for the end and no other number.",
        fix="use completions 1, or a custom resource",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT020": Check(
        WARNING,
        TELL,
        "A macro that the agent does not know",
        cause="It stays in the manifest as it is, or is filled in from the agent's environment.",
        fix="use a macro of the agent, or write the value",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT021": Check(
        WARNING,
        TELL,
        "${run_name} of a run without a name",
        cause="It becomes the text None, the same for all such runs.",
        fix="use ${run_id}",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT022": Check(
        WARNING,
        TELL,
        "A variable that the agent sets, too",
        cause="The agent appends its own variables to each container, and of two with one name the last one counts.",
        fix="remove it, or use another name",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT023": Check(
        ERROR,
        REFUSE,
        "The config stands below a key kubernetes",
        cause="Examples show that outer key. Sent as a queue's config it makes a plain Job with a stray field, and "
        "what is below it is lost.",
        fix="give what is below kubernetes as the config",
        see=_SEE,
        sources=(_MEASURED,),
    ),
    "AGT043": Check(
        WARNING,
        TELL,
        "An image has no fixed version",
        cause="Without a tag, or with latest, the registry decides with each pull which program runs: two runs of one "
        "queue can differ, and nobody can repeat the first.",
        fix="give a tag other than latest, or a digest",
        see="the queue's config and the run's image",
    ),
    "AGT044": Check(
        WARNING,
        TELL,
        "The cache is mounted where the image does not look",
        cause="Hugging Face and W&B keep their caches in .cache of the home of the user that the image runs as. Below "
        "/root only root finds them, and no other user may enter.",
        fix="mount the cache at .cache in the home of the image's user",
        see="the queue's config, and the user that image_user names",
    ),
}
