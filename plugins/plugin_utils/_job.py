# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What earlier tasks and jobs have left in the facts, what this one leaves, and whether there are others like it."""

from __future__ import annotations

import os
import typing as t

from ansible import constants
from ansible.playbook.task import Task
from ansible.plugins.cache import BaseFileCacheModule
from ansible.plugins.loader import cache_loader
from ansible.release import __version__ as core

from ..module_utils._core.snapshot import LIFETIME

# The name of a folder that each run of ansible-playbook has for itself, whatever plays, loops and includes are in it.
RUN = os.path.basename(constants.DEFAULT_LOCAL_TMP)
_LEDGERS = ("thousandeyes_ledger", "thousandeyes_snapshots")


def snapshots_of_this_run(task_vars: t.Mapping[str, t.Any]) -> list[t.Any]:
    """The records that earlier tasks of this run have left. A cache of facts also keeps those of other runs."""
    records: list[t.Any] = next(
        (facts["thousandeyes_snapshots"] for facts in _facts(task_vars) if _are_of_this_run(facts)), []
    )
    return [record for record in records if isinstance(record, dict)]


def _are_of_this_run(facts: t.Mapping[str, t.Any]) -> bool:
    return facts.get("thousandeyes_run") == RUN and isinstance(facts.get("thousandeyes_snapshots"), list)


def ledger_in_facts(task_vars: t.Mapping[str, t.Any]) -> tuple[str, t.Any]:
    """The name of the fact that is the ledger, and its value. Earlier versions had none of its own."""
    found = ((name, facts[name]) for name in _LEDGERS for facts in _facts(task_vars) if name in facts)
    return next(found, (_LEDGERS[0], []))


def _facts(task_vars: t.Mapping[str, t.Any]) -> list[t.Mapping[str, t.Any]]:
    facts = task_vars.get("ansible_facts", {})
    # Up to ansible-core 2.20, a loop's earlier items leave theirs one level deeper.
    return [layer for layer in (facts.get("ansible_facts"), facts) if isinstance(layer, dict)]


def facts_lost(job: t.Mapping[str, str], task_vars: t.Mapping[str, t.Any], task: Task) -> str | None:
    """Why later jobs would not find what the task did in facts, where that can be told. Not a sentence yet.

    ``job``: its provenance.
    """
    host = task_vars.get("inventory_hostname", "")
    version = tuple(map(int, core.split(".")[:2]))
    name, kept = ledger_in_facts(task_vars)
    if not isinstance(kept, list) or not all(isinstance(record, dict) for record in kept):
        return f"the fact {name} of this host is not the list of snapshots that these tasks leave there"
    if task.delegate_facts:
        # Earlier facts are read from this host.
        return "delegate_facts gives them to another host"
    if task.run_once and len(task_vars.get("ansible_play_hosts_all", ())) > 1:
        return "run_once gives those of one host to all hosts of the play, in place of their own"
    try:
        cache, found = cache_loader.get_with_context(constants.CACHE_PLUGIN)
    except Exception as error:
        # Ansible warns, and does without it.
        text = f"they end with the playbook, since their cache, {constants.CACHE_PLUGIN}, does not work: {error}"
        return text.rstrip(".")
    if cache is None or found.resolved_fqcn == "ansible.builtin.memory":
        return (
            f"they end with the playbook, since there is no cache for them but {constants.CACHE_PLUGIN!r} "
            "(fact_caching in ansible.cfg, or fact storage of the job template)"
        )
    if "/" in host and isinstance(cache, BaseFileCacheModule) and version < (2, 21):
        return f"ansible-core {core} cannot write those of a host with a slash in its name, {host}, into a file"
    if "job_id" in job:
        # It writes the files of the cache anew for each job, so their age does not count; but in the names and the
        # format of older ansible-cores, and newer ones find nothing in them, without a word.
        if version >= (2, 19):
            return f"a controller exchanges facts with ansible-core up to 2.18 only, and this is {core}"
        # Neither the implicit localhost nor a host of add_host has one.
        if task_vars.get("inventory_file") is None:
            return f"a controller keeps those of hosts in its inventory, and {host} is not among them"
        # A setting of the controller, which it tells its jobs. Facts that are older it does not write.
        timeout = os.environ.get("ANSIBLE_FACT_CACHE_TIMEOUT", "")
        return _forgotten(int(timeout) if timeout.isdecimal() else 0, "Per-Host Ansible Fact Cache Timeout")
    return _forgotten(constants.CACHE_PLUGIN_TIMEOUT, "fact_caching_timeout in ansible.cfg")


def _forgotten(after: float, setting: str) -> str | None:
    """``after``: seconds; 0 for never. Less is at once."""
    enough = LIFETIME.total_seconds()
    return (
        f"they are forgotten after {after} seconds, before the snapshots expire ({setting}; {enough:.0f} or 0 will do)"
        if after != 0 and after < enough
        else None
    )


def slice_of(job: t.Mapping[str, str]) -> str | None:
    """How the job is known to be a slice. A controller makes a workflow of the template's own name for the slices."""
    template = job.get("job_template")
    if template is None or template != job.get("workflow_job"):
        return None
    return f"Job {job.get('job_id')} is a slice of the job template {template!r}, or its workflow bears the same name"
