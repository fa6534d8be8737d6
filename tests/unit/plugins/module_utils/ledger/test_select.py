# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.location import secrets_in
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.none import NoLedger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.sqlite import SqliteLedger
from support.python_apart import run_python


@pytest.mark.parametrize("location", ["/var/lib/x.sqlite3", "~/x.sqlite3", "$HOME/x.sqlite3"])
def test_paths(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    ledger = open_ledger(location, SystemClock())
    assert isinstance(ledger, SqliteLedger)
    assert ledger._path in ("/var/lib/x.sqlite3", "/home/somebody/x.sqlite3")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_urls(scheme: str) -> None:
    pytest.importorskip("psycopg")
    ledger: t.Any = open_ledger(f"{scheme}://me:secret@host:1,[::1]/x?application_name=y", SystemClock())
    assert type(ledger).__name__ == "PostgresqlLedger"
    assert ledger._shown == "postgresql://me@host:1,::1/x"


@pytest.mark.parametrize(
    ("location", "secrets"),
    [
        ("/var/lib/me:secret@host", set()),
        ("none", set()),
        ("postgresql://host/x", set()),
        ("postgresql://me@host:5432/x", set()),
        ("postgresql://me:s%2Fcret@host:5432/x", {"s%2Fcret", "s/cret"}),
        ("postgres://host/x?user=me&password=s%26cret&sslmode=require", {"s%26cret", "s&cret"}),
        ("postgresql://host:5432/x?application_name=me%40here&sslmode=require", set()),
        ("postgresql://a:1,[::1]:2,c/x?", set()),
        ("postgres://host/x?pass%77ord=secret", {"secret"}),
        ("postgres://host/x?password=?secret&user=?", {"?secret"}),
        ("postgres://host/x?oauth_client_secret=a&scram_client_key=b&scram_server_key=c&PASSWD=d", set("abcd")),
        *(
            # What may be misspelt is a secret as a whole.
            (location, {location})
            for location in (
                "postgresql://host:5432/x?application_name=me@here",
                "postgres://me:se?cret@host/x",
                "postgres://me:s@cret@host/x",
                "postgres://me:s/c@ret@host/x",
                "postgres://me:12/c@host/x",
                "postgres://me:12?a=b@host/x",
                "postgres://me:secret",
                "postgres://me:secret/x",
                "postgres://host/x?user=me;password=secret",
                "mysql://me:secret",
                "postgresql:me:secret",
                "me:secret",
            )
        ),
        ("postgresql+psycopg://me:secret@host/x", {"postgresql+psycopg://me:secret@host/x"}),
        (" postgresql://me:secret@host/x", {" postgresql://me:secret@host/x"}),
        ("PostgreSQL://me:secret@host/x", {"PostgreSQL://me:secret@host/x"}),
        ("postgresql:/me:secret@host/x", {"postgresql:/me:secret@host/x"}),
        ("host=h password=secret", {"host=h password=secret"}),
        ("~/a@b=c/ledger", set()),
        ("$HOME/a@b=c/ledger", set()),
    ],
)
def test_secrets(location: str, secrets: set[str]) -> None:
    assert secrets_in(location) == secrets


def test_none() -> None:
    assert isinstance(open_ledger("none", SystemClock()), NoLedger)


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("", "''"),
        ("None", "'None'"),
        ("fact", "'fact'"),
        ("facts", "'facts'"),
        ("ledger.sqlite3", "'ledger.sqlite3'"),
        ("./x", "'./x'"),
        ("mysql://me:secret@host/x", "'mysql'"),
        ("PostgreSQL://me:secret@host/x", "'PostgreSQL'"),
        ("postgresql:/me:secret@host/x", "this"),
        ("me:secret@://host", "this"),
        ("host=h password=secret", "this"),
    ],
)
def test_everything_else_is_refused(location: str, told: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        open_ledger(location, SystemClock())
    assert error.value.message.startswith(f"ledger: {told} is not known. Give ")
    assert "secret" not in error.value.message


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("$UNSET/x", "'UNSET'"),
        ("/x/${UNSET}/y", "'UNSET'"),
        ("~/$EMPTY/x", "'EMPTY'"),
        ("/x/${}", "''"),
        ("~no.such.user/x", "~no.such.user leads nowhere"),
    ],
)
def test_what_leads_nowhere_is_refused(location: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And makes no new, empty ledger in another place."""
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("UNSET", raising=False)
    with pytest.raises(InvalidRequest, match="^ledger: ") as error:
        open_ledger(location, SystemClock())
    assert told in error.value.message


def test_a_home_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as any user."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda _uid: {}["nobody"])
    with pytest.raises(InvalidRequest, match="ledger: ~ leads nowhere.* ANSIBLE_HOME or HOME"):
        open_ledger("~/x", SystemClock())


WITHOUT = """
from support.python_apart import Poison
Poison(["_sqlite3", "psycopg"], lambda name: {error}).take()
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import MissingLibrary
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
open_ledger("none", SystemClock())
try:
    {opened}
except MissingLibrary as error:
    print(error.message)
"""
FACTS = (
    "from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.facts import FactsLedger; "
    "FactsLedger([], SystemClock(), {})"
)


@pytest.mark.parametrize("error", ["ImportError('not there')", "AttributeError('broken')"])
@pytest.mark.parametrize(
    "opened", ["open_ledger('/x', SystemClock())", "open_ledger('postgresql://h/x', SystemClock())", FACTS]
)
def test_a_library_that_is_missing_or_broken(opened: str, error: str) -> None:
    """It is in the way only of the ledgers that need it, which tell why, and of which Python."""
    code = WITHOUT.replace("{error}", error).replace("{opened}", opened)
    done = run_python(code)
    assert f"in {sys.executable} (Python " in done.stdout and f": {error.partition('(')[0]}: " in done.stdout
    assert error.split("'")[1] in done.stdout


def test_the_default_follows_the_home_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ansible-core finds it out, before it takes the default of the option."""
    options = pytest.importorskip("ansible_collections.community.thousandeyes.plugins.module_utils._options")
    parameters = pytest.importorskip("ansible.module_utils.common.parameters", reason="there is no ansible-core here")

    def ledger() -> t.Any:
        params: dict[str, t.Any] = {}
        parameters.set_fallbacks(options.LEDGER, params)
        return params.get("ledger")

    for name in ("THOUSANDEYES_LEDGER", "ANSIBLE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert ledger() is None
    monkeypatch.setenv("ANSIBLE_HOME", "/srv/ansible")
    assert ledger() == "/srv/ansible/thousandeyes/ledger.sqlite3"
    monkeypatch.setenv("THOUSANDEYES_LEDGER", "none")
    assert ledger() == "none"
