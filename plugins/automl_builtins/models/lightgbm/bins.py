"""LightGBM's bins of a table: made once of all its rows where that can be, and given each fold's target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import Array, ColumnKind, Dataset, FitContext, as_matrix, gives_scores
from automl_builtins.models._shared.light_import import import_without_sklearn
from automl_builtins.models._shared.queries import query_sizes
from automl_builtins.models._shared.row_digest import row_digest
from automl_builtins.models.lightgbm.linear_leaves import EvenScale

BINNING = {"max_bin": 255, "min_data_in_bin": 3, "linear_tree": False}
"""The hyperparameters that shape the bins: data binned for one set of them cannot serve another. Linear trees need the
numbers beside their bins."""


def load_lightgbm() -> Any:
    """Import LightGBM, without scikit-learn where that is not loaded yet."""
    return import_without_sklearn("lightgbm")


def bin_fold(
    train: Dataset, valid: Dataset | None, settings: dict[str, Any], context: FitContext
) -> tuple[Any, Any, EvenScale | None]:
    """Return the binned training and validation rows, in ascending order of their row numbers where they are shared.

    With them comes the scale that their numbers are on, None for their own, which is that of trees of constant leaves.
    Bins are made of all rows of the stored table where its preparation needs no fit, once for all folds; otherwise of
    the fold's training rows, once for all configurations. Bins depend on the features alone, never on the target.
    """
    base = train.base if valid is None or valid.base is not None else None
    source = train if base is None else base
    key = ("lightgbm", source.fingerprint, row_digest(source.rows), *(settings[name] for name in BINNING))

    def build() -> tuple[Any, EvenScale | None]:
        scale = EvenScale.of(source) if settings["linear_tree"] else None
        return _bin_rows(source, settings, scale), scale

    binned, scale = context.cache.get_or_build(key, build) if source.fingerprint else build()
    if base is not None:
        return binned.subset(train.rows), None if valid is None else binned.subset(valid.rows), scale
    watched = None if valid is None else _bin_rows(valid, settings, scale, binned)
    return binned.subset(np.arange(train.n_rows)), watched, scale


def attach_target(binned: Any, data: Dataset, target: Array) -> None:
    """Give binned rows their target, as it is fitted, and weights; LightGBM sorts the rows of a subset by number."""
    binned.construct()
    order = np.argsort(data.rows, kind="stable") if data.base is not None else slice(None)
    binned.set_label(target[order])
    if data.weights is not None:
        binned.set_weight(data.weights[order])
    if gives_scores(data.task):
        binned.set_group(query_sizes(data))


def _bin_rows(data: Dataset, settings: Mapping[str, Any], scale: EvenScale | None, reference: Any = None) -> Any:
    matrix = as_matrix(data.features)
    columns = data.schema.columns
    categorical = [place for place, column in enumerate(columns) if column.kind is ColumnKind.CATEGORICAL]
    fixed = {"feature_pre_filter": False, "verbosity": -1, "num_threads": settings["num_threads"]}
    return (
        load_lightgbm()
        .Dataset(
            matrix if scale is None else scale.to(matrix),
            np.zeros(data.n_rows, dtype=np.float32),
            reference=reference,
            params={**{name: settings[name] for name in BINNING}, **fixed},
            categorical_feature=categorical,
        )
        .construct()
    )
