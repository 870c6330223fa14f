# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of the package."""

from __future__ import annotations


class ExportError(ValueError):
    """An export that must not be written; the text says what was found and what to set."""
