"""States: where something broke, what became of a candidate, and why a search ended; each is a text of its own."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What became of a candidate, or of a proposal."""

    RUNNING = "running"
    COMPLETE = "complete"
    """All of its folds are finished."""
    PARTIAL = "partial"
    """Some are: it ran out of time."""
    DROPPED = "dropped"
    """It was clearly behind after its first fold."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It was not run; a `Refusal` says why."""


class Stage(StrEnum):
    """Where something did not run, or broke."""

    LOAD = "load"
    """A plugin, or a fitted model, could not be loaded."""
    CHOOSE = "choose"
    """It was not run."""
    LIMITS = "limits"
    RESOURCES = "resources"
    """What a model says of what it can fit, and of what it needs for that."""
    ASK = "ask"
    TELL = "tell"
    """The search strategy."""
    PREPARE = "prepare"
    BUILD = "build"
    FIT = "fit"
    PREDICT = "predict"
    SAVE = "save"
    """A fit in a worker."""
    SCORE = "score"
    WORKER = "worker"
    """The process of a fit died, or was killed as it outstayed its time."""
    STOPPED = "stopped"
    """The search ended while it was fitted, before any of its folds was done: no fault of its own."""
    MACHINE = "machine"
    """The machine that it ran on is lost: no fault of its own."""
    MEMORY = "memory"
    """Its process was killed, as the search took too much memory."""
    ENSEMBLE = "ensemble"
    REFIT = "refit"
    REVIEW = "review"
    TASK = "task"
    """A task was asked whether a target is its own, or what is odd about it."""
    INFER_TASK = "automl_infer_task"
    TYPE_COLUMN = "automl_type_column"
    PLAN_RESAMPLING = "automl_plan_resampling"
    SHOULD_STOP = "automl_should_stop"
    EVENT = "automl_event"
    """A hook that is asked, or told, in a search."""


class Lack(StrEnum):
    """What a fit had too little of: with more of it, the same fit may succeed."""

    NOTHING = ""
    MEMORY = "memory"
    DISK = "disk"


class Refusal(StrEnum):
    """Why a proposal was not run."""

    NONE = ""
    """It was run."""
    UNKNOWN = "unknown"
    """The search has no such model, or no such way to prepare the table for it."""
    TRIED = "tried"
    """The same was tried before."""
    LIMITS = "limits"
    """Its model says that it makes no sense for these rows."""
    MEMORY = "memory"
    """It would need more memory than a fit may take."""
    MACHINES = "machines"
    """No machine has what it needs."""
    TIME = "time"
    """It would not end in the time left."""


class Again(StrEnum):
    """How a fit that was ended for lack of memory may fit in, as people are told."""

    NO = ""
    FEWER_FITS = "with fewer fits at once"
    FEWER_ROWS = "on fewer rows"


class Ended(StrEnum):
    """Why the trials of a search ended, as people are told."""

    TIME = "the time limit was reached"
    COUNT = "the number of trials was reached"
    STALLED = "nothing has improved for long"
    NOTHING_FITS = "nothing is left to try that fits the time"
    NOTHING_LEFT = "nothing is left to try"
    NO_MACHINES = "no machine is left to run on"
    INTERRUPTED = "interrupted by the user"
