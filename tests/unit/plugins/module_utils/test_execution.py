# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

basic = pytest.importorskip("ansible.module_utils.basic", reason="there is no ansible-core here")

from ansible_collections.community.thousandeyes.plugins.module_utils._execution import (  # noqa: E402
    _Module,
    for_people,
    given,
    refusal,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._options import CONNECTION, LEDGER  # noqa: E402


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize(
    "ledger", ["postgresql://host/x?password=hunter2", "postgresql://me:hunter2@host/x", "host=h password=hunter2"]
)
def test_the_systems_log_has_no_password_of_a_ledger(monkeypatch: pytest.MonkeyPatch, ledger: str, given: bool) -> None:
    """Nor if the ledger comes from the environment, as in a controller."""
    monkeypatch.setenv("THOUSANDEYES_LEDGER", ledger)
    arguments: dict[str, t.Any] = {"ANSIBLE_MODULE_ARGS": {"ledger": ledger} if given else {}}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    logged: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _self, text, log_args: logged.append(f"{text} {log_args}"))
    assert _Module(argument_spec=LEDGER).params["ledger"] == ledger
    assert "ledger" in str(logged) and "hunter2" not in str(logged)


@pytest.mark.parametrize("version", ["v6", "v7"])
def test_an_email_is_hidden_where_it_is_a_credential(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    """In the options, as Ansible shows and logs them. A path with the address in it is what it is."""
    ann = "ann@example.com"
    options = {"api_token": "hunter2", "api_email": ann, "api_version": version, "ca_path": f"/{ann}"}
    # Without that, newer ones show no invocation; older ones do not know it.
    inject = {f"_ansible_{name}": True for name in ("inject_invocation",) if name in basic.PASS_VARS}
    arguments = {"ANSIBLE_MODULE_ARGS": {**options, **inject}}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    logged: list[t.Any] = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _self, text, log_args: logged.append(log_args))
    with pytest.raises(SystemExit):
        _Module(argument_spec=CONNECTION).exit_json(path=f"/home/{ann}/x", token="hunter2")
    printed = capsys.readouterr().out
    told = json.loads(printed)
    options = told["invocation"]["module_args"]
    hidden = ["NOT_LOGGING_PARAMETER", "NOT_LOGGING_PARAMETER"]
    seen = [ann, ann]
    assert [options["api_email"], logged[0]["api_email"]] == (hidden if version == "v6" else seen)
    assert (told["path"], options["ca_path"]) == (f"/home/{ann}/x", f"/{ann}")
    assert "hunter2" not in printed + str(logged)


def test_what_a_survey_left_blank_is_not_given() -> None:
    spec = {
        "must": {"type": "str", "required": True},
        "may": {"type": "int", "default": 5, "aliases": ["might"]},
        "more": {"type": "dict", "options": {"one": {"type": "float"}, "two": {"type": "str", "required": True}}},
    }
    blank = {"must": "", "may": "", "might": "", "more": {"one": "", "two": ""}, "unknown": ""}
    assert given(blank, spec) == {"must": "", "more": {"two": ""}, "unknown": ""}
    full = {"must": " ", "may": 0, "might": False, "more": {"one": None}, "unknown": []}
    assert given(full, spec) == full


def test_a_list_as_text_has_no_blanks_beside_its_commas() -> None:
    spec = {"tests": {"type": "list", "elements": "str"}, "name": {"type": "str"}, "more": {"type": "list"}}
    options = {"tests": "Web shop, Nope ,\n817", "name": "a, b", "more": [" kept "]}
    assert given(options, spec) == {"tests": ["Web shop", "Nope", "817"], "name": "a, b", "more": [" kept "]}
    assert given({"tests": "", "more": 7}, spec) == {"more": 7}


def test_where_to_get_a_token_is_told() -> None:
    """And of other options that are missing, what Ansible says."""
    told = "missing required arguments: api_token, display_name"
    text = refusal(told).message
    assert text.startswith(f"{told}. Set api_token, or THOUSANDEYES_API_TOKEN where the task runs. ")
    assert "User API Tokens. Nothing was sent." in text
    other = "missing required arguments: display_name"
    assert refusal(other).message == other


def test_only_the_texts_of_a_failure_are_changed() -> None:
    hostile = "a\x1b[2J"
    failures = [{"test": hostile, "message": hostile}]
    result = {"msg": hostile, "data": hostile, "failure": {"message": hostile, "details": {"failures": failures}}}
    clean = "a\\u001b[2J"
    assert for_people(result) == {
        "msg": clean,
        "data": hostile,
        "failure": {"message": clean, "details": {"failures": [{"test": hostile, "message": clean}]}},
    }
    assert for_people({"data": hostile}) == {"data": hostile}


def test_a_title_does_not_command_the_terminal() -> None:
    assert for_people({"changed": True, "msg": "a\x1b[2J"}) == {"changed": True, "msg": "a\\u001b[2J"}
