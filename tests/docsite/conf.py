# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes a site of what antsibull-docs has written. Nothing is loaded from other sites, then or later."""

project = "community.thousandeyes"
copyright = "community.thousandeyes contributors"  # pylint: disable=redefined-builtin
html_title = "community.thousandeyes"

extensions = ["sphinx_antsibull_ext"]
default_role = "any"
nitpicky = True

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_use_index = False
