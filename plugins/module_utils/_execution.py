# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Running a task function: in a module's own process here, in a worker of the control node in plugin_utils."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._core.clock import SystemClock
from ._core.errors import InvalidRequest, ThousandEyesError
from ._core.text import shown
from ._ledger.location import secrets_in
from ._tasks.context import Context

Task = t.Callable[[t.Mapping[str, t.Any], Context], t.Dict[str, t.Any]]
# What the result of a task that did nothing has beside its failure, by its options.
Nothing = t.Callable[[t.Mapping[str, t.Any]], t.Dict[str, t.Any]]

# How an action plugin hands to the module what only the control node knows: fields of Context. No option, so in no
# argument spec.
HANDED = "_thousandeyes"


def no_more(_params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """For a task that returns its failure alone where it did nothing."""
    return {}


def perform(task: Task, params: t.Mapping[str, t.Any], context: Context, nothing: Nothing) -> dict[str, t.Any]:
    """The task's result; an error of ours becomes a failure, with ``nothing`` added, here and nowhere else."""
    clean = context._replace(
        tell=lambda text: context.tell(shown(text)),
        warn=lambda text: context.warn(shown(text)),
    )
    try:
        result = task(params, clean)
    except ThousandEyesError as error:
        result = {**nothing(params), **error.result()}
    return for_people(result)


def for_people(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """With the texts for people as they may be shown. Data stays as it is, since later tasks compare it."""
    texts: dict[str, t.Any] = {"msg": shown(result["msg"])} if "msg" in result else {}
    if "failure" in result:
        texts["failure"] = _with_clean_messages(result["failure"])
    return {**result, **texts}


def _with_clean_messages(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: shown(item) if name == "message" else _with_clean_messages(item) for name, item in value.items()}
    return [_with_clean_messages(item) for item in value] if isinstance(value, list) else value


def refusal(text: str) -> InvalidRequest:
    """The failure for what Ansible says of arguments that it refused."""
    if text.startswith("missing required arguments:") and "api_token" in text:
        text += (
            ". Set api_token, or THOUSANDEYES_API_TOKEN where the task runs. You can make a token in "
            "ThousandEyes, under Account Settings > Users and Roles > User API Tokens. Nothing was sent."
        )
    return InvalidRequest(text)


def given(args: t.Mapping[str, t.Any], argument_spec: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """``args`` without those that need not be given and are empty text, as a survey sends what was left blank.

    Text for a list is split at its commas, as Ansible does it, and loses the blanks beside them.
    """
    specs = {name: spec for option, spec in argument_spec.items() for name in (option, *spec.get("aliases", ()))}
    kept: dict[str, t.Any] = {}
    for name, value in args.items():
        spec = specs.get(name, {"required": True})
        if isinstance(value, dict) and "options" in spec:
            kept[name] = given(value, spec["options"])
        elif isinstance(value, str) and value and spec.get("type") == "list":
            kept[name] = [part.strip() for part in value.split(",")]
        elif value != "" or spec.get("required"):
            kept[name] = value
    return kept


def to_hide(no_log_values: t.Iterable[str], params: t.Mapping[str, t.Any]) -> set[str]:
    """The secrets without the white space around them, as they are used, and the password in the URL of a ledger.

    What is only white space hides nothing.
    """
    return {value.strip() for value in (*no_log_values, *secrets_in(str(params.get("ledger"))))} - {""}


class _Module(AnsibleModule):  # type: ignore[misc]
    """A module whose refused arguments are a failure like every other, and that takes what an action hands over."""

    handed: dict[str, t.Any]
    params: dict[str, t.Any]
    no_log_values: set[str]
    nothing: Nothing = staticmethod(no_more)

    def _load_params(self) -> None:
        super()._load_params()
        self.handed = self.params.pop(HANDED, {})
        self.params = given(self.params, self.argument_spec)

    def _log_invocation(self) -> None:
        # Here, since only now the environment is looked into, and the parameters are logged at once.
        self.no_log_values.update(secrets_in(str(self.params.get("ledger"))))
        options = self.params
        self.params = self._arguments()
        super()._log_invocation()
        self.params = options

    def _return_formatted(self, kwargs: dict[str, t.Any]) -> None:
        super()._return_formatted({"invocation": {"module_args": self._arguments()}, **kwargs})

    def _arguments(self) -> dict[str, t.Any]:
        """The options as they may be shown. Only api_email itself is hidden, and no path or title that contains it."""
        basic = self.params.get("api_version") == "v6" and self.params.get("api_email")
        return {**self.params, "api_email": "NOT_LOGGING_PARAMETER"} if basic else self.params

    def fail_json(self, msg: str, **kwargs: t.Any) -> None:
        self.no_log_values = to_hide(self.no_log_values, self.params)
        error = refusal(msg)
        super().fail_json(**for_people({**self.nothing(self.params), **error.result(), **kwargs, "msg": error.message}))


def run_module(
    task: Task,
    argument_spec: dict[str, t.Any],
    rules: t.Mapping[str, t.Any] | None = None,
    nothing: Nothing = no_more,
) -> None:
    """``rules``: mutually_exclusive and the like."""
    _Module.nothing = staticmethod(nothing)
    module = _Module(argument_spec=argument_spec, supports_check_mode=True, **(rules or {}))
    module.no_log_values = to_hide(module.no_log_values, module.params)
    context = Context(
        check_mode=module.check_mode,
        diff_mode=module._diff,
        clock=SystemClock(),
        tell=module.log,
        warn=module.warn,
        **module.handed,
    )
    result = perform(task, module.params, context, nothing)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
