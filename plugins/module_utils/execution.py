# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a task function: in a module's own process here, in a worker of the control node in plugin_utils."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from .clock import SystemClock
from .errors import InvalidRequest, ThousandEyesError
from .ledger.location import secrets_in
from .tasks.context import Context

Task = t.Callable[[t.Mapping[str, t.Any], Context], t.Dict[str, t.Any]]

# How an action plugin hands to the module what only the control node knows. Not options, so in no argument spec.
EARLIER_FACTS = "_thousandeyes_snapshots"
PROVENANCE = "_thousandeyes_provenance"


def perform(
    task: Task, params: t.Mapping[str, t.Any], context: Context, nothing: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """The task's result; an error of ours becomes a failure, with ``nothing`` added, here and nowhere else."""
    try:
        return task(params, context)
    except ThousandEyesError as error:
        return {**nothing, **error.result()}


def to_hide(no_log_values: t.Iterable[str], params: t.Mapping[str, t.Any]) -> set[str]:
    """The secrets without the white space around them, as they are used, and the password in the URL of a ledger.

    What is only white space hides nothing.
    """
    return {value.strip() for value in (*no_log_values, *secrets_in(str(params.get("ledger"))))} - {""}


class _Module(AnsibleModule):  # type: ignore[misc]
    """A module whose refused arguments are a failure like every other, and that takes what an action hands over."""

    earlier: list[dict[str, t.Any]]
    provenance: dict[str, str]
    no_log_values: set[str]
    nothing: t.Mapping[str, t.Any] = {}

    def _load_params(self) -> None:
        super()._load_params()
        self.earlier = self.params.pop(EARLIER_FACTS, [])
        self.provenance = self.params.pop(PROVENANCE, {})

    def _log_invocation(self) -> None:
        # Here, since only now the environment is looked into, and the parameters are logged at once.
        self.no_log_values.update(secrets_in(str(self.params.get("ledger"))))
        super()._log_invocation()

    def fail_json(self, msg: str, **kwargs: t.Any) -> None:
        self.no_log_values = to_hide(self.no_log_values, self.params)
        super().fail_json(**{**self.nothing, **InvalidRequest(msg).result(), **kwargs, "msg": msg})


def run_module(
    task: Task,
    argument_spec: dict[str, t.Any],
    rules: t.Mapping[str, t.Any] | None = None,
    nothing: t.Mapping[str, t.Any] | None = None,
) -> None:
    """``rules``: mutually_exclusive and the like. ``nothing``: what the result of a task that did nothing has too."""
    _Module.nothing = nothing or {}
    module = _Module(argument_spec=argument_spec, supports_check_mode=True, **(rules or {}))
    module.no_log_values = to_hide(module.no_log_values, module.params)
    context = Context(
        check_mode=module.check_mode,
        diff_mode=module._diff,
        clock=SystemClock(),
        tell=module.log,
        warn=module.warn,
        earlier=module.earlier,
        provenance=module.provenance,
    )
    result = perform(task, module.params, context, module.nothing)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
