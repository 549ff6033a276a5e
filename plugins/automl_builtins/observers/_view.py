"""View: what a search has done so far, as the displays show it. Pure bookkeeping, no output."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from automl.plugin_api import (
    CandidateFailed,
    CandidateFinished,
    EnsembleBuilt,
    Event,
    FoldFinished,
    FoldLost,
    FoldStarted,
    SearchFinished,
    SearchResumed,
    SearchStarted,
    Severity,
    SlotsChanged,
    Stage,
    Status,
    TableAudited,
    TrialsFinished,
)

KEPT_LINES = 6
MOST_NAMED = 4
"""Machines that are named in one line."""
ENDS = (Status.COMPLETE, Status.PARTIAL, Status.DROPPED, Status.FAILED, Status.SKIPPED)
"""How candidates end, in the order in which they are counted."""


@dataclass(frozen=True, slots=True)
class Running:
    """A fold that a slot fits now; `since` is in seconds since `fit` was entered."""

    model: str
    candidate_id: str
    fold: int
    since: float
    machine: str = ""


@dataclass(slots=True)
class View:
    """What a search has done so far; `take` each event in order.

    `counts` has the keys complete, partial, dropped, failed and skipped. A candidate is skipped when it was not begun
    or was cut short by the clock: that is no fault of its own.
    """

    started: SearchStarted
    clock_zero: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    best_score: float | None = None
    best_model: str = ""
    running: dict[int, Running] = field(default_factory=dict)
    trials_ended: bool = False
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))

    def __post_init__(self) -> None:
        """Remember when `fit` was entered, on this process's monotonic clock."""
        self.clock_zero = time.monotonic() - self.started.elapsed

    def elapsed(self) -> float:
        """Return the seconds since `fit` was entered."""
        return time.monotonic() - self.clock_zero

    def take(self, event: Event) -> None:
        """Take in what happened."""
        if isinstance(event, FoldStarted):
            self.running[event.slot] = Running(
                event.model, event.candidate_id, event.fold, event.elapsed, event.machine
            )
        elif isinstance(event, FoldFinished | FoldLost):
            self.running.pop(event.slot, None)
        elif isinstance(event, CandidateFinished):
            self._finish(event)
        elif isinstance(event, CandidateFailed):
            self._release(event.failure.candidate_id)
            self.counts[Status.SKIPPED if is_skipped(event) else Status.FAILED] += 1
        elif isinstance(event, TrialsFinished | EnsembleBuilt | SearchFinished):
            self.running.clear()
            self.trials_ended = True
        line = describe(event, self)
        if line and not is_detail(event):
            self.lines.append(line)

    def _finish(self, event: CandidateFinished) -> None:
        self._release(event.result.candidate.id)
        self.counts[event.result.status] += 1
        if not math.isfinite(event.best_score):
            return  # nothing is complete yet
        if event.best_score != self.best_score:
            self.best_model = event.result.candidate.model
        self.best_score = event.best_score

    def _release(self, candidate_id: str) -> None:
        """Forget the folds of a candidate that has ended; a killed fold tells no end of its own."""
        self.running = {slot: each for slot, each in self.running.items() if each.candidate_id != candidate_id}


def is_detail(event: Event) -> bool:
    """Tell whether an event is shown only to those who ask for details: a fold, or a candidate that was not run."""
    return isinstance(event, FoldFinished | FoldLost) or (isinstance(event, CandidateFailed) and is_skipped(event))


def is_skipped(event: CandidateFailed) -> bool:
    """Tell whether a candidate was not run, or cut short by the clock, rather than broken."""
    return event.failure.stage in (Stage.CHOOSE, Stage.STOPPED)


def describe(event: Event, view: View) -> str:
    """Return one line for an event; "" where it is not worth one."""
    text = ""
    if isinstance(event, SearchStarted | SearchResumed | SlotsChanged):
        text = _of_search(event)
    elif isinstance(event, TableAudited):
        text = _audited(event)
    elif isinstance(event, CandidateFinished):
        text = _finished(event, view.started)
    elif isinstance(event, CandidateFailed):
        verb = "skipped" if is_skipped(event) else "FAILED"
        text = f"{event.failure.model:<18} {verb}: {_one_line(event.failure.cause)}"
    elif isinstance(event, FoldFinished | FoldLost):
        text = _fold(event)
    elif isinstance(event, EnsembleBuilt):
        low, high = event.interval
        members = f"{event.n_members} member{'s' if event.n_members != 1 else ''}"
        text = f"ensemble {event.kind}: {view.started.metric} {event.score:.5g} [{low:.5g}, {high:.5g}], {members}"
    elif isinstance(event, SearchFinished):
        text = f"finished: {event.reason}; {counted(view.counts)}"
    return f"[{event.elapsed:6.1f}s] {text}" if text else ""


def _of_search(event: SearchStarted | SearchResumed | SlotsChanged) -> str:
    if isinstance(event, SearchStarted):
        return headline(event)
    return _resumed(event) if isinstance(event, SearchResumed) else _changed(event)


def _resumed(event: SearchResumed) -> str:
    return f"goes on where it was stopped: {event.n_folds} fits of {event.n_candidates} candidates are done"


def _audited(event: TableAudited) -> str:
    """Return the warnings of the audit in one line each; the notes are only counted."""
    warnings = [each for each in event.findings if each.severity is Severity.WARNING]
    lines = [f"warning ({each.topic}) {each.column!r}: {each.found}".replace(" ''", "") for each in warnings]
    n_notes = len(event.findings) - len(warnings)
    return "; ".join(
        [*map(_one_line, lines), *([f"{n_notes} note{'s' if n_notes > 1 else ''}, see audit_"] if n_notes else [])]
    )


def headline(started: SearchStarted) -> str:
    """Return what is being solved, and with what."""
    columns, budget = len(started.schema.given) + 1, []  # as the user counts: parts are none, and the target is one
    if started.time_limit is not None:
        budget.append(f"{started.time_limit:g} s")
    if started.max_trials is not None:
        budget.append(f"{started.max_trials} trials")
    slots = _on(started.n_slots, started.machines)
    return (
        f"{started.task.kind.value} {started.task.target!r}, {started.n_rows} x {columns}, {started.plan}; "
        f"{len(started.models)} models, {slots}, {' and '.join(budget) or 'no limit'}"
    )


def _fold(event: FoldFinished | FoldLost) -> str:
    fold = f"{event.model:<18} fold {event.fold + 1}"
    if isinstance(event, FoldLost):
        return f"{fold} is fitted again: {_one_line(event.cause)}"
    return f"{fold} {event.score:.5g} ({event.seconds:.1f} s, {slot_name(event.slot, event.machine)})"


def slot_name(slot: int, machine: str) -> str:
    """Return what a slot is called, with its machine where that is another than the search's."""
    return f"slot {slot} on {machine}" if machine else f"slot {slot}"


def _on(n_slots: int, machines: Sequence[str]) -> str:
    """Return how many slots there are, and on how many other machines where these take part."""
    slots = f"{n_slots} slot{'s' if n_slots != 1 else ''}"
    return f"{slots} on {len(machines)} machine{'s' if len(machines) != 1 else ''}" if machines else slots


def _changed(event: SlotsChanged) -> str:
    """Return which machines have come and gone, and what there is now."""
    told = [f"{_few(names)} {what}" for names, what in ((event.came, "came"), (event.gone, "went")) if names]
    there = _on(event.n_slots, event.machines) if event.machines else "no machine is left, others are awaited"
    return f"machines: {'; '.join([*told, there])}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def counted(counts: Counter[str]) -> str:
    """Return how many candidates ended in which way, leaving out what did not happen."""
    named = [f"{counts[status]} {status}" for status in ENDS if counts[status]]
    return ", ".join(named) or "nothing tried yet"


def _finished(event: CandidateFinished, started: SearchStarted) -> str:
    result, n_folds = event.result, len(event.result.folds)
    best = f"{event.best_score:.5g}" if math.isfinite(event.best_score) else "-"
    ended = "" if result.status == Status.COMPLETE else f"{result.status} after "
    folds = f"{ended}{n_folds} fold{'s' if n_folds != 1 else ''}"
    scored = f"{started.metric} {result.score:<9.5g} best {best:<9}"
    return f"{result.candidate.model:<18} {scored} ({folds}, {result.seconds:.1f} s)"


def _one_line(cause: str, width: int = 160) -> str:
    first = " ".join(cause.split())
    return first if len(first) <= width else first[: width - 3] + "..."
