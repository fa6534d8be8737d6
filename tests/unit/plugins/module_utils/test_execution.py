# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

basic = pytest.importorskip("ansible.module_utils.basic", reason="there is no ansible-core here")

from ansible_collections.community.thousandeyes.plugins.module_utils.execution import _Module  # noqa: E402
from ansible_collections.community.thousandeyes.plugins.module_utils.options import LEDGER  # noqa: E402


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
