# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements: paired and interleaved, as ratios. Nothing here is a test."""
