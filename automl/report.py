"""Report: the leaderboard, the failures, the findings and the columns of a search as frames."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from automl.fitted.member import Member
from automl.plugin_api.scoring import never_past_optimum
from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.findings import Finding
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.schema import Schema
from automl.vocabulary.states import Status

LEADERBOARD_COLUMNS = (
    "rank", "model", "score", "score_low", "score_high", "weight", "status", "folds", "refitted", "fit_seconds",
    "predict_seconds", "finished", "device", "origin", "params", "candidate",
)  # fmt: skip
MACHINE = "machine"
"""A column of its own where fits ran on other machines."""
FINDING_COLUMNS = ("severity", "topic", "column", "found", "done", "advice")
FAILURE_COLUMNS = ("model", "stage", "cause", "count", "params", "fold", "candidate", "traceback")


def spell_score(metric: str, score: float, interval: tuple[float, float]) -> str:
    """Return a score with where that of new rows lies, and on which rows it was measured, if on any."""
    if math.isnan(score):
        return f"{metric} not known, as there were no rows to measure it on"
    low, high = interval
    return (
        f"{metric} {score:.5g}, 95 % interval {low:.5g} to {high:.5g}, on rows that neither the members nor their "
        f"weights have seen"
    )


def leaderboard_frame(
    results: Sequence[CandidateResult], members: Sequence[Member], metric: MetricSpec | None = None
) -> pd.DataFrame:
    """Return one row a candidate, best first.

    `score` is the plain out-of-fold score, the mean over the finished folds; it is optimistic for the best of many.
    `score_low` and `score_high` are its 95 % interval by Student's t over the folds, missing for fewer than two: rough,
    as the folds share training rows. `finished` is in seconds since `fit` was entered.
    `refitted` says that a model fitted on all rows predicts for it; its score is still that of its fold models.
    `machine` is there where fits ran on others than this one, and names those of the candidate's.
    `weight` is the candidate's share in the ensemble. `status` is complete, partial (out of time) or dropped (after
    its first fold).
    """
    weights = {member.candidate_id: member.weight for member in members}
    refitted = {member.candidate_id for member in members if member.refitted}
    whole = {Status.COMPLETE: 0, Status.PARTIAL: 1, Status.DROPPED: 2}
    ranked = sorted(results, key=lambda result: (whole[result.status], result.loss, result.order))
    rows = [
        {
            "rank": rank,
            "model": result.candidate.model,
            "score": result.score,
            **dict(zip(("score_low", "score_high"), _interval(result, metric), strict=True)),
            "weight": weights.get(result.candidate.id, 0.0),
            "status": str(result.status),
            "folds": len(result.folds),
            "refitted": result.candidate.id in refitted,
            "fit_seconds": result.seconds,
            "predict_seconds": sum(fold.predict_seconds for fold in result.folds),
            "finished": result.finished,
            "device": result.folds[0].device,
            MACHINE: ", ".join(dict.fromkeys(fold.machine for fold in result.folds if fold.machine)),
            "origin": result.candidate.origin,
            "params": dict(result.candidate.params),
            "candidate": result.candidate.id,
        }
        for rank, result in enumerate(ranked, start=1)
    ]
    columns = list(LEADERBOARD_COLUMNS)
    if any(row[MACHINE] for row in rows):
        columns.insert(columns.index("device"), MACHINE)
    return pd.DataFrame(rows, columns=columns)


def completed_leaderboard(board: pd.DataFrame) -> pd.DataFrame:
    """Return a leaderboard of an earlier version with the columns that it did not know, their cells missing."""
    lacking = [name for name in LEADERBOARD_COLUMNS if name not in board.columns]
    if not lacking:
        return board
    text = {name: "" for name in lacking if name in ("status", "device", "origin")}
    added = board.assign(**{name: text.get(name, float("nan")) for name in lacking})
    return added[[*LEADERBOARD_COLUMNS, *(name for name in board.columns if name not in LEADERBOARD_COLUMNS)]]


def _interval(result: CandidateResult, metric: MetricSpec | None) -> tuple[float, float]:
    """Return the 95 % interval of a candidate's score over its folds, never past the metric's optimum."""
    from scipy.special import stdtrit

    losses = np.asarray(result.fold_losses, dtype=np.float64)
    if len(losses) < 2 or not np.isfinite(losses).all():
        return math.nan, math.nan
    half = float(stdtrit(len(losses) - 1, 0.975) * losses.std(ddof=1) / math.sqrt(len(losses)))
    low, high = result.score - half, result.score + half
    if metric is None:
        return low, high
    return never_past_optimum(metric, low, high)


def failures_frame(failures: Sequence[Failure]) -> pd.DataFrame:
    """Return whatever did not run or broke, equal causes grouped, with the first traceback of each."""
    grouped: dict[tuple[str, str, str], list[Failure]] = {}
    for failure in failures:
        cause = failure.cause if failure.traceback else _without_numbers(failure.cause)
        grouped.setdefault((failure.model, failure.stage, cause), []).append(failure)
    rows = [
        {
            "model": group[0].model,
            "stage": str(group[0].stage),
            "cause": group[0].cause,
            "count": len(group),
            "params": dict(group[0].params),
            "fold": group[0].fold,
            "candidate": group[0].candidate_id,
            "traceback": group[0].traceback,
        }
        for group in grouped.values()
    ]
    return pd.DataFrame(rows, columns=list(FAILURE_COLUMNS))


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row a finding of the audit, warnings first."""
    rows = [(each.severity.value, each.topic, each.column, each.found, each.done, each.advice) for each in findings]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))


def schema_summary(schema: Schema) -> pd.DataFrame:
    """Return one row a column: what it was taken for, and why some are ignored."""
    needed = set(schema.needed)
    return pd.DataFrame(
        [
            {"column": c.name, "kind": c.kind.value, "distinct": c.n_distinct, "missing": c.missing_fraction,
             "used": c.part != "" or c.name in needed, "note": c.note or c.doubt}
            for c in schema.columns
        ]
    )  # fmt: skip


def _without_numbers(cause: str) -> str:
    """Return a cause without its figures, so that "would need 3.1 s" and "would need 3.2 s" are one row."""
    return "".join("#" if character.isdigit() else character for character in cause)
