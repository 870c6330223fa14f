# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter openpgp_fingerprints."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.openpgp.keyring import (
    KeyringError,
    primary_fingerprints,
)


def openpgp_fingerprints(value: Any, lenient: bool = False) -> list[str]:
    """Return the fingerprints of the primary keys in a key file given in base64."""
    if not isinstance(value, str):
        raise AnsibleFilterError(f"openpgp_fingerprints: text in base64 is needed, not {type(value).__name__}")
    try:
        return primary_fingerprints(base64.b64decode(value, validate=True))
    except binascii.Error as error:
        raise AnsibleFilterError("openpgp_fingerprints: the text is not base64") from error
    except KeyringError as error:
        if lenient:
            return []
        raise AnsibleFilterError(f"openpgp_fingerprints: the file {error}") from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name and function."""
        return {"openpgp_fingerprints": openpgp_fingerprints}
