# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Modules import this first: it says that Python is too old. So it and they must be fit for Python 3.6 up to here.

ansible-core 2.16 still runs modules there, and then shows nothing but a traceback.
"""

import json
import platform
import sys

if sys.version_info < (3, 9):
    text = "This module needs Python 3.9 or newer where it runs, and {0} is Python {1}. Nothing was created.".format(
        sys.executable, platform.python_version()
    )
    failure = {"code": "missing_library", "status": None, "message": text, "retry_at": None, "details": {}}
    sys.stdout.write(json.dumps({"failed": True, "changed": False, "msg": text, "failure": failure}))
    raise SystemExit(1)
