# SPDX-License-Identifier: GPL-3.0-or-later
"""A W&B server for the lab: Launch queues, agents and runs. Standard library only; see `--help` of the package."""
