"""Report: the leaderboard and the failures of a search as frames."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from automl.steps.gather_members import Member
from automl.vocabulary.findings import Finding
from automl.vocabulary.results import CandidateResult, Failure

LEADERBOARD_COLUMNS = (
    "rank", "model", "score", "weight", "status", "folds", "refitted", "fit_seconds", "predict_seconds", "device",
    "origin", "params", "candidate",
)  # fmt: skip
FINDING_COLUMNS = ("severity", "topic", "column", "found", "done", "advice")
FAILURE_COLUMNS = ("model", "stage", "cause", "count", "params", "fold", "candidate", "traceback")


def leaderboard_frame(results: Sequence[CandidateResult], members: Sequence[Member]) -> pd.DataFrame:
    """Return one row a candidate, best first.

    `score` is the plain out-of-fold score, the mean over the finished folds; it is optimistic for the best of many.
    `refitted` says that a model fitted on all rows predicts for it; its score is still that of its fold models.
    `weight` is the candidate's share in the ensemble. `status` is complete, partial (out of time) or dropped (after
    its first fold).
    """
    weights = {member.candidate_id: member.weight for member in members}
    refitted = {member.candidate_id for member in members if member.refitted}
    whole = {"complete": 0, "partial": 1, "dropped": 2}
    ranked = sorted(results, key=lambda result: (whole[result.status], result.loss, result.order))
    rows = [
        {
            "rank": rank,
            "model": result.candidate.model,
            "score": result.score,
            "weight": weights.get(result.candidate.id, 0.0),
            "status": result.status,
            "folds": len(result.folds),
            "refitted": result.candidate.id in refitted,
            "fit_seconds": result.seconds,
            "predict_seconds": sum(fold.predict_seconds for fold in result.folds),
            "device": result.folds[0].device,
            "origin": result.candidate.origin,
            "params": dict(result.candidate.params),
            "candidate": result.candidate.id,
        }
        for rank, result in enumerate(ranked, start=1)
    ]
    return pd.DataFrame(rows, columns=list(LEADERBOARD_COLUMNS))


def failures_frame(failures: Sequence[Failure]) -> pd.DataFrame:
    """Return whatever did not run or broke, equal causes grouped, with the first traceback of each."""
    grouped: dict[tuple[str, str, str], list[Failure]] = {}
    for failure in failures:
        cause = failure.cause if failure.traceback else _without_numbers(failure.cause)
        grouped.setdefault((failure.model, failure.stage, cause), []).append(failure)
    rows = [
        {
            "model": group[0].model,
            "stage": group[0].stage,
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


def _without_numbers(cause: str) -> str:
    """Return a cause without its figures, so that "would need 3.1 s" and "would need 3.2 s" are one row."""
    return "".join("#" if character.isdigit() else character for character in cause)
