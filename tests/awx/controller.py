# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the API of AWX 24.6.1, as far as the modules of awx.awx speak it to set up the evidence of changes.

It is not AWX. It keeps objects, and refuses what AWX is known to refuse, after awx/api/serializers.py, awx/api/views
and awx/main/models. It is sterner in one way: AWX ignores fields that it does not know, and this refuses them.
It has no users: whoever has the token may do everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from support.served import Served
from awx.credential_rules import Refused, checked

TOKEN = "controller-token-9163"
PREFIX = "/api/v2/"
HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
ENCRYPTED = "$encrypted$"
Row = dict[str, Any]


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, body: Row) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Kind:
    """What an object of an endpoint is like. A field that is a type must be given, another one has this default."""

    type: str
    fields: Row
    unique: tuple[str, ...] = ("name",)
    points_to: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    shown: Row = field(default_factory=dict)  # fields that only the server sets


NODES = "workflow_job_template_nodes"
NEXT = ("success_nodes", "failure_nodes", "always_nodes")
TEMPLATE: Row = {
    "survey_enabled": False,
    "allow_simultaneous": False,
    "extra_vars": "",
    "ask_variables_on_launch": False,
}
KINDS = {
    "organizations": Kind("organization", {"name": str, "description": ""}),
    "credential_types": Kind(
        "credential_type",
        {"name": str, "description": "", "kind": str, "inputs": {}, "injectors": {}, "managed": False},
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {"name": str, "description": "", "organization": None, "credential_type": int, "inputs": {}},
        unique=("name", "organization", "credential_type"),
        points_to={"organization": "organizations", "credential_type": "credential_types"},
    ),
    "inventories": Kind(
        "inventory",
        {"name": str, "description": "", "organization": int, "kind": "", "host_filter": None, "variables": ""},
        unique=("name", "organization"),
        points_to={"organization": "organizations"},
        shown={"pending_deletion": False},
    ),
    "hosts": Kind(
        "host",
        {"name": str, "description": "", "inventory": int, "enabled": True, "variables": ""},
        unique=("name", "inventory"),
        points_to={"inventory": "inventories"},
    ),
    "projects": Kind(
        "project",
        {
            "name": str,
            "description": "",
            "organization": None,
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "credential": None,
        },
        unique=("name", "organization"),
        points_to={"organization": "organizations", "credential": "credentials"},
        shown={"scm_revision": "", "status": "never updated"},
    ),
    "execution_environments": Kind(
        "execution_environment",
        {"name": str, "description": "", "organization": None, "image": str, "pull": "", "credential": None},
        points_to={"organization": "organizations", "credential": "credentials"},
    ),
    "job_templates": Kind(
        "job_template",
        {
            "name": str,
            "description": "",
            "organization": None,
            "job_type": "run",
            "inventory": None,
            "project": int,
            "playbook": str,
            "execution_environment": None,
            "timeout": 0,
            "use_fact_cache": False,
            "job_slice_count": 1,
            **TEMPLATE,
        },
        unique=("name", "organization"),
        points_to={
            "organization": "organizations",
            "inventory": "inventories",
            "project": "projects",
            "execution_environment": "execution_environments",
        },
        lists={"credentials": "credentials"},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {"name": str, "description": "", "organization": None, **TEMPLATE},
        unique=("name", "organization"),
        points_to={"organization": "organizations"},
    ),
    NODES: Kind(
        "workflow_job_template_node",
        {"identifier": str, "workflow_job_template": int, "unified_job_template": None},
        unique=("identifier", "workflow_job_template"),
        points_to={"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
        lists=dict.fromkeys(NEXT, NODES),
    ),
    "workflow_approval_templates": Kind(
        "workflow_approval_template",
        {"name": str, "description": "", "timeout": 0},
        unique=(),
        shown={"organization": None},
    ),
}
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "workflow_approval_templates")


def bad(**messages: Any) -> ApiError:
    return ApiError(400, messages)


class World:
    """All that a controller has."""

    def __init__(self, repositories: dict[str, list[str]]) -> None:
        self.repositories = repositories  # the playbooks of each
        self.playbooks: dict[int, list[str]] = {}  # of each project
        self.updates: dict[int, Row] = {}
        self.rows: dict[str, dict[int, Row]] = {kind: {} for kind in KINDS}
        self.surveys: dict[int, Row] = {}
        self.lists: dict[tuple[int, str], list[int]] = {}
        self.secrets: dict[int, Row] = {}  # of each credential, as they are
        self.going: dict[int, int] = {}  # how often an inventory that is being removed is still seen
        self.last_id = 0

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def find(self, kind: str, row_id: int) -> Row:
        for each in UNIFIED if kind == "unified_job_templates" else (kind,):
            if row_id in self.rows[each]:
                return self.rows[each][row_id]
        raise ApiError(404, {"detail": "Not found."})

    def named(self, kind: str, name: str, **others: Any) -> Row:
        wanted = {"name": name, **others}
        (row,) = (row for row in self.rows[kind].values() if wanted.items() <= row.items())
        return row

    def picture(self) -> dict[tuple[str, str, str], Row]:
        """What there is, by kind, organization, and name, with names in place of ids."""
        return {
            (kind, self._home(row), self._name(row)): {
                **{name: self._told(spec, name, row[name]) for name in spec.fields},
                **{name: [self._name(each) for each in self.members(kind, row["id"], name)] for name in spec.lists},
                "survey": self.surveys.get(row["id"], {}).get("spec", []),
                "secrets": self.secrets.get(row["id"]),
            }
            for kind, spec in KINDS.items()
            for row in self.rows[kind].values()
        }

    def _home(self, row: Row) -> str:
        for kind, name in (("inventories", "inventory"), ("workflow_job_templates", "workflow_job_template")):
            if name in row and "organization" not in row:
                return self._home(self.find(kind, row[name]))
        return self._name(self.find("organizations", row["organization"])) if row.get("organization") else ""

    def _told(self, spec: Kind, name: str, value: Any) -> Any:
        return self._name(self.find(spec.points_to[name], value)) if name in spec.points_to and value else value

    def _name(self, row: Row) -> str:
        name = row.get("name") or row["identifier"]
        # Those of several types can have one name.
        type_id = row.get("credential_type")
        return f"{name} of the type {self.find('credential_types', type_id)['name']}" if type_id else name

    # What requests do.

    def listing(self, kind: str, query: dict[str, str]) -> list[Row]:
        self._vanish()
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        rows = [self.shown(each, row) for each in kinds for row in self.rows[each].values()]
        either = {key.removeprefix("or__"): value for key, value in query.items() if key.startswith("or__")}
        all_of = {key: value for key, value in query.items() if not key.startswith("or__")}
        rows = [row for row in rows if all(self._value(kind, row, key) == value for key, value in all_of.items())]
        return [row for row in rows if not either or any(self._value(kind, row, k) == v for k, v in either.items())]

    def shown(self, kind: str, row: Row) -> Row:
        """Nodes tell what follows them."""
        lists = KINDS[kind].lists if kind == NODES else {}
        return row | {name: [each["id"] for each in self.members(kind, row["id"], name)] for name in lists}

    def _value(self, kind: str, row: Row, key: str) -> str:
        name, _separator, of = key.partition("__")
        if of == "id" and name in KINDS[kind].lists:
            # None has more than one.
            return "".join(str(each["id"]) for each in self.members(kind, row["id"], name))
        if name not in row or of not in ("", "name", "id"):
            raise bad(detail=f"{kind} has no field named '{key}'")
        if of == "id":
            return str(row[name])
        if of:
            target = row[name] and self.find(KINDS[kind].points_to[name], row[name])
            return target["name"] if target else ""
        return str(row[name])

    def _vanish(self) -> None:
        """AWX removes an inventory some time after it was asked to."""
        for row_id in list(self.going):
            self.going[row_id] -= 1
            if self.going[row_id] < 0:
                del self.going[row_id]
                del self.rows["inventories"][row_id]
                hosts = self.rows["hosts"]
                for host in [each for each in hosts.values() if each["inventory"] == row_id]:
                    del hosts[host["id"]]

    def create(self, kind: str, body: Row) -> Row:
        if kind == "unified_job_templates":
            raise ApiError(405, {"detail": 'Method "POST" not allowed.'})
        row_id = self.next_id()
        spec = KINDS[kind]
        missing = {name for name, default in spec.fields.items() if isinstance(default, type)} - set(body)
        if missing:
            raise bad(**{name: ["This field is required."] for name in missing})
        row = {"id": row_id, "type": spec.type, "url": f"{PREFIX}{kind}/{row_id}/", "summary_fields": {}}
        row |= {"related": self._related(kind, row_id)} | spec.shown
        row |= {name: None if isinstance(default, type) else default for name, default in spec.fields.items()}
        self._put(kind, row, body)
        self.rows[kind][row_id] = row
        if kind == "projects" and row["scm_type"]:
            self._update_project(row)
        return row

    def change(self, kind: str, row_id: int, body: Row) -> Row:
        row = self.find(kind, row_id)
        self._put(kind, dict(row), body)
        self._put(kind, row, body)
        return row

    def remove(self, kind: str, row_id: int) -> int:
        row = self.find(kind, row_id)
        if kind == "credential_types" and any(
            c["credential_type"] == row_id for c in self.rows["credentials"].values()
        ):
            raise ApiError(403, {"detail": "Credential types that are in use cannot be deleted"})
        if kind == "inventories":
            if row["pending_deletion"]:
                raise bad(error="Inventory is already pending deletion.")
            row["pending_deletion"] = True
            self.going[row_id] = 1
        else:
            del self.rows[kind][row_id]
        for name, spec in KINDS.items():
            for key in [key for key, target in spec.points_to.items() if kind == target or key.startswith("unified")]:
                for each in [each for each in self.rows[name].values() if each[key] == row_id]:
                    if name == NODES and key == "workflow_job_template":
                        self._remove_node(each)
                    elif isinstance(spec.fields[key], type) and kind != "projects":
                        assert kind == "inventories", f"{kind} {row_id} is needed by {each}"
                    else:
                        each[key] = None
        for members in self.lists.values():
            if row_id in members:
                members.remove(row_id)
        return 202 if kind == "inventories" else 204

    def _remove_node(self, node: Row) -> None:
        del self.rows[NODES][node["id"]]
        self.rows["workflow_approval_templates"].pop(node["unified_job_template"], None)

    def _related(self, kind: str, row_id: int) -> Row:
        return (
            {"survey_spec": f"{PREFIX}{kind}/{row_id}/survey_spec/"} if "survey_enabled" in KINDS[kind].fields else {}
        )

    def _put(self, kind: str, row: Row, body: Row) -> None:
        spec = KINDS[kind]
        for name, value in body.items():
            if name == "type" and value == spec.type:  # read-only, and sent by a module of awx.awx
                continue
            if name not in spec.fields:
                raise bad(**{name: ["This stand-in does not know the field."]})
            self._check(kind, name, value)
            # AWX takes null for an empty text.
            row[name] = "" if value is None and spec.fields[name] == "" else value
        getattr(self, f"_put_{spec.type}", lambda _row, _body: None)(row, body)
        same = {name: row[name] for name in spec.unique}
        others = [each for each in self.rows[kind].values() if each["id"] != row["id"]]
        if spec.unique and any(same.items() <= other.items() for other in others):
            raise bad(__all__=[f"{spec.type} with this {' and '.join(spec.unique)} already exists."])

    def _check(self, kind: str, name: str, value: Any) -> None:
        spec = KINDS[kind]
        default = spec.fields[name]
        target = spec.points_to.get(name)
        if target:
            if isinstance(value, int) and any(value in self.rows[each] for each in self._kinds(target)):
                return
            if value is None and not isinstance(default, type):
                return
            raise bad(**{name: [f'Invalid pk "{value}" - object does not exist.']})
        wanted = default if isinstance(default, type) else type(default)
        optional = value is None and not isinstance(default, type) and isinstance(default, (str, type(None)))
        # type(), since True is an int too.
        if not optional and type(value) is not wanted:  # pylint: disable=unidiomatic-typecheck
            raise bad(**{name: [f"Not a valid {wanted.__name__}: {value!r}"]})
        if wanted is str and isinstance(default, type) and not value:
            raise bad(**{name: ["This field may not be blank."]})

    @staticmethod
    def _kinds(target: str) -> tuple[str, ...]:
        return UNIFIED if target == "unified_job_templates" else (target,)

    def _put_credential_type(self, row: Row, body: Row) -> None:
        if row["kind"] not in ("cloud", "net"):
            raise bad(kind=[f"Must be 'cloud' or 'net', not {row['kind']}"])
        before = self.rows["credential_types"].get(row["id"])
        try:
            row["inputs"] = checked(row["inputs"], row["injectors"])
        except Refused as exc:
            raise bad(inputs=[str(exc)]) from exc
        used = any(each["credential_type"] == row["id"] for each in self.rows["credentials"].values())
        if used and before and before["inputs"] != row["inputs"]:
            detail = "Modifications to inputs are not allowed for credential types that are in use"
            raise ApiError(403, {"detail": detail})

    def _put_credential(self, row: Row, body: Row) -> None:
        if row["organization"] is None:
            raise bad(__all__=["Missing 'user', 'team', or 'organization'."])
        fields = {
            each["id"]: each for each in self.find("credential_types", row["credential_type"])["inputs"]["fields"]
        }
        kept = self.secrets.get(row["id"], {})
        if "inputs" in body:
            if unknown := set(body["inputs"]) - set(fields):
                raise bad(inputs=[f"Additional properties are not allowed {sorted(unknown)}"])
            kept = {key: kept[key] if value == ENCRYPTED else value for key, value in body["inputs"].items()}
            if not all(isinstance(value, str) for value in kept.values()):
                raise bad(inputs=["not of type 'string'"])
            self.secrets[row["id"]] = kept
        row["inputs"] = {key: ENCRYPTED if fields[key].get("secret") else value for key, value in kept.items()}

    def _put_job_template(self, row: Row, body: Row) -> None:
        project = self.find("projects", row["project"])
        row["organization"] = project["organization"]  # whatever was said
        if row["playbook"] not in self.playbooks.get(project["id"], []):
            raise bad(playbook=["Playbook not found for project."])
        if row["inventory"] is None:
            raise bad(inventory=["Must either set a default value or ask to prompt on launch."])
        if row["job_type"] not in ("run", "check"):
            raise bad(job_type=[f'"{row["job_type"]}" is not a valid choice.'])

    def _put_workflow_job_template_node(self, row: Row, body: Row) -> None:
        approval = row["unified_job_template"] in self.rows["workflow_approval_templates"]
        if approval and "unified_job_template" in body:
            raise bad(unified_job_template=["Can not be an approval that exists."])
        target = row["unified_job_template"]
        kind = next((each for each in UNIFIED if target in self.rows[each]), None)
        row["related"] = {"unified_job_template": f"{PREFIX}{kind}/{target}/"} if kind else {}

    def _update_project(self, project: Row) -> None:
        update = self.next_id()
        found = project["scm_url"] in self.repositories
        self.updates[update] = {"id": update, "status": "running", "then": "successful" if found else "failed"}
        project["summary_fields"] = {"current_update": {"id": update}}
        self.playbooks[project["id"]] = self.repositories.get(project["scm_url"], [])

    def project_update(self, update: int) -> Row:
        """Running at the first look, done at the second."""
        answer = dict(self.updates[update])
        self.updates[update]["status"] = answer.pop("then")
        return answer

    def approve_by(self, node_id: int, body: Row) -> Row:
        node = self.find(NODES, node_id)
        if node["unified_job_template"] is not None:
            raise bad(detail="This stand-in knows one approval for a node.")
        approval = self.create("workflow_approval_templates", body)
        node["unified_job_template"] = approval["id"]
        self._put_workflow_job_template_node(node, {})
        return approval

    def members(self, kind: str, row_id: int, name: str) -> list[Row]:
        self.find(kind, row_id)
        target = KINDS[kind].lists.get(name)
        if target is None:
            raise ApiError(404, {"detail": "Not found."})
        return [self.find(target, each) for each in self.lists.get((row_id, name), [])]

    def associate(self, kind: str, row_id: int, name: str, body: Row) -> None:
        now = self.members(kind, row_id, name)
        other = self.find(KINDS[kind].lists[name], body["id"])
        if body.get("disassociate"):
            self.lists[row_id, name] = [each["id"] for each in now if each != other]
            return
        if kind == "job_templates":
            types = [each["credential_type"] for each in now]
            if other["credential_type"] in types:
                raise bad(error="Cannot assign multiple credentials of a type.")
            if self.find("credential_types", other["credential_type"])["kind"] not in ("ssh", "vault", "cloud", "net"):
                raise bad(error="Cannot assign a Credential of this kind.")
        if kind == NODES:
            if other["workflow_job_template"] != self.find(kind, row_id)["workflow_job_template"]:
                raise bad(Error="Not a node of this workflow.")
            if any(other["id"] in self.lists.get((row_id, each), []) for each in NEXT if each != name):
                raise bad(Error="Relationship not allowed.")
            if row_id in self._successors(other["id"]):
                raise bad(Error="Cycle detected.")
        self.lists[row_id, name] = [each["id"] for each in now] + [other["id"]]

    def _successors(self, node: int) -> set[int]:
        found = {node}
        for name in NEXT:
            for each in self.lists.get((node, name), []):
                found |= self._successors(each)
        return found

    def set_survey(self, kind: str, row_id: int, spec: Row) -> None:
        self.find(kind, row_id)
        if not (isinstance(spec.get("name"), str) and isinstance(spec.get("description"), str) and spec.get("spec")):
            raise bad(error="name, description or spec is missing from survey spec.")
        allowed = dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str)
        allowed |= {"integer": int, "float": float}
        seen = set()
        for question in spec["spec"]:
            for name, wanted in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
                if not isinstance(question.get(name), wanted):
                    raise bad(error=f"'{name}' missing from survey question, or not a {wanted.__name__}: {question}")
            if question["variable"] in seen:
                raise bad(error=f"'variable' '{question['variable']}' duplicated")
            seen.add(question["variable"])
            if question["type"] not in allowed:
                raise bad(error=f"'{question['type']}' is not one of the allowed question types.")
            if question.get("default", "") != "" and not isinstance(question["default"], allowed[question["type"]]):
                raise bad(error=f"Default value {question['default']} has the wrong type.")
            if question["type"].startswith("multi"):
                if not question.get("choices"):
                    raise bad(error="A multiple choice must specify choices.")
                if any(each not in question["choices"] for each in question.get("default", "").splitlines()):
                    raise bad(error="Default choice must be answered from the choices listed.")
        self.surveys[row_id] = spec


class Controller(Served):
    """A running stand-in, as a context manager.

    `journal` has each request: method, path and body. A request to the path `broken` fails, and gets its own body back.
    """

    def __init__(self, world: World, broken: str = "", token: str = TOKEN) -> None:
        super().__init__("controller")
        self.world = world
        self.broken = broken
        self._token = token
        self.journal: list[tuple[str, str, Any]] = []

    async def respond(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = json.loads(text) if text else {}
        self.journal.append((request.method, request.path, body))
        try:
            if request.headers.get("Authorization") != f"Bearer {self._token}":
                raise ApiError(401, {"detail": "Authentication credentials were not provided."})
            if request.method == "POST" and request.path == self.broken:
                raise bad(inputs=[body])
            if not (request.path.startswith(PREFIX) and request.path.endswith("/")):
                raise ApiError(404, {"detail": "Not found."})
            status, answer = self._answer(request, request.path[len(PREFIX) : -1].split("/"), body)
        except ApiError as exc:
            status, answer = exc.status, exc.body
        if answer is None:
            return web.Response(status=status, headers=HEADERS)
        return web.json_response(answer, status=status, headers=HEADERS)

    def _answer(self, request: web.Request, parts: list[str], body: Row) -> tuple[int, Any]:
        world, method = self.world, request.method
        if parts[0] == "project_updates" and len(parts) == 2:
            return 200, world.project_update(int(parts[1]))
        if parts[0] not in KINDS and parts != ["unified_job_templates"]:
            raise ApiError(404, {"detail": "Not found."})
        kind, row_id, name = parts[0], int(parts[1]) if len(parts) > 1 else 0, "".join(parts[2:])
        if len(parts) == 1 and method == "GET":
            return 200, page(world.listing(kind, dict(request.query)))
        if len(parts) == 1 and method == "POST":
            return 201, world.create(kind, body)
        if name == "survey_spec" and method == "POST" and "survey_enabled" in KINDS[kind].fields:
            world.set_survey(kind, row_id, body)
            return 200, None
        if name == "survey_spec" and method == "GET" and "survey_enabled" in KINDS[kind].fields:
            return 200, world.surveys.get(row_id, {})
        if name == "create_approval_template" and method == "POST" and kind == NODES:
            return 201, world.approve_by(row_id, body)
        if name and method == "GET":
            return 200, page(world.members(kind, row_id, name))
        if name and method == "POST":
            world.associate(kind, row_id, name, body)
            return 204, None
        if not name and method == "GET":
            return 200, world.shown(kind, world.find(kind, row_id))
        if not name and method == "PATCH":
            return 200, world.change(kind, row_id, body)
        if not name and method == "DELETE":
            return world.remove(kind, row_id), None
        raise ApiError(405, {"detail": f'Method "{method}" not allowed.'})


def page(rows: list[Row]) -> Row:
    return {"count": len(rows), "next": None, "previous": None, "results": rows}
