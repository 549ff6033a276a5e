"""Note the run: what a user should know of how a search went: taken over, interrupted, or not repeatable."""

from __future__ import annotations

from collections.abc import Iterable

from automl.steps.resume.log_folds import FoldLog
from automl.steps.trials.run_jobs import MEMORY
from automl.table.files.lay_out import TOPIC
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.results import Failure
from automl.vocabulary.settings import SearchSettings

INTERRUPTED = "interrupted by the user"
NOT_REPEATABLE = "not repeatable to the last bit"
REFUSED_FOR_MEMORY = "MB are allowed for one fit"


def note_run(
    settings: SearchSettings, reason: str, failures: Iterable[Failure], log: FoldLog | None
) -> tuple[str, ...]:
    """Return the notes, as sentences."""
    notes = []
    if log is not None and log.n_recalled:
        notes.append(f"resumed: {log.n_recalled} fits of the same search, stopped earlier, were taken over.")
    if log is not None and log.stopped:
        notes.append(f"path: fits could no longer be written down, so they would be made again: {log.stopped}.")
    if reason == INTERRUPTED:
        then = "" if settings.path is None else "; the same call goes on from here"
        notes.append(f"interrupted: this is the best that was found until then{then}.")
    breaks = breaks_repeatability(settings, reason, failures)
    if breaks and (settings.seeded or settings.time_limit is None):  # else nobody has asked for the same result again
        notes.append(f"{NOT_REPEATABLE}: {'; '.join(breaks)}.")
    return tuple(notes)


def doubts_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what is in doubt about how a file was read, as sentences."""
    doubts = [each for each in findings if each.topic == TOPIC and each.severity is Severity.WARNING]
    return tuple(f"{f'{each.column}: ' if each.column else ''}{each.found}; {each.done}." for each in doubts)


def breaks_repeatability(settings: SearchSettings, reason: str, failures: Iterable[Failure]) -> list[str]:
    """Return why the same call may give another result; nothing where it gives the same on any number of cores."""
    told = []
    if settings.time_limit is not None:
        told.append("the clock decides what is tried; use time_limit=None with max_trials")
    if settings.predict_time_limit is not None:
        told.append("predict_time_limit goes by measured seconds")
    if reason == INTERRUPTED:
        told.append("it was interrupted")
    if any(failure.stage == MEMORY or REFUSED_FOR_MEMORY in failure.cause for failure in failures):
        told.append("some candidates did not fit memory_limit, which is shared by n_jobs")
    return told
