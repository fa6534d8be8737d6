# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values and links by the vendor's names."""

from __future__ import annotations

import math
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.fields import LAYERS, measured, nonsense
from ansible_collections.community.thousandeyes.plugins.module_utils._api.tests import listed


@pytest.mark.parametrize("value", [0, 0.0, 5, 1.5, 10**18])
def test_numbers_are_taken_as_they_are(value: float) -> None:
    found = measured("network", {"jitter": value})["jitter"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "value", [None, "", "5", "None", True, False, [5], {"value": 5}, math.nan, math.inf, -math.inf, 10**400]
)
def test_what_is_no_number_is_missing(value: t.Any) -> None:
    assert measured("network", {"loss": value, "jitter": 1}) == {
        **dict.fromkeys(LAYERS["network"].fields),
        "jitter": 1,
    }


@pytest.mark.parametrize(
    "error_type, availability",
    [
        ("None", 100),
        ("none", 100),
        ("NONE", 100),
        (" None ", 100),
        ("DNS", 0),
        ("HTTP 404", 0),
        ("nonesuch", 0),
        ("", None),
        (" ", None),
        (None, None),
        (0, None),
        (False, None),
    ],
)
def test_availability(error_type: t.Any, availability: int | None) -> None:
    assert measured("http-server", {"errorType": error_type})["availability"] == availability
    assert measured("http-server", {})["availability"] is None


@pytest.mark.parametrize(
    ("layer", "field", "metric", "value"),
    [
        *(("network", "loss", "loss", value) for value in (-5, -0.001, 100.001, 101)),
        *(
            (layer, field, metric, -1.5)
            for layer in LAYERS
            for metric, field in LAYERS[layer].fields.items()
            if metric != "availability"
        ),
    ],
)
def test_what_makes_no_sense_is_missing_and_said(layer: str, field: str, metric: str, value: float) -> None:
    fields = {field: value}
    assert measured(layer, fields)[metric] is None
    assert nonsense(layer, fields) == f"makes no sense: {metric} {value}"


def test_the_ends_of_what_makes_sense() -> None:
    fields = {"loss": 100, "minLatency": 0, "avgLatency": 1e6, "jitter": 0.0}
    assert list(measured("network", fields).values()) == [100, 0, 1e6, None, 0]
    assert nonsense("network", fields) is None
    assert nonsense("network", {"loss": 0.0}) is None
    # Nothing else is known of a failure.
    assert measured("http-server", {"errorType": "Connect", "responseTime": -1})["availability"] == 0


def test_these_are_the_layers_that_tests_are_listed_with() -> None:
    links = [{"href": f"https://api.example.com/v7/test-results/1/{layer}"} for layer in (*LAYERS, "path-vis")]
    assert listed({"_links": {"testResults": links}}).details().layers == list(LAYERS)
