# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes a site of what antsibull-docs has written. Nothing comes from other sites, neither now nor later."""

from __future__ import annotations

import re
import typing as t

from docutils import nodes

project = "community.thousandeyes"
copyright = "community.thousandeyes contributors"  # pylint: disable=redefined-builtin
html_title = "community.thousandeyes"

extensions = ["sphinx_antsibull_ext"]
default_role = "any"
nitpicky = True

html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "https://github.com/ansible-collections/community.thousandeyes"}
html_static_path = ["static"]
html_css_files = ["narrow.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False

# Pages of Ansible's own documentation, which antsibull-docs refers to. Their list is not fetched.
ANSIBLE = "https://docs.ansible.com/ansible/latest/"
PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def page_of_ansible(label: str) -> str | None:
    builtin = re.fullmatch(r"ansible_collections\.ansible\.builtin\.(\w+)", label)
    return f"collections/ansible/builtin/{builtin[1]}.html" if builtin else PAGES.get(label)


def resolve(_app: t.Any, _env: t.Any, node: t.Any, text: nodes.Node) -> nodes.Node | None:
    """A link to Ansible's documentation; None for a label that is unknown, of which Sphinx warns then."""
    page = page_of_ansible(node.get("reftarget", ""))
    return nodes.reference("", "", text, internal=False, refuri=ANSIBLE + page) if page else None


def setup(app: t.Any) -> None:
    app.connect("missing-reference", resolve)
