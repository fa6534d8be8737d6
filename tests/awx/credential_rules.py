# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does about credential types: what it takes, and what it makes of the injectors for a job.

After awx/main/fields.py (CredentialTypeInputField, CredentialTypeInjectorField) and awx/main/models/credential
(CredentialType.inject_credential) of AWX, as far as injectors of environment variables, of one file and of extra
variables go.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft4Validator

NAME = "^[a-zA-Z_][a-zA-Z0-9_]*$"
INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label"],
                "properties": {
                    "id": {"type": "string", "pattern": NAME},
                    "label": {"type": "string"},
                    "help_text": {"type": "string"},
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {"type": "array", "minItems": 1, "items": {"type": "string"}, "uniqueItems": True},
                    "multiline": {"type": "boolean"},
                    "secret": {"type": "boolean"},
                    "ask_at_runtime": {"enum": [False]},  # refused for custom types
                    "default": {},
                },
            },
        },
    },
}
INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "env": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {NAME: {"type": "string", "pattern": "^[\x00-\x7f]*$"}},
        },
        "file": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"template": {"type": "string"}},  # with one file, its only name
        },
        "extra_vars": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {NAME: {"type": "string"}},
        },
    },
}
# Some of those that AWX does not let a credential set.
BLOCKED = {"VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "AWX_HOST", "PROJECT_REVISION"}


class Refused(Exception):
    """What AWX would say."""


def checked(inputs: Any, injectors: Any) -> Any:
    """The inputs as AWX keeps them; it adds a type where there is none."""
    for schema, value in ((INPUTS, inputs), (INJECTORS, injectors)):
        for error in Draft4Validator(schema).iter_errors(value):
            raise Refused(error.message)
    fields = [{**field, "type": field.get("type", "string")} for field in inputs.get("fields", [])]
    ids = [field["id"] for field in fields]
    if len(set(ids)) < len(ids) or "tower" in ids:
        raise Refused("field IDs must be unique, and not tower")
    if unknown := set(inputs.get("required", [])) - set(ids):
        raise Refused(f"required, but no field: {unknown}")  # AWX takes it, and it is a mistake all the same
    for field in fields:
        if field["type"] != "string" and {"choices", "multiline", "format", "secret"} & set(field):
            raise Refused(f"not allowed for {field['type']} type")
        if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}[field["type"]]):
            raise Refused(f"{field['default']} is not a {field['type']}")
    for name in injectors.get("env", {}):
        if name.startswith("ANSIBLE_") or name in BLOCKED:
            raise Refused(f"Environment variable {name} is not allowed to be used in credentials.")
    strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for kind in injectors.values():
        for name, template in kind.items():
            try:
                tower = {"tower": {"filename": "EXAMPLE"} if "file" in injectors else {}}
                strict.from_string(template).render({**dict.fromkeys(ids, "EXAMPLE"), **tower})
            except TemplateError as exc:
                raise Refused(f"{name}: {exc}") from exc
    return {**inputs, "fields": fields}


def environment(injectors: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """The variables that a job gets from a credential with these values."""
    known = {name: value for name, value in values.items() if value}
    sandbox = ImmutableSandboxedEnvironment()
    return {name: sandbox.from_string(template).render(known) for name, template in injectors["env"].items()}


def injected(inputs: Any, injectors: Any, values: dict[str, str], folder: Path) -> dict[str, str]:
    """The extra variables that a job gets from a credential of a type with a file, which is put into the folder."""
    known = dict(values)
    for field in inputs["fields"]:
        # AWX does so only for keys.
        if field.get("format") == "ssh_private_key" and not known[field["id"]].endswith("\n"):
            known[field["id"]] += "\n"
    sandbox = ImmutableSandboxedEnvironment()
    handle, path = tempfile.mkstemp(dir=folder)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(sandbox.from_string(injectors["file"]["template"]).render(known))
    # As AWX has it, since a job may run as any user of the group.
    os.chmod(path, 0o660)
    tower = {"tower": {"filename": path}}
    return {
        name: sandbox.from_string(template).render({**known, **tower})
        for name, template in injectors["extra_vars"].items()
    }
