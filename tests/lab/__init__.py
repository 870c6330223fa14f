# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole chain without a GPU: builds everything from package registries and runs it on lab hosts."""
