"""Fit one fold, in a worker: from a job that carries no data to a `FoldResult`, or a `Failure` as a value."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd

from automl.errors import error_line
from automl.fitted.member import FittedMember
from automl.machine.keep_process import kept_process
from automl.machine.last_words import last_words
from automl.machine.quiet_warnings import quiet_warnings
from automl.plugin_api.executors import Workplace
from automl.plugin_api.protocols import FitContext, Learner, Refittable
from automl.plugin_api.specs import BuildRequest, ModelSpec, PreprocessorSpec
from automl.steps.fit.choose_preparation import learner_params
from automl.steps.fit.prepare_fold import PreparedFold, prepare_fold
from automl.steps.fit.store_dataset import OpenedDataset, open_dataset
from automl.steps.fit.weigh_recent import weigh_recent
from automl.steps.fit.worker_cache import WorkerCache
from automl.table.readings.keep_digits import as_given, for_learners
from automl.vocabulary.arrays import Array
from automl.vocabulary.candidate import Candidate
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import Fold
from automl.vocabulary.outputs import strata_of, valid_outputs
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Lack, Stage
from automl.vocabulary.task import Task

GRACE_SECONDS = 2.0
GRACE_SHARE = 0.25
"""A fit may exceed the time it was given by this share, and some seconds, before its worker is killed."""
IMPORT_SECONDS = 6.0
"""What the first job in a worker may need besides, once it has begun, for what only fits import."""
LAST_SECONDS = 0.5
"""So long before that a fit is made to write down where it is; Python may crash of being asked while it runs."""
ALL_ROWS = -1
"""In the place of a fold's number: a fit on all rows, none of which validate."""
SHARED = "shared"
"""The folder, inside that of the host, that fits leave things in for each other."""
CHECKED_ROWS = 100
"""Rows that a fit on all rows predicts, to see that it can."""
_OPENED: dict[tuple[Path | None, str], tuple[OpenedDataset, WorkerCache]] = {}
"""The table that the fits of this process are of, and what they have built of it: one entry, or none."""


@dataclass(frozen=True, slots=True)
class FoldJob:
    """All that a worker needs to fit one fold; its size does not depend on the table's."""

    stored: Ref
    """The published table."""
    candidate: Candidate
    fold: int
    spec: ModelSpec
    preprocessors: Mapping[str, PreprocessorSpec]
    metric: str
    seed: int
    threads: int
    seconds: float
    cache_mb: float = 1024.0
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Hyperparameters that override the candidate's, for a fit on all rows."""
    rows_share: float = 1.0
    """Share of the training rows that it is fitted on; less than 1 where memory is short."""
    objective: str = ""
    """The loss that the metric wants models to learn by."""
    sharing: int = 1
    """How many fits of the candidate start together and make what all its fits share."""
    device: str = "cpu"
    gpu: str = ""
    """Which GPU the worker sees, in the machine's own count."""


def fit_fold(place: Workplace, job: FoldJob) -> FoldResult | Failure:
    """Prepare, fit, predict the validation rows, and leave the fitted member where the controller can fetch it."""
    try:
        seed = fold_seed(job.seed, job.candidate, job.fold)
        # A library's advice to its caller is not for the user of the search.
        with quiet_warnings(), kept_process(seed), last_words(place.words, _patience(job)):
            return _fit(place, job)
    except BrokenStage as broken:
        return _failure(job, broken.stage, broken.error)
    except (Exception, SystemExit) as error:  # a library may even call sys.exit
        return _failure(job, Stage.PREPARE, error)


class BrokenStage(Exception):
    """A stage of a fit raised an error."""

    def __init__(self, stage: Stage, error: BaseException) -> None:
        """Say which one, and what it raised."""
        super().__init__(stage, error)
        self.stage, self.error = stage, error


@contextmanager
def _at(stage: Stage) -> Iterator[None]:
    """Say of whatever is raised inside in which stage that was."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise BrokenStage(stage, error) from error


def _failure(job: FoldJob, stage: Stage, error: BaseException) -> Failure:
    return Failure(
        model=job.candidate.model,
        stage=stage,
        cause=error_line(error),
        traceback="".join(traceback.format_exception(error)),
        candidate_id=job.candidate.id,
        params=job.candidate.params,
        fold=job.fold,
        lacked=_lacked(error),
    )


def _lacked(error: BaseException) -> Lack:
    """Return what a fit that raised had too little of; of what a disk refuses, only what has no name of its own."""
    if isinstance(error, MemoryError):
        return Lack.MEMORY
    return Lack.DISK if type(error) is OSError else Lack.NOTHING


def _patience(job: FoldJob) -> float:
    """Return after how many seconds of a job its worker is about to be killed."""
    start_up = 0.0 if _OPENED else IMPORT_SECONDS
    return start_up + job.seconds * (1 + GRACE_SHARE) + GRACE_SECONDS - LAST_SECONDS


def _load_libraries(names: Iterable[str]) -> None:
    """Import what a model is made of before its time is taken: only the first fit of a worker pays for it."""
    for name in names:
        with suppress(Exception):  # the fit will tell
            import_module(name)


def fold_seed(search_seed: int, candidate: Candidate, fold: int) -> int:
    """Return the seed of one fit, which depends on nothing but the search's seed, the candidate and the fold."""
    content = f"{search_seed}/{candidate.id}/{candidate.seed}/{fold}"
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:4], "little") % (2**31 - 1)


def checked_predictions(predictions: Any, n_rows: int, task: Task) -> Array:
    """Return predictions `(n_rows, n_outputs)` in the user's units; refuse wrong shapes and values not finite.

    They are float32, float64 where that would lose a target's digits.
    """
    found = np.asarray(predictions)
    if found.shape != (n_rows, task.n_outputs):
        raise ValueError(f"The model predicted the shape {found.shape}; expected {(n_rows, task.n_outputs)}.")
    if not np.isfinite(found).all():
        raise ValueError(f"The model predicted {int((~np.isfinite(found)).sum())} values that are not finite numbers.")
    if task.is_rescaled:
        return valid_outputs(as_given(found, task), task)
    return valid_outputs(found, task).astype(np.float32)


def _fit(place: Workplace, job: FoldJob) -> FoldResult:
    opened, cache = _open(place, job)
    context = FitContext(
        seed=fold_seed(job.seed, job.candidate, job.fold),
        threads=job.threads,
        deadline=Deadline(None if np.isinf(job.seconds) else job.seconds),
        cache=cache,
        metric=job.metric,
        objective=job.objective,
        device=job.device,
        folder=None if place.folder is None else place.folder / SHARED,
        sharing=job.sharing,
    )
    _load_libraries(job.spec.requires)
    wall, cpu = time.perf_counter(), time.process_time()
    with _at(Stage.PREPARE):
        prepared = _prepared(job, opened, context)
    with _at(Stage.BUILD):
        params = {**learner_params(job.candidate.params), **job.fixed}
        learner = job.spec.build(BuildRequest(opened.dataset.task, params))
    with _at(Stage.FIT):
        learner.fit(prepared.train, None if job.fold == ALL_ROWS else prepared.valid, context)
    with _at(Stage.PREDICT):
        started = time.perf_counter()
        predictions = checked_predictions(
            learner.predict(prepared.valid.features), prepared.valid.n_rows, opened.dataset.task
        )
        predict_seconds = time.perf_counter() - started
    with _at(Stage.SAVE):
        data = cloudpickle.dumps(FittedMember(prepared.preparation, learner))
        member = place.put(f"{job.candidate.id}-{job.fold}.pkl", data)
        device = _device(job, learner)
        info = {"refit_params": dict(learner.refit_params())} if isinstance(learner, Refittable) else {}
    return FoldResult(
        candidate_id=job.candidate.id,
        fold=job.fold,
        predictions=predictions,
        seconds=time.perf_counter() - wall,
        cpu_seconds=time.process_time() - cpu,
        predict_seconds=predict_seconds + prepared.transform_seconds,
        member=member,
        member_mb=len(data) / 2**20,
        member_sha256=hashlib.sha256(data).hexdigest(),
        device=device,
        info=info,
        rows_share=job.rows_share,
    )


def _device(job: FoldJob, learner: Learner) -> str:
    """Return where the fit ran: where it was asked to, or where the learner says, with the GPU's number."""
    device = str(getattr(learner, "device", job.device))
    return f"{device}:{job.gpu}" if job.gpu and device == job.device else device


def _fold(opened: OpenedDataset, job: FoldJob) -> Fold:
    if job.fold != ALL_ROWS:
        fold = opened.plan.folds[job.fold]
    else:
        rows = np.arange(opened.dataset.n_rows)
        fold = Fold(train=rows, valid=rows[:CHECKED_ROWS])
    return fold if job.rows_share >= 1 else replace(fold, train=_thinned(fold.train, opened.dataset, job))


def _thinned(rows: Array, data: Dataset, job: FoldJob) -> Array:
    """Return a share of the rows, in their order, and of each class as large a share of it, one row at least."""
    strata = strata_of(data.target, data.task)
    labels = np.zeros(len(rows), dtype=int) if strata is None else strata[rows]
    shuffled = np.random.default_rng((job.seed, job.fold + 1)).permutation(len(rows))
    in_turn = shuffled[np.argsort(labels[shuffled], kind="stable")]
    _, starts, counts = np.unique(labels[in_turn], return_index=True, return_counts=True)
    place = np.arange(len(rows)) - np.repeat(starts, counts)
    kept = in_turn[place < np.ceil(job.rows_share * np.repeat(counts, counts))]
    return np.asarray(rows[np.sort(kept)])


def _prepared(job: FoldJob, opened: OpenedDataset, context: FitContext) -> PreparedFold:
    key = ("fold", job.stored.name, job.candidate.preparation.id, job.fold, job.rows_share)
    # The preparation's seed must not depend on which candidate came first, or results would depend on the order.
    neutral = FitContext(seed=(job.seed * 1009 + job.fold) % (2**31 - 1), threads=job.threads, cache=context.cache)
    fold = _fold(opened, job)
    kept = context.cache.get_or_build(
        key, lambda: prepare_fold(opened.dataset, fold, job.candidate.preparation, job.preprocessors, neutral)
    )
    train = weigh_recent(_lent(kept.train), opened.plan.stretches, job.candidate.params)
    return replace(kept, train=train, valid=_lent(kept.valid))


def _lent(data: Dataset) -> Dataset:
    """Return rows of the cache that a model may change without changing what the next model gets."""
    is_frame = isinstance(data.features, pd.DataFrame)  # whose values pandas copies before they are written to
    features = data.features.copy(deep=False) if is_frame else data.features.copy()
    weights = None if data.weights is None else data.weights.copy()
    return replace(data, features=features, target=data.target.copy(), weights=weights)


def _open(place: Workplace, job: FoldJob) -> tuple[OpenedDataset, WorkerCache]:
    """Open the dataset once in each worker; another search's is let go."""
    key = (place.folder, job.stored.name)
    if key not in _OPENED:
        _OPENED.clear()
        opened = open_dataset(place.files(job.stored))
        target = for_learners(opened.dataset.target, opened.dataset.task)
        opened = replace(opened, dataset=replace(opened.dataset, target=target))
        _OPENED[key] = opened, WorkerCache(job.cache_mb)
    return _OPENED[key]


def forget_datasets() -> None:
    """Let go of what fits in this process have opened and cached."""
    _OPENED.clear()
