# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator for all tests here, reset for each; raw HTTP; the vendor's OpenAPI documents as a check."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import requests
import yaml
from jsonschema.exceptions import best_match
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from support.patience import HANG
from referencing import Registry
from referencing.jsonschema import DRAFT4
from thousandeyes_sdk.core import ApiClient, Configuration

from simulator import EMAIL, TOKEN, Simulator

NOW = "2018-10-19T03:02:01Z"  # the shareDate of the documented example
# A folder with the vendor's OpenAPI documents of v7, whole or cut down (docs/contract/README.md).
FOLDER = os.environ.get("THOUSANDEYES_OPENAPI")


class Documents:
    """The vendor's OpenAPI documents: which body each answer may have, for those that have its path."""

    def __init__(self, texts: list[str]) -> None:
        self.documents = [Document(text) for text in texts]
        self.checked = 0

    def check(self, method: str, path: str, status: int, content_type: str, body: Any) -> None:
        """AssertionError unless the answer is one that the documents describe. `path` is that below /v7."""
        checked = [document.check(method, path, status, content_type, body) for document in self.documents]
        self.checked += any(checked)


class Document:
    def __init__(self, text: str) -> None:
        self.content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.registry = Registry().with_resource("urn:openapi", DRAFT4.create_resource(self.content))

    def check(self, method: str, path: str, status: int, content_type: str, body: Any) -> bool:
        """Whether it has a schema for the answer; AssertionError if the answer is not one that it describes."""
        for template, item in self.content["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
                break
        else:
            return False  # not in the document: an unknown path, a wrong method
        responses = item[method.lower()]["responses"]
        response = responses.get(str(status)) or responses.get("default")
        assert response is not None, f"{method} {path} documents no {status}"
        if "$ref" in response:
            response = self.content["components"]["responses"][response["$ref"].rpartition("/")[2]]
        if "content" not in response:
            return False
        media = content_type.partition(";")[0]
        assert media in response["content"], f"{method} {path} {status} is {content_type}"
        schema = {"$ref": "urn:openapi#" + response["content"][media]["schema"]["$ref"].lstrip("#")}
        validator = OAS30ReadValidator(schema, registry=self.registry, format_checker=oas30_format_checker)
        error = best_match(validator.iter_errors(body))
        assert error is None, f"{method} {path} {status}: {error.json_path}: {error.message}"
        return True


class Api:
    """Raw HTTP to the simulator. v7 answers are checked against the document unless `checked` is False."""

    def __init__(self, sim: Simulator, document: Documents | None) -> None:
        self.sim = sim
        self.document = document
        self.checked = True
        self.session = requests.Session()
        self.session.trust_env = False
        self.create_headers = {"Authorization": f"Bearer {TOKEN}"}

    def send(
        self, method: str, path: str, token: str | None = TOKEN, email: str | None = None, **options: Any
    ) -> requests.Response:
        """Bearer authentication, Basic with an email, none with token None."""
        headers = dict(options.pop("headers", {}))
        if token and not email:
            headers["Authorization"] = f"Bearer {token}"
        response = self.session.request(
            method,
            self.sim.url + path,
            headers=headers,
            timeout=HANG,
            allow_redirects=False,
            auth=(email, token) if email else None,
            **options,
        )
        if self.checked and self.document and path.startswith("/v7/"):
            self.document.check(
                method,
                path[3:].partition("?")[0],
                response.status_code,
                response.headers["Content-Type"],
                response.json(),
            )
        return response

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def create_v6(
        self,
        path: str = "/v6/snapshot.json",
        drop: str | None = None,
        token: str = TOKEN,
        email: str = EMAIL,
        headers: dict[str, str] | None = None,
        **changes: Any,
    ) -> requests.Response:
        """The documented v6 request with changes to its body, less the field `drop`."""
        body = {
            "testId": 19955,
            "displayName": "Snapshot created through API",
            "from": "2018-10-06T00:00:00",
            "to": "2018-10-06T01:00:00",
            "isPublic": 1,
            **changes,
        }
        body.pop(drop, None)
        return self.send("POST", path, json=body, token=token, email=email, headers=headers or {})

    def create_v7(
        self,
        path: str = "/v7/tests/19955/snapshot",
        drop: str | None = None,
        token: str | None = TOKEN,
        email: str | None = None,
        headers: dict[str, str] | None = None,
        **changes: Any,
    ) -> requests.Response:
        """The same for v7."""
        body = {
            "displayName": "Snapshot created through API",
            "startDate": "2018-10-06T00:00:00Z",
            "endDate": "2018-10-06T01:00:00Z",
            "isPublic": True,
            **changes,
        }
        body.pop(drop, None)
        return self.send("POST", path, json=body, token=token, email=email, headers=headers or {})


@pytest.fixture(scope="session")
def document() -> Documents | None:
    if not FOLDER:
        return None
    paths = sorted(Path(FOLDER).glob("*.yaml"))
    assert paths, f"THOUSANDEYES_OPENAPI names {FOLDER}, which has no *.yaml"
    return Documents([path.read_text(encoding="utf-8") for path in paths])


@pytest.fixture
def required_document(document: Documents | None) -> Documents:
    if document is None:
        pytest.skip("the vendor's OpenAPI documents are not here: no answer was checked by them (THOUSANDEYES_OPENAPI)")
    return document


@pytest.fixture
def sim(sim: Simulator) -> Simulator:
    """With the clock frozen at the documented example's shareDate."""
    sim.set_clock(NOW)
    return sim


@pytest.fixture
def api(sim: Simulator, document: Documents | None) -> Iterator[Api]:
    client = Api(sim, document)
    yield client
    client.session.close()


@pytest.fixture
def client(sim: Simulator) -> Callable[..., ApiClient]:
    """Connects the vendor's own client."""

    def connect(token: str = TOKEN) -> ApiClient:
        # Without its retries, which wait for real time to pass the simulated one.
        return ApiClient(Configuration(host=f"{sim.url}/v7", access_token=token, retries=False))

    return connect
