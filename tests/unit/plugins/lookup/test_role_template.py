# SPDX-License-Identifier: GPL-3.0-or-later
"""role_template renders what Ansible's own template lookup renders."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar

ROLES = Path(__file__).resolve().parents[4] / "roles"
NAME = "mlinfra.gpu_launch.role_template"
KNOWN = {
    "minikube_gpu_profile": "minikube",
    "minikube_gpu_user": "minikube-gpu",
    "minikube_gpu_home": "/srv/a\\b",
    "minikube_gpu_start_timeout": "900",
    "__minikube_gpu_bin": "/usr/local/lib/x/bin",
    "__minikube_gpu_extra": {"HTTP_PROXY": "http://p%20q:3128", "NO_PROXY": ""},
}


def looked_up(name, terms, **options):
    """Return what a lookup of this name gives."""
    loader = DataLoader()
    templar = Templar(loader, variables=dict(KNOWN))
    plugin = lookup_loader.get(name, loader=loader, templar=templar)
    return plugin.run(terms, dict(KNOWN), **options)


def test_the_same_as_the_original():
    path = ROLES / "minikube_gpu/templates/minikube-gpu.service.j2"
    text = looked_up(NAME, ["minikube_gpu/minikube-gpu.service.j2"])
    assert text == looked_up("ansible.builtin.template", [str(path)])
    assert "HOME=/srv/a\\b " in text[0]
    assert 'Environment="HTTP_PROXY=http://p%%20q:3128"' in text[0]
    assert text[0].endswith("multi-user.target\n")


def test_extra_variables_count_for_it_alone():
    text = looked_up(NAME, ["minikube_gpu/minikube-gpu.service.j2"], extra={"minikube_gpu_user": "alice"})
    assert "User=alice" in text[0]
    assert KNOWN["minikube_gpu_user"] == "minikube-gpu"


@pytest.mark.parametrize("term", ["minikube_gpu/none.j2", "nobody/x.j2", "x.j2", ""])
def test_a_wrong_name_is_named(term):
    with pytest.raises(AnsibleLookupError, match="role_template: no template"):
        looked_up(NAME, [term])
