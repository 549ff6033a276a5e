"""SearchSettings: every option of a search in one frozen record, passed whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from automl.vocabulary.readings import Asked
from automl.vocabulary.schema import ColumnKind


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Every option of a search, checked; see `automl.AutoML` for what each means to a user.

    time_limit and predict_time_limit (of one row) are in seconds or None; memory_limit_mb in megabytes; n_jobs a
    positive count of cores. `metric` is a metric's name or a callable; `cv` an int, a scikit-learn splitter, a list of
    index pairs, or None; `asked` holds the options `dates` and `decimal`; `columns` the kinds that the user gave.
    """

    # The options, written by `python docs/generate_code.py`: begin
    time_limit: float | None = 300.0
    max_trials: int | None = None
    metric: Any = None
    task: str | None = None
    quantiles: tuple[float, ...] | None = None
    models: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    cv: Any = None
    ensemble: str = "auto"
    random_state: int = 0
    n_jobs: int = 1
    memory_limit_mb: float = 4096.0
    verbose: int = 1
    path: str | None = None
    strategy: str = "portfolio"
    executor: str = "process_slots"
    predict_time_limit: float | None = None
    refit: bool | None = None
    track: tuple[str, ...] = ()
    asked: Asked = field(default_factory=Asked)
    columns: tuple[tuple[str, ColumnKind], ...] = ()
    label_texts: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    # end
    time_column: str | None = None
    seeded: bool = False
    """Whether a seed was given, by somebody who expects the same result again."""
    most_slots: int | None = None
    """Fits at once where other machines do them: `n_jobs` as it was typed; None for as many as there is room for."""
    memory_each_mb: float | None = None
    """What each of other machines may use: `memory_limit` as it was typed; None for what each has to offer."""
