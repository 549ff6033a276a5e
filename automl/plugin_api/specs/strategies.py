"""Specs of search strategies: ways to decide what to try next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automl.plugin_api.protocols import SearchStrategy
from automl.plugin_api.specs.models import ModelSpec
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class StrategyRequest:
    """What a search strategy's builder may look at.

    models: those that can run on this task and are installed. estimate: the expected seconds of all folds of a
    proposal, corrected by what has been measured so far. time_limit is None when the search ends by count; then no
    decision may depend on time. dated: whether the table has dates and its folds are in order of time, so that later
    rows are predicted: "prepare.datetime" then says what dates become for a candidate.
    """

    models: tuple[ModelSpec, ...]
    task: Task
    n_rows: int
    n_features: int
    seed: int
    n_slots: int
    time_limit: float | None
    estimate: Callable[[str, Mapping[str, Any]], float]
    dated: bool = False


@dataclass(frozen=True, slots=True)
class SearchStrategySpec:
    """A way to decide what to try next."""

    name: str
    build: Callable[[StrategyRequest], SearchStrategy]
