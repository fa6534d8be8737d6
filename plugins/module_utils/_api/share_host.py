# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The host of share links, asked without credentials: what it shows to anyone."""

from __future__ import annotations

import hashlib
import random
import string
import typing as t
from urllib.parse import urlsplit

from .._core.connection import Connection
from .._core.errors import Unreachable

if t.TYPE_CHECKING:
    import requests

_MOST_READ = 1024 * 1024
# More letters than ids have, so that it is nobody's; only letters, so that it is not refused for its form.
_NOBODYS = 20


class Page(t.NamedTuple):
    """An answer of the share host, with the id that was asked for taken out.

    ``leads_to`` is where a redirect does, without its query.
    """

    status: int
    kind: str
    leads_to: str
    digest: str


def nobodys_id() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=_NOBODYS))


def ask(connection: Connection, template: str, link_id: str) -> Page:
    """``template``: the address of a share link, with ``{id}`` for its id.

    :raises Unreachable: there is no whole answer.
    """
    # Here, since an action that loads this must not need an HTTP library.
    from .http_transport import Deadline, new_session, read_body, reason, Adapter

    session = new_session(Adapter())
    # An auth handler, since requests would look into ~/.netrc for credentials.
    session.auth = _without_credentials
    url = template.replace("{id}", link_id)
    adapter = t.cast("Adapter", session.get_adapter(url))
    deadline = adapter.begin(Deadline(2 * connection.timeout, lambda: None))
    try:
        with deadline:
            response = session.get(
                url,
                timeout=connection.timeout,
                verify=(connection.ca_path or True) if connection.validate_certs else False,
                allow_redirects=False,
                stream=True,
            )
            body = read_body(response, _MOST_READ)
    except Exception as error:
        raise Unreachable(f"no answer: {reason(error)}", certain=True, passing=True) from None
    finally:
        session.close()
    if body.why is not None:
        raise Unreachable(f"no whole answer: {body.why}", certain=True, passing=True)
    return Page(
        status=response.status_code,
        kind=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        leads_to=_place(response.headers.get("Location", "")).replace(link_id, "{id}"),
        digest=hashlib.sha256(body.content.replace(link_id.encode(), b"{id}")).hexdigest(),
    )


def _place(link: str) -> str:
    try:
        parts = urlsplit(link)
    except ValueError:
        return "nowhere"
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if link else ""


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
