# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let ansible-test make its environments where only package indexes can be reached.

ansible-test puts pip into them by a script that it downloads from a host of its own, unless the script lies in its
cache. This puts one there for the ansible-core beside the Python that runs this. A script that is there stays.
"""

from __future__ import annotations

import platform
from pathlib import Path
from types import SimpleNamespace

# From ansible-core 2.16 to 2.21, this says which pip a Python gets, and the script's name ends with its version.
from ansible_test._internal.python_requirements import get_venv_packages

# Called with the versions to install, as pip's own get-pip.py, and with two options of that script that pip lacks.
SCRIPT = """\
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"])
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "pip", "install"] + wanted)
"""


def main() -> None:
    python = SimpleNamespace(version=".".join(platform.python_version_tuple()[:2]))
    version = get_venv_packages(python)["pip"]
    script = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    if not script.exists():
        script.write_text(SCRIPT, encoding="utf-8")


if __name__ == "__main__":
    main()
