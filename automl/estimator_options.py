"""Estimator options: the constructor of every estimator, which takes each option by its name and keeps it as it is.

`python docs/generate_code.py` writes it from the table in `automl.steps.plan.options`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator


class EstimatorOptions(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator that has every option; `automl.AutoML` says what each is."""

    def __init__(  # noqa: PLR0913  every option by its name, as scikit-learn wants it
        self,
        time_limit: float | str | None = 300,
        *,
        max_trials: int | None = None,
        metric: Any = None,
        task: str | None = None,
        quantiles: Any = None,
        models: Any = None,
        exclude: Any = (),
        cv: Any = None,
        ensemble: str = "auto",
        random_state: Any = None,
        n_jobs: int | None = -1,
        memory_limit: Any = None,
        verbose: int = 1,
        path: str | None = None,
        strategy: str = "portfolio",
        executor: str = "process_slots",
        predict_time_limit: float | None = None,
        refit: bool | None = None,
        track: Any = (),
        dates: Any = None,
        decimal: Any = None,
        columns: Any = None,
        label_texts: Any = None,
        plugins: Any = (),
    ) -> None:
        """Store the options; they are checked in `fit`."""
        self.time_limit = time_limit
        self.max_trials = max_trials
        self.metric = metric
        self.task = task
        self.quantiles = quantiles
        self.models = models
        self.exclude = exclude
        self.cv = reread(cv)
        self.ensemble = ensemble
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.memory_limit = memory_limit
        self.verbose = verbose
        self.path = path
        self.strategy = strategy
        self.executor = executor
        self.predict_time_limit = predict_time_limit
        self.refit = refit
        self.track = track
        self.dates = dates
        self.decimal = decimal
        self.columns = columns
        self.label_texts = label_texts
        self.plugins = plugins


def reread(cv: Any) -> Any:
    """Return a generator of folds as a list: it can be read once, and each fit reads it, as does each copy."""
    return list(cv) if isinstance(cv, Iterator) else cv
