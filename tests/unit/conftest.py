# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of all unit tests."""

from hypothesis import settings

settings.register_profile("busy", deadline=None)  # the processors may have more to do than one example
settings.load_profile("busy")
