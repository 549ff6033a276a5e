"""Note the run: what a user should know of how a search went: taken over, interrupted, or not repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from automl.steps.ensemble.combine import Combined
from automl.steps.plan.understand import Understood
from automl.steps.resume.log_folds import FoldLog
from automl.steps.trials.try_candidates import Tried
from automl.table.columns.note_columns import column_notes
from automl.table.files.lay_out import TOPIC
from automl.table.readings.note_readings import note_readings
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.results import Failure
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Ended, Refusal, Stage


def notes_of(asked: Understood, tried: Tried, combined: Combined) -> tuple[str, ...]:
    """Return all that a user should know of a search, in the order of its phases, as sentences."""
    setup = tried.setup
    schema, workers = setup.table.dataset.schema, setup.assignment.note
    return (
        *doubts_of(asked.table.findings),
        *asked.table.notes,
        *column_notes(schema),
        *note_readings(schema),
        *((workers,) if workers else ()),
        *setup.notes(),
        *combined.limited.notes,
        *note_run(setup.search.settings, tried.reason, tried.trials.failures, setup.log),
        *note_lost(tried.trials.lost_with),
        *((memory,) if (memory := tried.trials.kept.note()) else ()),
        *combined.renewed.notes,
    )


def note_run(
    settings: SearchSettings, reason: Ended, failures: Iterable[Failure], log: FoldLog | None
) -> tuple[str, ...]:
    """Return the notes, as sentences."""
    notes = []
    if log is not None and log.n_recalled:
        notes.append(f"resumed: {log.n_recalled} fits of the same search, stopped earlier, were taken over.")
    if log is not None and log.stopped:
        notes.append(f"path: fits could no longer be written down, so they would be made again: {log.stopped}.")
    if reason is Ended.INTERRUPTED:
        notes.append(note_interrupted(settings))
    breaks = breaks_repeatability(settings, reason, failures)
    if breaks and (settings.seeded or settings.time_limit is None):  # else nobody has asked for the same result again
        notes.append(note_unrepeatable(breaks))
    return tuple(notes)


def note_lost(lost_with: Mapping[str, int]) -> tuple[str, ...]:
    """Return how many fits were lost with machines, as a sentence, where some were."""
    if not lost_with:
        return ()
    where = ", ".join(f"{name or 'this machine'} ({count})" for name, count in sorted(lost_with.items()))
    lost = sum(lost_with.values())
    fits = f"{lost} fits were" if lost > 1 else "1 fit was"
    return (f"machines: {fits} lost with a machine and handed out again: {where}.",)


def note_unrepeatable(breaks: Sequence[str]) -> str:
    """Return the note of a search that the same call may end in another way, for these reasons."""
    return f"not repeatable to the last bit: {'; '.join(breaks)}."


def note_interrupted(settings: SearchSettings) -> str:
    """Return the note of a search that the user has interrupted."""
    then = "" if settings.path is None else "; the same call goes on from here"
    return f"interrupted: this is the best that was found until then{then}."


def doubts_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what is in doubt about how a file was read, as sentences."""
    doubts = [each for each in findings if each.topic == TOPIC and each.severity is Severity.WARNING]
    return tuple(f"{f'{each.column}: ' if each.column else ''}{each.found}; {each.done}." for each in doubts)


def breaks_repeatability(settings: SearchSettings, reason: Ended, failures: Iterable[Failure]) -> list[str]:
    """Return why the same call may give another result; nothing where it gives the same on any number of cores."""
    told = []
    if settings.time_limit is not None:
        told.append("the clock decides what is tried; use time_limit=None with max_trials")
    if settings.predict_time_limit is not None:
        told.append("predict_time_limit goes by measured seconds")
    if reason is Ended.INTERRUPTED:
        told.append("it was interrupted")
    if any(_was_short_of_memory(failure) for failure in failures):
        told.append("some candidates did not fit memory_limit, which is shared by n_jobs")
    return told


def _was_short_of_memory(failure: Failure) -> bool:
    """Tell whether a fit was not begun, or ended, as the search had no more memory for it; not that it raised."""
    return failure.stage == Stage.MEMORY or failure.refusal is Refusal.MEMORY
