# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Running a task function in the worker process of the control node, with what Ansible does for a module."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._core.clock import SystemClock
from ..module_utils._core.errors import InvalidRequest, MissingLibrary
from ..module_utils._core.libraries import importing
from ..module_utils._execution import HANDED, Nothing, Task, for_people, given, no_more, perform, refusal, to_hide
from ..module_utils._tasks.context import IN_FACTS, Context
from ._job import RUN, facts_lost, ledger_in_facts, slice_of, snapshots_of_this_run
from ._provenance import provenance

display = Display()


class Work(t.NamedTuple):
    """What a task does, and with which options."""

    argument_spec: dict[str, dict[str, t.Any]]
    task: Task
    rules: t.Mapping[str, t.Any] = {}
    nothing: Nothing = no_more


class ControlNodeAction(ActionBase):  # type: ignore[misc]
    """An action that does the work of the module of its name in process, without a connection to the play's host.

    It hands over to the module where the task is delegated to a host whose connection is not local, or is async.
    """

    TRANSFERS_FILES = False
    # Otherwise a connection of a kind that persists, such as network_cli, would be opened for nothing.
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = True

    module_name: str
    # Whether there is a module that can do the work on another host.
    elsewhere = True

    def __init_subclass__(cls) -> None:
        # Here, so that the processes of the tasks, which are forks, find it loaded. Where it cannot be, they say why:
        # an error while Ansible loads an action would end the whole playbook.
        with contextlib.suppress(MissingLibrary):
            _prepared(cls.work)

    @staticmethod
    def work() -> Work:
        """Imports what the task needs."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        args = {name: _plain(value) for name, value in self._task.args.items()}
        handed = {
            "earlier": _plain(snapshots_of_this_run(task_vars)),
            "run": RUN,
            "provenance": provenance(task_vars),
        }
        if self._task.async_val or (self._task.delegate_to and self._connection.transport != "local"):
            if not self.elsewhere:
                text = f"{self.module_name} runs on the control node only: use neither async nor delegate_to."
                return InvalidRequest(text).result()
            result: dict[str, t.Any] = self._execute_module(
                module_name=self.module_name,
                module_args={**args, HANDED: handed},
                task_vars=task_vars,
                wrap_async=bool(self._task.async_val),
            )
            return result
        try:
            work, validator = _prepared(self.work)
        except MissingLibrary as error:
            return for_people(error.result())
        return self._in_process(work, validator, given(args, work.argument_spec), handed, task_vars)

    def _in_process(
        self,
        work: Work,
        validator: ArgumentSpecValidator,
        args: dict[str, t.Any],
        handed: dict[str, t.Any],
        task_vars: dict[str, t.Any],
    ) -> dict[str, t.Any]:
        with self._task_environment():
            validation = validator.validate(args)
        secrets = to_hide(validation._no_log_values, validation.validated_parameters)
        warnings = [
            f"Both option {option} and its alias {alias} are set."
            for option, alias in ((warning["option"], warning["alias"]) for warning in validation._warnings)
        ]
        if validation.error_messages:
            text = validation.errors.msg
            if isinstance(validation.errors[0], UnsupportedError):
                text = f"Unsupported parameters for ({self.module_name}) module: {text}"
            result = for_people({**work.nothing(args), **refusal(text).result()})
        else:
            # The cache is that of the playbook, so it is looked at outside of the environment of the task.
            in_facts = validation.validated_parameters.get("ledger") == IN_FACTS
            context = self._context(handed, task_vars, secrets, warnings.append, in_facts)
            with self._task_environment():
                result = perform(work.task, validation.validated_parameters, context, work.nothing)
        if warnings:
            result["warnings"] = warnings
        return _without(secrets, result)

    def _context(
        self,
        handed: dict[str, t.Any],
        task_vars: dict[str, t.Any],
        secrets: set[str],
        warn: t.Callable[[str], None],
        in_facts: bool,
    ) -> Context:
        """``in_facts``: the task's ledger is in the facts. No ``secrets`` are shown."""
        host = task_vars.get("inventory_hostname", "localhost")
        job = handed["provenance"]

        def tell(text: str) -> None:
            # Not to stdout, which may belong to a callback such as json, and is not flushed where it is a pipe.
            display.display(f"[{host}] {self.module_name}: {remove_values(text, secrets)}", stderr=True)

        return Context(
            check_mode=self._task.check_mode,
            diff_mode=self._task.diff,
            clock=SystemClock(),
            tell=tell,
            warn=warn,
            kept=_plain(ledger_in_facts(task_vars)[1]) if in_facts else (),
            facts_lost=facts_lost(job, task_vars, self._task) if in_facts else None,
            slice=slice_of(job),
            **handed,
        )

    @contextlib.contextmanager
    def _task_environment(self) -> t.Iterator[None]:
        """The C(environment) of task, block and play, as a module process would have it."""
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        if not environment:
            yield
            return
        saved = dict(os.environ)
        os.environ.update({name: str(value) for name, value in environment.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(saved)


@functools.lru_cache(maxsize=None)
def _prepared(load: t.Callable[[], Work]) -> tuple[Work, ArgumentSpecValidator]:
    """The same for all items of a loop. :raises MissingLibrary: what the task needs cannot be loaded."""
    with importing():
        work = load()
    return work, ArgumentSpecValidator(work.argument_spec, **work.rules)


def _without(secrets: set[str], result: dict[str, t.Any]) -> dict[str, t.Any]:
    # Looking into each value of a long result takes longer than making it, and seldom finds anything.
    text = json.dumps(result)
    if any(json.dumps(secret)[1:-1] in text for secret in secrets):
        result = remove_values(result, secrets)
    return result


def _plain(value: t.Any) -> t.Any:
    """The value without what YAML loader and templating put around it: vaulted strings, time stamps, tags, origins."""
    if value.__class__ is str:
        return value
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)
