"""This engine as a system for TabArena: fits raw tables, gives predictions with the index of the rows."""

from tabarena.benchmark.exec_models import ExternalSystemModel

NO_LIMIT_SECONDS = 3600
"""Where TabArena sets no time limit."""


class EnsembleAutoMLSystem(ExternalSystemModel):
    """An `AutoML` with its usual settings; `options` has further ones."""

    def __init__(self, *, options=None, **kwargs):
        super().__init__(**kwargs)
        self.options = dict(options or {})
        self._model = None

    def _fit_system(
        self,
        X,
        y,
        *,
        target_name,
        problem_type,
        eval_metric,
        validation_metadata,
        num_cpus,
        num_gpus,  # noqa: ARG002  GPUs are found, and used where a model gains from one
        memory_limit,
        time_limit,
        random_state,
    ):
        from automl import AutoML

        settings = {
            "time_limit": time_limit or NO_LIMIT_SECONDS,
            "task": problem_type,
            "metric": known_metric(getattr(eval_metric, "name", str(eval_metric))),
            "n_jobs": num_cpus or -1,
            "memory_limit": memory_limit,  # both in gigabytes
            "random_state": random_state or 0,
            "verbose": 0,
            **self.options,
        }
        self._model = AutoML(**settings).fit(X, y.rename(target_name), **validation_of(X, validation_metadata))
        return self

    def _predict(self, X):
        import pandas as pd

        return pd.Series(self._model.predict(X), index=X.index)

    def _predict_proba(self, X):
        import pandas as pd

        return pd.DataFrame(self._model.predict_proba(X), index=X.index, columns=self._model.classes_)

    def cleanup(self):
        self._model = None


def known_metric(name):
    """Return the name of a metric of ours; None, the task's usual one, where there is none of that name."""
    from automl.registry import discover

    known = {each for spec in discover().metrics.values() for each in (spec.name, *spec.aliases)}
    return name if name in known else None


def validation_of(table, metadata):
    """Return how to validate: on later rows where the task's splits are by time, else by groups, else by rows alone."""
    if getattr(metadata, "time_on", None):
        return {"time_column": metadata.time_on}
    names = getattr(metadata, "group_on", None)
    if not names:
        return {}
    columns = [names] if isinstance(names, str) else list(names)
    return {"groups": table.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()}
