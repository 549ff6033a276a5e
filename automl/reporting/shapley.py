"""Shapley values: what each column adds to the prediction of single rows, by the `shap` package."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.fitted_model import Fitted
from automl.given_rows import features_of
from automl.predictor import Predictor
from automl.reporting.libraries import need
from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import output_names, told_outputs

BACKGROUND_ROWS = 20


def shapley_values(
    predictor: Predictor, rows: pd.DataFrame, background: pd.DataFrame, *, permutations: int = 4, seed: int = 0
) -> Any:
    """Return a `shap.Explanation` of predicted probabilities, or values, of some rows; `shap.plots` draws it.

    `values` is `(n_rows, n_columns)` for regression and for the second of two classes, `(n_rows, n_columns, n_classes)`
    for more classes; a row's values and its `base_values` add up to what is predicted for it. What a column adds is
    measured against the background rows, whose values stand in for it (interventional Shapley values, estimated over
    pairs of permutations that mirror each other). Columns that no model sees are left out.

    Cells of both tables are numbered and the explainer works on the numbers, so that text and dates need no encoding.
    """
    need("explain", "explain", "shap")
    from shap import Explanation
    from shap.explainers import Permutation
    from shap.maskers import Independent

    if len(rows) == 0 or len(background) == 0:
        raise InputError(f"Found {len(rows)} rows and {len(background)} background rows; expected some of both.")
    if len(background) > BACKGROUND_ROWS:
        background = background.sample(BACKGROUND_ROWS, random_state=seed)
    names = list(predictor.schema.needed)
    pool = pd.concat([background[names], rows[names]], ignore_index=True)
    numbers = np.arange(len(pool), dtype=np.float64)[:, None].repeat(len(names), axis=1)
    masker = Independent(numbers[: len(background)], max_samples=len(background))
    explainer = Permutation(_predicts(predictor, pool), masker, seed=seed)
    evaluations = max(1, permutations) * 2 * len(names) + 1
    found = explainer(numbers[len(background) :], max_evals=evaluations, silent=True)
    told, outputs = told_outputs(predictor.task), output_names(predictor.task)
    return Explanation(
        found.values,
        base_values=found.base_values,
        data=rows[names].to_numpy(dtype=object),
        feature_names=names,
        output_names=outputs if len(told) > 1 else outputs[told[0]],
    )


def explain_rows(fitted: Fitted, X: Any, background: Any, permutations: int) -> Any:
    """Return the Shapley values of a user's rows; without background rows those of the session that fitted stand in."""
    rows = features_of(fitted, X)
    if background is not None:
        given = features_of(fitted, background)
    else:
        given = rows if fitted.looked is None or fitted.looked.sample is None else fitted.looked.sample.features
    return shapley_values(fitted.predictor, rows, given, permutations=permutations, seed=fitted.seed)


def _predicts(predictor: Predictor, pool: pd.DataFrame) -> Any:
    """Return a function of `(n, n_columns)` row numbers of the pool, one for each cell."""
    told = told_outputs(predictor.task)

    def predict(numbers: Array) -> Array:
        rows = np.asarray(numbers).astype(np.int64)
        table = pd.DataFrame({name: pool[name].take(rows[:, place]).array for place, name in enumerate(pool.columns)})
        outputs = predictor.predict_outputs(table)
        return outputs if len(told) > 1 else outputs[:, told[0]]

    return predict
