# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What somebody else may have put in the way of a file, in a folder that everybody can write to, such as /tmp.

What is in such a folder is used only if it is of the user that runs the task, or of root. Folders of a group are not
looked at: they are shared on purpose.
"""

from __future__ import annotations

import errno
import os
import stat

_MOST_LINKS = 40


def check_place(path: str) -> bool:
    """Whether a link is there. :raises OSError: somebody else has put there what is there, and could do so."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    if status.st_uid not in (0, os.geteuid()) and os.stat(os.path.dirname(path)).st_mode & stat.S_IWOTH:
        raise OSError(
            f"{path} belongs to another user (uid {status.st_uid}), in a folder that everybody can write to; use a "
            "folder that only those who share the ledger can write to"
        )
    return stat.S_ISLNK(status.st_mode)


def without_links(path: str) -> str:
    """As os.path.realpath, and each part that is there is checked, links before they are followed.

    :raises OSError: somebody else has put one of them there, and could do so.
    """
    links = 0
    todo = path.split("/")[::-1]
    done = "/"
    while todo:
        name = todo.pop()
        if name == "..":
            done = os.path.dirname(done)
        elif name not in ("", "."):
            place = os.path.join(done, name)
            if check_place(place):
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                target = os.readlink(place)
                done = "/" if target.startswith("/") else done
                todo += target.split("/")[::-1]
            else:
                done = place
    return done
