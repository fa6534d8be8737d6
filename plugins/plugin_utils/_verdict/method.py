# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How the judge judges, for the report."""

from __future__ import annotations

TIMES_METHOD = (
    "Times are compared by their trimmed means, of the rounds without the highest and the lowest fifth: outliers do "
    "not move them, and noise moves them less than medians. Over all agents it is the mean of the agents' trimmed "
    "means, so that each agent counts the same. A difference counts if it reaches both thresholds, and if noise "
    "hardly makes one like it, by Yuen's t test of the logarithms, stratified by agent, with the variance of what "
    "the agents have in common and of what a round has in common with the one before it. Where it got slower, the "
    "ranks of Mann and Whitney and the number of rounds that are slower than nearly all before count as well. What a "
    "trimmed mean leaves out counts too, if many more measurements than before take more than twice the 95th "
    "percentile before."
)
SHARES_METHOD = (
    "Loss and availability are compared by their means, since a median hides what is rare. A difference counts if "
    "it reaches the threshold, and if chance hardly makes so many bad rounds, which are worse than the mean of the "
    "other window by the threshold. That is by the binomial distribution with the other window's share of bad "
    "rounds, to which one in 400 rounds is added; for rounds with less than 10 points of loss, 5 in 100. Where many "
    "more measurements are missing than before, there is no data. These take rounds and agents to vary "
    "independently. Where they do not, as in bursts, the history shows it. An outage counts by its length: rounds in "
    "a row in which nothing got through."
)
PARTS_METHOD = (
    "The whole window after the change is compared, without the minutes in which things settle, and so are its last "
    "half and its last quarter, where a change that began within the window shows best. The whole has half of the "
    "level, and each of these a quarter. What is over at the end of the window is transient. It is over if its last "
    "half and its last quarter show less than half of the difference."
)
HISTORY_METHOD = (
    "What would be called degraded is compared with the history: the same difference, of windows as long and as far "
    "apart, at each half hour before the change. It must be larger than 1.25 times the largest of these in any "
    "direction, or 1.5 times where fewer than eight do not overlap. It must also stand out from their usual scatter, "
    "by 4.5 deviations, but never more than 1.5 times the largest is asked. "
    "If it is not, it is inconclusive, since it comes without the change, too. An outage is never usual. "
    "With fewer than three placements of the windows that do not overlap, the history says nothing."
)

# Percent of 400 tests that were called degraded, by the rows of docs/verdict.md: without a change, and with one.
FALSE_ALARMS = {
    "independent rounds": 0.0,
    "lag-1 correlation .9": 0.5,
    "bursts of loss": 2.8,
    "all mixed (wild)": 1.0,
    "a first ramp of 20 %": 82.0,
}
FOUND = {
    "latency +10 % at all, at the threshold": 51.5,
    "latency +20 % at all": 97.2,
    "latency +20 % at one of five": 35.0,
    "latency +50 % at one of five": 80.2,
    "loss of 3 % at one of five": 95.2,
}
ERRORS_METHOD = (
    "How often the verdict is wrong where the history is read was measured with generated series: five agents, a round "
    "each 300 seconds, windows of an hour, 48 hours of history, and 400 tests without a change for each kind of noise. "
    f"So many were called degraded: {FALSE_ALARMS['independent rounds']:g} % with independent rounds, "
    f"{FALSE_ALARMS['lag-1 correlation .9']:g} % with rounds that hang together, "
    f"{FALSE_ALARMS['bursts of loss']:g} % with bursts of loss, and {FALSE_ALARMS['all mixed (wild)']:g} % with all "
    "kinds of noise mixed. But a rise of 20 % over these hours that never came before was called degraded in "
    f"{FALSE_ALARMS['a first ramp of 20 %']:g} %: the cause is not shown. Changes were found so "
    f"often, with independent rounds: latency 20 % higher at all agents in {FOUND['latency +20 % at all']:g} %, and "
    f"10 % higher, the threshold, in {FOUND['latency +10 % at all, at the threshold']:g} %; at one agent of five, "
    f"latency 20 % higher in {FOUND['latency +20 % at one of five']:g} %, 50 % higher in "
    f"{FOUND['latency +50 % at one of five']:g} %, and a loss of 3 % in {FOUND['loss of 3 % at one of five']:g} %. The "
    "others were called ok or inconclusive. docs/verdict.md of the collection has all figures."
)
