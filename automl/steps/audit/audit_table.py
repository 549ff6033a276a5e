"""Audit the table: look for what makes a score promise too much, or surprises, before any model is fitted.

Nothing here changes the table or the search; every finding is told to the user.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from automl.steps.audit.audit_folds import audit_folds
from automl.steps.audit.compare_tables import compare_tables
from automl.steps.audit.hash_rows import hash_rows
from automl.steps.audit.single_columns import column_skill
from automl.table.columns.note_columns import column_findings
from automl.table.files.read_images import hashable
from automl.table.readings.gather_numbers import number_blocks
from automl.table.readings.note_readings import reading_findings
from automl.vocabulary.arrays import Array
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.outputs import strata_of
from automl.vocabulary.schema import OBJECTS, Column, ColumnKind
from automl.vocabulary.settings import SearchSettings

TIME_SHARE = 0.02
"""Share of the time limit that the audit may take."""
SECONDS_WITHOUT_LIMIT = 5.0
MOST_ROWS = 20_000
LEAST_ROWS = 50
"""With fewer rows a column may tell the target perfectly by chance."""
PERFECT, ORDINARY = 0.98, 0.9
"""Skill from which one column tells the target almost perfectly, and the most that the next best may have for the
first to stand out."""
MUCH_LOST = 0.05
"""Share of values that cannot be read from which a column deserves a warning."""
DUPLICATES = 0.005
MANY_DUPLICATES = 0.05
KNOWN_KEYS = 0.9
"""Share of the rows that a column of keys has a value for."""
ID_NAME = re.compile(
    r"(.*[ _.-])?(id|idx|index|key|uid|pk|uuid|guid|row|rowid|record|number|no\.?|nr\.?)|.*[a-z](Id|ID|Key|id)|"
    r"[Uu]nnamed: \d+",
    re.DOTALL,
)


def audit_table(
    dataset: Dataset,
    plan: ResamplingPlan,
    notes: tuple[str, ...],
    unlabeled: pd.DataFrame | None,
    settings: SearchSettings,
    of_target: tuple[Finding, ...],
) -> tuple[Finding, ...]:
    """Return what was found, warnings first; `unlabeled` holds stored columns of the rows that will be predicted.

    `of_target` is what its task found odd about the target.

    It looks at no more than 20,000 rows and takes no more than a fiftieth of the time limit; columns that were not
    looked at for want of time are counted in a note.
    """
    limit = settings.time_limit
    ends = time.monotonic() + (SECONDS_WITHOUT_LIMIT if limit is None else TIME_SHARE * limit)
    rng = np.random.default_rng([settings.random_state, 307])
    found = [Finding(Severity.NOTE, "rows", "", note, "the rows are left out") for note in notes]
    found += column_findings(dataset.schema)
    found += reading_findings(dataset.schema)
    found += _unread(dataset)
    found += of_target
    found += audit_folds(dataset, plan)
    keys = list(_keys(dataset))
    found += _duplicates(dataset, plan, rng, {key.column for key in keys})
    found += keys
    now = time.monotonic()
    ends_leaks = ends if unlabeled is None else now + (ends - now) / 2
    for left, each in zip(range(max(1, len(dataset.task.targets)), 0, -1), dataset.by_target(), strict=True):
        begun = time.monotonic()
        until = begun + (ends_leaks - begun) / left if left > 1 else ends_leaks
        found += _leaks(each, rng, until, single=not dataset.task.targets)
    if unlabeled is not None:
        found += compare_tables(dataset, unlabeled, rng, ends)
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.WARNING))


def _unread(dataset: Dataset) -> Iterator[Finding]:
    """Find columns of which more is missing as stored than as given: text among numbers, or numbers beyond float32."""
    columns = dataset.schema.of_kind(ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATETIME)
    missing = dataset.features[[column.name for column in columns]].isna().to_numpy().mean(axis=0)
    for column, share in zip(columns, missing.tolist(), strict=True):
        lost = share - column.missing_fraction
        if lost * dataset.n_rows >= 1:
            yield Finding(
                Severity.WARNING if lost > MUCH_LOST else Severity.NOTE,
                "unreadable",
                column.name,
                f"{lost:.2%} of the values cannot be stored as {column.kind.value}",
                "they count as missing",
                "Clean them; numbers beyond 3e38 need another unit.",
            )


def _keys(dataset: Dataset) -> Iterator[Finding]:
    """Find distinct whole numbers that are named like a key or have no gap: they can tell rows apart, nothing else."""
    fractional = _fractional(dataset.features)
    for column in dataset.schema.of_kind(ColumnKind.NUMERIC):
        if column.name in fractional:
            continue
        n_known = round((1.0 - column.missing_fraction) * dataset.n_rows)
        if column.n_distinct < max(LEAST_ROWS, n_known, KNOWN_KEYS * dataset.n_rows):
            continue
        values = dataset.features[column.name].to_numpy()
        values = values[~np.isnan(values)]
        if len(values) < n_known:
            continue
        without_gap = values.max() - values.min() == n_known - 1
        if (values == np.round(values)).all() and (without_gap or ID_NAME.fullmatch(column.name)):
            yield Finding(
                Severity.NOTE,
                "identifier",
                column.name,
                f"each of {n_known} rows has a whole number of its own" + (", without a gap" if without_gap else ""),
                "kept as a number",
                "If it is a key, leave it out: it can only tell apart rows that are already known. "
                f"AutoML(columns={{{_given(column)!r}: 'ignored'}}).",
            )


def _fractional(features: pd.DataFrame) -> set[str]:
    """Return the names of the columns of numbers of which some are not whole."""
    found: set[str] = set()
    for names, block in number_blocks(features):
        is_whole = ((block == np.round(block)) | np.isnan(block)).all(axis=1)
        found.update(name for name, whole in zip(names, is_whole.tolist(), strict=True) if not whole)
    return found


def _duplicates(
    dataset: Dataset, plan: ResamplingPlan, rng: np.random.Generator, keys: Collection[str]
) -> list[Finding]:
    """Count rows whose features, keys aside, equal those of another, and how many are validated by a twin."""
    rows = _sample(dataset.n_rows, rng)
    compared = dataset.features.drop(columns=list(keys))
    if not compared.shape[1]:
        return []
    hashes = hash_rows(hashable(compared.iloc[rows], dataset.schema.columns))
    _, group, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    twins = counts[group] > 1
    share = float(twins.mean())
    if share < DUPLICATES:
        return []
    target = dataset.target[rows]
    if dataset.task.targets:
        target = np.unique(target, axis=0, return_inverse=True)[1].ravel()
    frame = pd.DataFrame({"group": group[twins], "target": target[twins]})
    per_group = frame.groupby("group")["target"]
    contradicting = float((per_group.transform("nunique") > 1).mean()) * share
    crossing = _crossing_share(group, rows, plan)
    kept_whole = dataset.groups is not None and crossing == 0
    alarming = share - contradicting >= MANY_DUPLICATES and crossing > 0
    return [
        Finding(
            Severity.WARNING if alarming else Severity.NOTE,
            "duplicates",
            "",
            f"{share:.1%} of the rows have the same features as another row; {contradicting:.1%} of all rows have a "
            f"twin with another target; {crossing:.1%} are validated by models that were trained on a twin",
            "kept; the groups hold twins together" if kept_whole else "kept, on whichever side of a fold they fall",
            "If they are copies, use df.drop_duplicates(), or hold them together with groups=.",
        )
    ]


def _crossing_share(group: Array, rows: Array, plan: ResamplingPlan) -> float:
    """Return the share of the rows that are validated in a fold which trains on a row of the same features."""
    place = np.full(int(rows.max()) + 1, -1)
    place[rows] = group
    crossing = np.zeros(len(place), dtype=bool)
    for fold in plan.folds:
        train, valid = fold.train[fold.train < len(place)], fold.valid[fold.valid < len(place)]
        valid = valid[place[valid] >= 0]
        crossing[valid] |= np.isin(place[valid], place[train][place[train] >= 0])
    return float(crossing[rows].mean())


def _leaks(dataset: Dataset, rng: np.random.Generator, ends: float, single: bool = True) -> list[Finding]:
    """Find single columns that tell the target almost perfectly while no other comes near.

    `single` says that it is the only target of the table.
    """
    if dataset.n_rows < LEAST_ROWS or (dataset.target == dataset.target[0]).all():
        return []
    rows = _balanced_sample(dataset, rng)
    target = _told(dataset, rows)
    skills: dict[str, float] = {}
    columns = [column for column in dataset.schema.columns if column.name in dataset.features.columns]
    columns = [column for column in columns if column.kind not in OBJECTS]
    for column in columns:
        if time.monotonic() > ends:
            break
        values = dataset.features[column.name].to_numpy()[rows]
        skills[column.name] = column_skill(values, column, target, rng)
    suspects = [name for name, skill in skills.items() if skill >= PERFECT]
    others = max((skill for name, skill in skills.items() if name not in suspects), default=0.0)
    severity = Severity.WARNING if others <= ORDINARY else Severity.NOTE
    given = {column.name: _given(column) for column in columns}
    of = "" if single else f" {dataset.task.target!r}"
    found = [
        Finding(
            severity,
            "leak",
            name,
            f"this column alone explains {skills[name]:.1%} of the target{of}; the next best column explains "
            f"{max(0.0, others):.1%}",
            "kept; the score counts on it",
            f"If it is not known at the time of prediction, leave it out: df.drop(columns=[{given[name]!r}]).",
        )
        for name in suspects
    ]
    if len(skills) < len(columns):
        missed = f"{len(columns) - len(skills)} of {len(columns)} columns were not looked at for leaks: no time"
        found.append(Finding(Severity.NOTE, "audit", "", missed, "nothing", "Allow more time."))
    return found


def _given(column: Column) -> str:
    """Return the column of the user's table that a column is or comes from."""
    return column.source if column.part else column.name


def _told(dataset: Dataset, rows: Array) -> Array:
    """Return what a column may tell: `(n_rows, n_classes)` memberships, or `(n_rows, 1)` ranks of the target."""
    target = dataset.target[rows]
    if strata_of(target, dataset.task) is not None:
        classes, codes = np.unique(target, return_inverse=True)
        return np.asarray(np.eye(len(classes))[codes][:, 1:] if len(classes) == 2 else np.eye(len(classes))[codes])
    from scipy.stats import rankdata

    return np.asarray(rankdata(target)[:, None] / len(target))


def _balanced_sample(dataset: Dataset, rng: np.random.Generator) -> Array:
    """Return rows to look at; of classes about as many of each, so that a rare one is not lost among the bins."""
    if strata_of(dataset.target, dataset.task) is None:
        return np.asarray(_sample(dataset.n_rows, rng, MOST_ROWS // 4))
    order = rng.permutation(dataset.n_rows)
    order = order[np.argsort(dataset.target[order], kind="stable")]
    counts = np.bincount(dataset.target)
    most = max(2 * LEAST_ROWS, min(MOST_ROWS // (4 * len(counts)), 5 * int(np.median(counts[counts > 0]))))
    starts = np.cumsum(counts) - counts
    chosen = [order[start : start + min(count, most)] for start, count in zip(starts, counts, strict=True)]
    return np.sort(np.concatenate(chosen)[:MOST_ROWS])


def _sample(n_rows: int, rng: np.random.Generator, most: int = MOST_ROWS) -> Any:
    return np.arange(n_rows) if n_rows <= most else np.sort(rng.choice(n_rows, most, replace=False))
