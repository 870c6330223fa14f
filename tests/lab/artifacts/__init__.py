# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the lab builds, one module per kind.

For the other parts of the lab (hosts, services, tests):

    build(names) -> {name: folder}   builds what is missing (with dependencies) and publishes; no names: the demo's set
    path(name) -> folder             of something built; BuildError when it is not

| name | folder holds |
| --- | --- |
| engine | bin/ docker, dockerd, containerd, runc, docker-registry ...: put it first on PATH |
| ocirt | ocirt, the runtime wrapper: only where machine.detect().needs_ocirt |
| labhost-SUITE | rootfs.tar, for `docker import - gpu-launch-lab/host:SUITE`; start it with files/boot.sh |
| cluster-images | cluster.tar, a `docker save` archive: node image and all that Kubernetes starts |
| registry-images | device-plugin.tar, tools.tar, job.tar: archives to push into the registry |
| debian-SUITE, toolkit-repo | signed apt repositories |
| wheels | simple/ and packages/: PEP 503 index |
| apt-key | public.asc, fingerprint; the key itself is in <cache>/signing-key (0700) |
| driver | the stand-in driver's root |
| k8s, minikube, etcd, ... | bin/ with the programs |

`publishing` links what is built into <cache>/www (document root of the HTTP server) and <cache>/bin (docker), and
writes <cache>/checksums.json for the inventory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from .. import config
from ..builder import Artifact, BuildError, Run, keys, with_dependencies
from ..cache import Cache
from . import driver, engine, golang, images, node, publishing, repos, roots, signing, wheels

MODULES = (golang, node, roots, wheels, images, repos, driver, signing, engine)


def table() -> dict[str, Artifact]:
    """Name -> artifact, in the order in which a full build likes to start them."""
    return {artifact.name: artifact for module in MODULES for artifact in module.artifacts()}


def build(names: Iterable[str] = (), say: Callable[[str], None] = print) -> dict[str, Path]:
    """Build what is missing of the names (or of the default set) and return the folders of all of them."""
    known = table()
    order = with_dependencies(known, list(names) or [name for name, artifact in known.items() if artifact.default])
    key = keys(known, order)
    cache = Cache(config.cache_dir())
    run = Run(known, cache, say)
    if not run.missing(order, key):
        publishing.publish(cache.root, run.places)
        return run.places
    with cache.lock():
        try:
            run.build(order, key)
        finally:
            cache.write_all_sums()
        cache.prune(key)
        publishing.publish(cache.root, run.places)
    return run.places


def path(name: str) -> Path:
    """The folder of a built artifact."""
    known = table()
    order = with_dependencies(known, [name])
    place = Cache(config.cache_dir()).find(name, keys(known, order)[name])
    if place is None:
        raise BuildError(f"{name} is not built: run `python3 -m tests.lab build {name}`")
    return place
