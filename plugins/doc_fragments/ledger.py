# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options in _options.LEDGER and _options.QUOTA, for people."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ledger:
    description:
      - Where the collection records which snapshots exist or were attempted. Without such a record, there is no way to
        know, since the API can neither list share links nor recognize a repeated request.
      - The path of a file, absolute or from C(~) or a variable like C($HOME), on a file system of the machine itself.
        It and its folder are created when the first snapshot is, readable by their owner only, since who knows a share
        link can view it. A path with a variable that is not set or is empty, or from the home of a user that does not
        exist, is refused.
      - In a folder that everybody can write to, such as C(/tmp), and below it, a file, folder or link is used only if
        it belongs to the user of the task or to root, since others could have put it there. To share a file on purpose,
        use a folder that only those who share it can write to.
      - C(postgresql://user@host/database) is a ledger for several nodes, in a PostgreSQL database. It needs the Python
        library C(psycopg), version 3, where the task runs. What is not in the URL comes from the variables and files of
        libpq, as C(PGPASSFILE), C(PGPASSWORD) or C(PGSSLMODE), so that the password need not stand in the URL. If it
        does, its special characters must be percent-encoded, and it is in no result and no message.
      - The schema C(thousandeyes_ledger) is made in that database when the first snapshot is, by a role that may create
        schemas there. After that, others need only C(USAGE) of the schema and C(SELECT), C(INSERT) and C(UPDATE) of its
        tables; to read it, C(USAGE) and C(SELECT). Where a later version of the collection changes the schema, the role
        that owns it must be the first to use it. New tables are given the rights that the others have. Who can
        read it can view the share links.
      - A ledger that a later version of the collection has only extended is still used by this one, so the nodes can be
        brought up to date one after the other. A ledger that says that this version is too old for it is refused, but
        the outcome of a request that is under way is kept in it.
      - Who owns the schema or its tables can make PostgreSQL run code with the rights of each role that uses them. So
        that must be a role that all of these trust, and roles that use the ledger should have no other rights. Tables
        with triggers, rules, row-level security or heirs are refused, and views in their place; defaults and
        constraints, which can run code too, are not looked at.
      - The task waits for each answer of the database for up to 60 seconds. If none comes before the request, the task
        fails and nothing is sent. If none comes after it, the task returns its result with a warning. For a server that
        is starting, or has no room for another connection, the task waits for up to 30 seconds.
      - Where a process or node ended in the middle of its request, a private snapshot that exists is found at once.
        That it does not exist is concluded only eleven minutes after the request, since the connection to the database
        may be lost while the request is still under way. The task waits until then, and fails for a share link ten
        minutes after the request. It does not wait with C(on_unknown=adopt), by which a person says that it exists.
        Where a clock may have been set since the request, the task itself waits for eleven minutes. With a file, it
        waits for one minute then.
      - The promise is as durable as the database. Where it is failed over to another server, that must be a synchronous
        standby. A pooler between the two must be in session mode.
      - V(facts) keeps the records in the fact C(thousandeyes_ledger) of the host alone, for those who have a cache of
        facts and nothing else. Where it is not there, C(thousandeyes_snapshots) is read in its place, which was the
        ledger in earlier versions. It promises less. The facts are saved as Ansible and its cache do it, in a
        controller only when the job ends and if it ran to its end. Jobs that run at the same time do not see what the
        others create. An answer that was lost is looked for by the same task, and forgotten when it ends. Only the
        creations in this host's facts count towards the quota, and all of them at the host of O(api_url) count for
        C(organization). Who created a snapshot is not kept. Who can read the cache, whose files C(jsonfile) lets all
        users of the machine read, or can see the hosts of a controller's inventory, can view the share links.
      - Ansible keeps no facts of a task that failed, not with C(ignore_errors) or by C(failed_when) either. If one item
        of a loop fails, it keeps those of no item. So what the task did create is created again, unless a rescue keeps
        C(ansible_failed_result.ansible_facts.thousandeyes_ledger) as the fact of this name. After a loop, the facts are
        in C(ansible_failed_result.results[n].ansible_facts), and the last of these has those of the items before it,
        too. With C(retries), they are those of the last try, which may have none.
      - V(facts) is refused where the facts would be gone for sure. These are plays without a cache of facts, or with
        one that Ansible cannot use; one that forgets before the snapshots expire, as by the default
        C(fact_caching_timeout) of a day; before ansible-core 2.21, a cache of files for a host with a slash in its
        name; C(delegate_facts); C(run_once) in a play of several hosts; tasks that are C(async), or delegated to a host
        whose connection is not local; and in a controller, hosts that are not in its inventory, as the implicit
        C(localhost) or one of M(ansible.builtin.add_host); there, too, a setting Per-Host Ansible Fact Cache Timeout
        that is shorter than the life of a snapshot; and ansible-core 2.19 or newer, with which controllers do not
        exchange facts. That version does not find in a cache what older ones have left there, either. V(facts) is
        refused, too, for a title or a name of a test in which the value of O(api_token) occurs, since Ansible hides it
        in facts.
      - In a slice of a sliced job, only C(postgresql://) is taken, since slices do not share the others.
      - V(none) keeps nothing, so every task creates a snapshot.
      - If not given, E(THOUSANDEYES_LEDGER) is used. If that is not set, but C(ANSIBLE_HOME) is, the default is
        C(thousandeyes/ledger.sqlite3) in that folder.
    type: str
    default: ~/.ansible/thousandeyes/ledger.sqlite3
"""

    QUOTA = r"""
options:
  organization:
    description:
      - Whose creation quota is used; any name. For a ledger that serves several organizations.
      - If not given, it is the host of O(api_url).
    type: str
  quota_limit:
    description:
      - How many snapshots the organization may create within O(quota_window).
      - The ledger knows of those that were created with it. Where others use up the quota, the API answers 429, and
        the task waits as it is told.
    type: int
    default: 5
  quota_window:
    description:
      - The time for which O(quota_limit) holds, in seconds.
    type: int
    default: 300
  quota_wait:
    description:
      - Longest time to wait for the quota in all, in seconds. V(0) never waits.
      - Where it is too short, the task fails at once, with the time from which it would succeed.
    type: int
    default: 900
"""
