"""Fit a table: from an estimator's options to the record of its fit, found by a search or by an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.artifact import check_place, load_artifact
from automl.errors import ArtifactError
from automl.fitted_model import Fitted
from automl.machine.hold_folder import is_own
from automl.registry import discover_quietly
from automl.report import failures_frame, findings_frame, leaderboard_frame
from automl.saved_estimator import restored, save_fitted
from automl.search import SearchOutcome, run_search
from automl.steps.plan.given import Given, Search
from automl.steps.plan.parse_settings import parse_settings
from automl.steps.resume.keep_run import MODEL, Run, finish_run
from automl.steps.review.note_run import note_interrupted
from automl.table.take_table import Extras
from automl.vocabulary.deadline import Stopwatch
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Ended


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit, what was asked, and the search that it comes from, None where one has finished in the folder `path`."""

    fitted: Fitted
    settings: SearchSettings
    outcome: SearchOutcome | None


def fit_table(X: Any, y: Any, extras: Extras, options: Mapping[str, Any], kind: str) -> Fit:
    """Search with an estimator's options; `kind` is the name of its class."""
    stopwatch = Stopwatch()
    settings = parse_settings(options)
    if settings.path is not None:
        check_place(Path(settings.path) / MODEL)
    registry = discover_quietly(options["plugins"])
    outcome = run_search(Given(X, y, extras), Search(settings, registry, stopwatch))
    if isinstance(outcome, Run):
        artifact = load_artifact(outcome.model, registry, trusted=is_own(outcome.model))
        found = restored(artifact, registry, kind)
        return Fit(replace(found, notes=(*found.notes, _note_finished(outcome))), settings, None)
    return Fit(_fitted_by(outcome, kind), settings, outcome)


def tell_fit(fit: Fit, whole: Fitted) -> list[str]:
    """Return what a user is to be warned of, once what was fitted, `whole` with its options, lies in its folder."""
    outcome = fit.outcome
    if outcome is None:
        return []
    is_whole = outcome.reason is not Ended.INTERRUPTED
    told = [] if is_whole else [note_interrupted(fit.settings)]
    if outcome.run is not None:
        told += _save_run(whole, outcome.run, finished=is_whole)
    return told


def _fitted_by(outcome: SearchOutcome, kind: str) -> Fitted:
    facts = {**outcome.looked_back.facts, "reason": str(outcome.reason), "unrepeatable": outcome.unrepeatable}
    return Fitted(
        predictor=outcome.predictor,
        metric=outcome.metric,
        score=outcome.ensemble.score,
        interval=outcome.ensemble.interval,
        ensemble=outcome.ensemble.kind,
        notes=outcome.notes,
        leaderboard=leaderboard_frame(outcome.results, outcome.predictor.members, outcome.metric),
        failures=failures_frame(outcome.failures),
        audit=findings_frame(outcome.audit.findings),
        profile=outcome.audit.profile,
        looked=replace(outcome.looked_back, facts=facts),
        calibrated=outcome.calibrated,
        kind=kind,
    )


def _save_run(fitted: Fitted, run: Run, *, finished: bool) -> list[str]:
    """Save a fit in the folder of its run, and say there that it has finished; return what did not work."""
    try:
        save_fitted(fitted, run.model)
        if finished:
            finish_run(run)
    except (ArtifactError, OSError) as error:
        return [f"The model is fitted, but not saved: {error} Use save() with another path."]
    return []


def _note_finished(run: Run) -> str:
    return f"finished before: this is what the same call has found and saved in {run.model}."
