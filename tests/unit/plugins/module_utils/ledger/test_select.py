# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pwd
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils.errors import InvalidRequest
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.location import secrets_in
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.none import NoLedger
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.sqlite import SqliteLedger


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
        ("$UNSET/x", "'$UNSET/x'"),
        ("host=h password=secret", "this"),
    ],
)
def test_everything_else_is_refused(location: str, told: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        open_ledger(location, SystemClock())
    assert error.value.message.startswith(f"ledger: {told} is not known; give ")
    assert "secret" not in error.value.message


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as any uid."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: {}[uid])
    with pytest.raises(InvalidRequest, match="no HOME, .* Set ledger, THOUSANDEYES_LEDGER, ANSIBLE_HOME or HOME"):
        open_ledger("~/.ansible/thousandeyes/ledger.sqlite3", SystemClock())


def test_the_default_follows_the_home_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ansible-core finds it out, before it takes the default of the option."""
    options = pytest.importorskip("ansible_collections.community.thousandeyes.plugins.module_utils.options")
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
