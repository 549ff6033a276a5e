"""Plan the resampling, once per search: which rows train and which validate, for candidates and ensemble alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pandas.api.types import is_numeric_dtype

from automl.errors import InputError, OptionError
from automl.plugin_api.specs import FitSize, TaskSpec
from automl.registry import Registry
from automl.steps.plan.deal_groups import deal_groups, giant_group
from automl.steps.plan.deal_rows import deal_rows
from automl.steps.plan.order_rows import sortable_time as sortable_time
from automl.steps.plan.take_splits import users_own
from automl.table.files.read_images import seem_images
from automl.table.placed_cells import is_placed
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.outputs import strata_of
from automl.vocabulary.settings import SearchSettings

HOLDOUT_ROWS = 200_000
"""From this many rows on, one holdout judges as well as several folds and costs a fraction."""
HOLDOUT_SHARE = 0.1
MOST_HOLDOUT_ROWS = 50_000
CELLS_PER_SECOND = 1.2e5
"""Rows x columns that one core fits per second with a typical boosted model, for choosing the folds."""
FEW_GROUPS, FOLDS_OF_FEW_GROUPS = 5_000, 3
"""Of a task that is about groups, up to which so many folds judge at least, however many rows there are."""
FIRST_TRAINED = 0.5
"""Share of the rows, the earliest, that the oldest of several folds in order of time trains on. Models of less are of
another time and another strength than those that will predict."""
MOST_ORDERED_FOLDS = 5
"""Folds in order of time: each validates a tenth of the rows, and no fewer."""
STRETCHES = 40
"""Stretches of time by which scores are resampled, a few of them in each fold in order of time."""
IMAGE_FEATURES = 300
"""Columns of numbers that take as long as one of images."""
SEQUENCE_FEATURES = 4
"""Columns of numbers that take as long as one of rows among those of their groups, such as words."""
FOLDS_SHARE = 0.08
"""Share of all cores' time that the folds of one typical boosted model may take."""


def plan_resampling(
    dataset: Dataset,
    settings: SearchSettings,
    registry: Registry,
    time: Array | None = None,
    kept: Array | None = None,
) -> ResamplingPlan:
    """Return the folds: the user's own, a plugin's, or those that suit the rows, groups, time order and budget.

    `time` holds one sortable value a row and asks for folds that validate on later rows than they train on. `kept`
    tells which of the user's rows the dataset holds, where some were dropped: the user's index pairs count them all.
    """
    shown = replace(dataset, target=dataset.target.copy())
    decided = registry.decide("automl_plan_resampling", dataset=shown, settings=settings)
    if isinstance(decided, ResamplingPlan):
        return _checked(decided, dataset)
    is_count = settings.cv is None or isinstance(settings.cv, int | np.integer)
    if not is_count:
        return _checked(users_own(settings.cv, dataset, kept), dataset)
    asked, asks = settings.cv is not None, registry.tasks.get(dataset.task.kind.value)
    n_folds = _check_count(int(settings.cv), dataset.n_rows) if asked else choose_folds(dataset, settings, asks)
    if not asked and asks is not None and asks.needs_groups:
        n_folds = _for_few_groups(n_folds, dataset)
    rng = np.random.default_rng([settings.random_state, 101])
    dealt = as_dealt(dataset, asks)
    if time is not None:
        n_folds = n_folds if asked else min(n_folds, MOST_ORDERED_FOLDS)
        plan = _without_unlearnable(time_ordered(time, n_folds, exactly=asked), dataset)
    elif dataset.groups is not None:
        plan = _without_unlearnable(_grouped(dealt, n_folds, rng, exactly=asked), dataset)
        if dealt.groups is not dataset.groups:
            plan = replace(plan, description=f"{plan.description}, neighbours together", blocks=dealt.groups)
    else:
        plan = holdout(dealt, rng) if n_folds == 1 else stratified(dealt, n_folds, rng)
    return _checked(plan, dataset)


def as_dealt(dataset: Dataset, asks: TaskSpec | None) -> Dataset:
    """Return the rows as they are dealt: where the task has strata of its own, as if those were its classes.

    Where it deals groups together, blocks of them stand in for the groups.
    """
    if asks is not None and asks.blocks is not None and dataset.groups is not None:
        dataset = replace(dataset, groups=np.asarray(asks.blocks(dataset.groups), dtype=np.int64))
    if asks is None or asks.strata is None:
        return dataset
    strata = np.asarray(asks.strata(dataset.target, dataset.task), dtype=np.int64)
    classes = tuple(range(int(strata.max()) + 1))
    return replace(dataset, target=strata, task=replace(dataset.task, classes=classes, parts=()))


def choose_folds(dataset: Dataset, settings: SearchSettings, asks: TaskSpec | None = None) -> int:
    """Return the number of folds for this many rows and this budget; 1 stands for a holdout."""
    n_rows = dataset.n_rows
    if n_rows >= HOLDOUT_ROWS:
        return 1
    wanted = 8 if n_rows <= 3_000 else 5
    if settings.time_limit is not None:
        fold_seconds = n_rows * _weighed_features(dataset) * _plain_fits(dataset, asks) / CELLS_PER_SECOND
        affordable = settings.time_limit * settings.n_jobs * FOLDS_SHARE / max(fold_seconds, 1e-9)
        if affordable < wanted:
            wanted = 5 if affordable >= 4 else 3 if affordable >= 1.5 else 1 if n_rows >= 20_000 else 3
    return int(min(wanted, max(2, n_rows // 2)))


def _plain_fits(dataset: Dataset, asks: TaskSpec | None) -> float:
    """Return how many plain fits a typical one takes: of a task that mostly borrows models as many as the loan says."""
    size = FitSize(dataset.n_rows, dataset.n_features, dataset.task)
    borrowed = [loan.fits_of(size) for loan in (() if asks is None else asks.loans) if loan.ahead]
    n_outputs = dataset.task.n_outputs
    return min(borrowed) if borrowed else float(np.sqrt(n_outputs if n_outputs > 2 else 1))


def _for_few_groups(n_folds: int, dataset: Dataset) -> int:
    """Return several folds in place of a holdout where groups are judged, and a tenth of them are too few to tell."""
    n_groups = 0 if dataset.groups is None else len(np.unique(dataset.groups))
    return max(n_folds, FOLDS_OF_FEW_GROUPS) if FOLDS_OF_FEW_GROUPS <= n_groups < FEW_GROUPS else n_folds


def _weighed_features(dataset: Dataset) -> int:
    """Return the number of columns, each of images and of sequences counting as several."""
    others = [name for name, dtype in dataset.features.dtypes.items() if not is_numeric_dtype(dtype)]
    n_images = sum(seem_images(dataset.features[name]) for name in others)
    n_sequences = sum(is_placed(dataset.features[name]) for name in others)
    return dataset.n_features + IMAGE_FEATURES * n_images + (SEQUENCE_FEATURES - 1) * n_sequences


def stratified(dataset: Dataset, n_folds: int, rng: np.random.Generator) -> ResamplingPlan:
    """Deal the rows of each class, or of neighbouring target values, evenly over the folds.

    A class with fewer rows than folds stands in as many folds as it has rows; no row is ever copied.
    """
    fold_of_row = deal(dataset, n_folds, rng)
    rows = np.arange(dataset.n_rows)
    folds = tuple(Fold(rows[fold_of_row != k], rows[fold_of_row == k]) for k in range(n_folds))
    how = "stratified by target value" if strata_of(dataset.target, dataset.task) is None else "stratified by class"
    how = "stratified by the targets" if dataset.task.targets else how
    return ResamplingPlan(folds, f"{n_folds}-fold cross-validation, {how}")


def deal(dataset: Dataset, n_folds: int, rng: np.random.Generator) -> Rows:
    """Return a fold number for each row, dealt round by round down the rows sorted by target.

    Each class is dealt evenly, as are the rows in all; neighbouring target values go to different folds.
    """
    if strata_of(dataset.target, dataset.task) is not None:
        return deal_rows(dataset.target, n_folds, rng)
    order = rng.permutation(dataset.n_rows)
    order = order[np.argsort(dataset.target[order], kind="stable")]
    dealt = np.empty(dataset.n_rows, dtype=np.int64)
    for start in range(0, len(order), n_folds):
        block = order[start : start + n_folds]
        dealt[block] = rng.permutation(n_folds)[: len(block)]
    return dealt


def holdout(dataset: Dataset, rng: np.random.Generator) -> ResamplingPlan:
    """Hold out one stratified share of the rows; a class never goes there whole."""
    n_valid = int(min(MOST_HOLDOUT_ROWS, max(1, round(HOLDOUT_SHARE * dataset.n_rows))))
    n_parts = max(2, round(dataset.n_rows / n_valid))
    held = deal(dataset, n_parts, rng) == 0
    strata = strata_of(dataset.target, dataset.task)
    if strata is not None:
        trained = np.bincount(strata[~held], minlength=len(dataset.task.classes))
        held &= trained[strata] > 0
    rows = np.arange(dataset.n_rows)
    share = held.mean()
    return ResamplingPlan((Fold(rows[~held], rows[held]),), f"one stratified holdout of {share:.1%} of the rows")


def time_ordered(time: Array, n_folds: int, *, exactly: bool = False) -> ResamplingPlan:
    """Cut the later half of the rows into `n_folds` stretches of time; each is validated on all that is earlier.

    The folds come newest first, so that what is judged by its first folds is judged by the time that is nearest to the
    rows to predict. Rows of one moment stay on one side of a cut. One fold holds out the last tenth. Few moments give
    fewer folds, an error where `exactly` so many were asked for.
    """
    moments, position = np.unique(time, return_inverse=True)
    if len(moments) < 2 or (exactly and len(moments) <= n_folds):
        raise InputError(
            f"The time column has {len(moments)} distinct values; expected at least {n_folds + 1 if exactly else 2} to "
            f"cut folds by. Ask for fewer folds, or name a finer time column."
        )
    ends = np.cumsum(np.bincount(position))[:-1] / len(time)
    cuts = _cuts(ends, FIRST_TRAINED, n_folds) if n_folds > 1 else _cuts(ends, 1.0 - HOLDOUT_SHARE, 1)
    if exactly and len(cuts) < n_folds:
        cuts = _cuts(ends, 1.0 / (n_folds + 1), n_folds)
    later = np.searchsorted(cuts, position, side="left")
    rows = np.arange(len(time))
    folds = tuple(Fold(rows[later < k], rows[later == k]) for k in range(len(cuts), 0, -1))
    finer = np.union1d(cuts, _cuts(ends, 0.0, STRETCHES))
    stretches = np.searchsorted(finer, position, side="left")
    return ResamplingPlan(folds, f"{len(folds)} folds in order of time, each validated on later rows", stretches)


def _cuts(ends: Array, first: float, count: int) -> Rows:
    """Return the moments after which to cut, `count` of them or fewer, the first near this share of the rows.

    ends: `(n_moments - 1,)`, the share of the rows up to each moment. The last stretch ends with the rows.
    """
    wanted = np.linspace(first, 1.0, count, endpoint=False)
    return np.unique([np.abs(ends - share).argmin() for share in wanted])


def _grouped(dataset: Dataset, n_folds: int, rng: np.random.Generator, *, exactly: bool) -> ResamplingPlan:
    groups = np.zeros(dataset.n_rows, dtype=np.int64) if dataset.groups is None else dataset.groups
    n_groups = len(np.unique(groups))
    if n_groups < 2 or (exactly and n_groups < n_folds):
        raise InputError(
            f"Found {n_groups} groups; expected at least {max(2, n_folds)}, one for each fold. Ask for fewer folds, or "
            f"name a finer grouping."
        )
    least = n_folds if exactly else 2
    giant = giant_group(groups, dataset.target, least)
    dealt = np.arange(dataset.n_rows) if giant is None else np.flatnonzero(groups != giant)
    parts = min(n_folds if n_folds > 1 else round(1.0 / HOLDOUT_SHARE), len(np.unique(groups[dealt])))
    strata = strata_of(dataset.target[dealt], dataset.task)
    stratify = strata is not None and np.bincount(strata).max() >= parts
    fold_of_row = np.full(dataset.n_rows, -1)
    fold_of_row[dealt] = deal_groups(groups[dealt], parts, rng, dataset.target[dealt] if stratify else None)
    rows = np.arange(dataset.n_rows)
    folds = tuple(Fold(rows[fold_of_row != k], rows[fold_of_row == k]) for k in range(parts if n_folds > 1 else 1))
    how = "groups kept whole, stratified by class" if stratify else "groups kept whole"
    how += "" if giant is None else f"; one group with {1 - len(dealt) / dataset.n_rows:.0%} of the rows always trains"
    return ResamplingPlan(folds, f"{len(folds)} folds, {how}")


def _without_unlearnable(plan: ResamplingPlan, dataset: Dataset) -> ResamplingPlan:
    """Leave out folds whose training rows hold a single class: nothing can be learnt from those."""
    folds = tuple(fold for fold in plan.folds if _is_learnable(fold, dataset))
    if not folds:
        raise InputError(
            "Every fold that keeps to the groups or the order of time trains on a single class; expected two or more. "
            "Give a finer grouping, or leave out groups and time_column."
        )
    return replace(plan, folds=folds)


def _is_learnable(fold: Fold, dataset: Dataset) -> bool:
    if sum(bool(texts) for texts in dataset.task.descriptions) > 1:
        return True  # texts that describe classes tell of those that no row shows
    strata = strata_of(dataset.target, dataset.task)
    return strata is None or bool((strata[fold.train] != strata[fold.train[0]]).any())


def _check_count(n_folds: int, n_rows: int) -> int:
    if not 2 <= n_folds <= n_rows:
        raise OptionError(f"Found cv={n_folds}; expected 2 to {n_rows} folds for a table of {n_rows} rows.")
    return n_folds


def _checked(plan: ResamplingPlan, dataset: Dataset) -> ResamplingPlan:
    """Refuse folds from which nothing can be learnt, or that judge a model by rows that it was trained on."""
    if not plan.folds:
        raise InputError("The resampling plan has no folds; expected at least one.")
    for number, fold in enumerate(plan.folds):
        fault = _fault(fold, dataset)
        if fault:
            raise InputError(f"Fold {number} of {plan.description} {fault}")
    return plan


def _fault(fold: Fold, dataset: Dataset) -> str:
    """Return what is wrong with a fold, or ""."""
    if not len(fold.train) or not len(fold.valid):
        return f"has {len(fold.train)} training and {len(fold.valid)} validation rows; expected some of each."
    for rows in (fold.train, fold.valid):
        outside = rows[(rows < 0) | (rows >= dataset.n_rows)]
        if len(outside):
            return f"names row {outside[0]}; expected row numbers from 0 to {dataset.n_rows - 1}."
    trains, validates = np.zeros((2, dataset.n_rows), dtype=bool)
    trains[fold.train], validates[fold.valid] = True, True
    shared = np.flatnonzero(trains & validates)
    if len(shared):
        return f"has {len(shared)} rows on both sides, such as row {shared[0]}; a row that trains cannot judge."
    if np.count_nonzero(validates) < len(fold.valid):
        return "validates a row twice; expected each row at most once in a fold."
    if not _is_learnable(fold, dataset):
        return "trains on a single class; expected at least two. Shuffle the rows, or stratify by class."
    return ""
