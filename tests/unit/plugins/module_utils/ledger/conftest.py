# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine below a folder."""

import pytest


@pytest.fixture
def box(tmp_path):
    from .machines import Box  # the collection can be imported once pytest-ansible has set the path

    return Box(tmp_path)
