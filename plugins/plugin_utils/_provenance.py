# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Who runs this: the playbook, the user and, in AWX or automation controller, the job."""

from __future__ import annotations

import os
import pwd
import socket
import typing as t

from ansible import context

_LONGEST = 200

# By the names that AWX and automation controller give the variables of each job, without their prefix. A workflow job
# has the name of its template.
_OF_A_JOB = {
    "job_id": ("job_id",),
    "job_template": ("job_template_name",),
    "launch_type": ("job_launch_type",),
    "launched_by": ("user_name",),
    "schedule": ("schedule_name", "parent_job_schedule_name"),
    "workflow_job_id": ("workflow_job_id",),
    "workflow_job": ("workflow_job_name",),
    "project_revision": ("project_revision",),
    "execution_node": ("execution_node",),
}
# Newer controllers can do without the first.
_PREFIXES = ("awx_", "tower_")


def provenance(task_vars: t.Mapping[str, t.Any]) -> dict[str, str]:
    """What is known of it, as one line of text each. Of the variables, only those that name the play and the job."""
    known = {
        "playbook": _playbook(),
        "play": task_vars.get("ansible_play_name"),
        "user": _user(),
        "node": socket.gethostname(),
    }
    for key, names in _OF_A_JOB.items():
        variables = [prefix + name for name in names for prefix in _PREFIXES]
        known[key] = next((text for text in map(_line, map(task_vars.get, variables)) if text), None)
    return {key: text for key, text in ((key, _line(value)) for key, value in known.items()) if text}


def _playbook() -> str | None:
    """As given on the command line, but of a path that leads out of the working directory only the file's name."""
    given = context.CLIARGS.get("args")
    # It is text for other programs than ansible-playbook, and means hosts there.
    return ", ".join(map(_shown, given)) if isinstance(given, (list, tuple)) else None


def _shown(path: str) -> str:
    path = os.path.normpath(path)
    return os.path.basename(path) if path.startswith((os.sep, os.pardir)) else path


def _user() -> str:
    """Not as the environment says, which the play can set. A container may run as a user without a name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _line(value: t.Any) -> str:
    """Empty for what is neither text nor a number: a vaulted value too is neither."""
    if not isinstance(value, (str, int)):
        return ""
    shown = "".join(mark for mark in str(value) if mark.isspace() or mark.isprintable())
    return " ".join(shown.split())[:_LONGEST]
