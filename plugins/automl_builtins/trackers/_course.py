"""Course: what a search did, as the numbers and tables that trackers keep."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api import (
    CandidateFailed,
    CandidateFinished,
    EnsembleBuilt,
    Event,
    Failure,
    SearchFinished,
    SearchStarted,
    TableAudited,
)


@dataclass(slots=True)
class Course:
    """What has been told of one search so far; `step` counts the candidates that have ended."""

    step: int = 0
    metric: str = ""
    tables: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"candidates": [], "failures": [], "audit": []}
    )

    def take(self, event: Event) -> dict[str, float]:
        """Take in what happened; return the numbers that it adds to the curves, finite ones alone."""
        if isinstance(event, SearchStarted):
            self.metric = event.metric
        elif isinstance(event, TableAudited):
            self.tables["audit"] = [_finding(each) for each in event.findings]
        elif isinstance(event, CandidateFailed):
            self.tables["failures"].append(_failure(event.failure))
        elif isinstance(event, CandidateFinished):
            self.step += 1
            self.tables["candidates"].append(_candidate(event))
        return {name: value for name, value in self._numbers(event) if math.isfinite(value)}

    def _numbers(self, event: Event) -> Iterable[tuple[str, float]]:
        if isinstance(event, CandidateFinished):
            yield f"candidate/{self.metric}", event.result.score
            yield f"best/{self.metric}", event.best_score
            yield "candidate/seconds", event.result.seconds
            yield "search/seconds", event.elapsed
        elif isinstance(event, EnsembleBuilt):
            yield f"ensemble/{self.metric}", event.score
            yield "ensemble/interval_low", event.interval[0]
            yield "ensemble/interval_high", event.interval[1]
            yield "ensemble/members", float(event.n_members)
        elif isinstance(event, SearchFinished):
            yield "search/seconds", event.elapsed
            yield "search/candidates", float(event.n_trials)


def facts_of(started: SearchStarted) -> dict[str, str]:
    """Return what is being solved, and with what, as texts."""
    return {
        "task": started.task.kind.value,
        "target": started.task.target,
        "metric": started.metric,
        "rows": str(started.n_rows),
        "columns": str(len(started.schema.given)),
        "folds": str(started.n_folds),
        "validation": started.plan,
        "models": ", ".join(started.models),
        "time_limit": "none" if started.time_limit is None else f"{started.time_limit:g}",
        "max_trials": "none" if started.max_trials is None else str(started.max_trials),
        "slots": str(started.n_slots),
    }


def _candidate(event: CandidateFinished) -> dict[str, Any]:
    result = event.result
    return {
        "model": result.candidate.model,
        "score": result.score if math.isfinite(result.score) else None,
        "status": str(result.status),
        "folds": len(result.folds),
        "seconds": round(result.seconds, 3),
        "params": json.dumps(dict(result.candidate.params), sort_keys=True, default=str),
        "origin": result.candidate.origin,
        "id": result.candidate.id,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "model": failure.model,
        "stage": str(failure.stage),
        "cause": failure.cause,
        "params": json.dumps(dict(failure.params), sort_keys=True, default=str),
    }


def _finding(finding: Any) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "topic": finding.topic,
        "column": finding.column,
        "found": finding.found,
        "done": finding.done,
    }
