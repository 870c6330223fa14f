# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the place of the get-pip script that ansible-test --venv downloads, where only PyPI is reachable.

sanity.sh copies it to .ansible/test/cache/get_pip_24_2.py, the name that ansible-test 2.19 looks for.
"""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys

env = dict(os.environ)  # ensurepip sets PIP_CONFIG_FILE=/dev/null for the rest of the process
ensurepip.bootstrap()
args = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]  # get-pip's own, unknown to pip
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--upgrade", *args], env=env))
