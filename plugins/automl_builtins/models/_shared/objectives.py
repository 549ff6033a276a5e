"""Objectives that models here know besides their usual one, by the names that `MetricSpec.objective` has for them."""

from __future__ import annotations

ABSOLUTE = "absolute"
SQUARED_LOG = "squared_log"
"""The target is fitted as log(1 + value) then: the squared error there is that of logarithms."""
