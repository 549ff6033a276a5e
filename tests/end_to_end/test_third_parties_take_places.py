"""What the engine asks of specs, a third party can say as well: to be fitted first, an alias, the default for texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, DefaultFor, ModelSpec, PreprocessorSpec, hookimpl
from automl_builtins.models.baseline import BASELINE, BaselineLearner
from tests.conftest import quick
from tests.tables import binary_table

TEXTS = frozenset({ColumnKind.TEXT})


class Lengths:
    """How long a text is, for each column."""

    def __init__(self, request):
        self._columns = request.columns

    def fit_transform(self, data, context):
        return self.transform(data.features)

    def transform(self, features):
        return pd.DataFrame({f"length of {name}": features[name].str.len().astype("float32") for name in features})

    def output_columns(self):
        return tuple(Column(f"length of {column.name}", ColumnKind.NUMERIC) for column in self._columns)


class Newcomer:
    @hookimpl
    def automl_models(self):
        share = ModelSpec(
            "share",
            BaselineLearner,
            accepts=BASELINE.accepts,
            accepts_missing=True,
            role="constant",
            aliases=("prior",),
        )
        return [share]

    @hookimpl
    def automl_preprocessors(self):
        return [PreprocessorSpec("lengths", Lengths, TEXTS, row_wise=True, default_for=(DefaultFor(TEXTS, 1),))]


def table_of_texts(n_rows=90):
    rng = np.random.default_rng(0)
    long = rng.random(n_rows) < 0.5
    words = [" ".join(rng.choice(["red", "blue", "old", "new"], 40 if each else 12)) for each in long]
    return pd.DataFrame({"words": [f"{text} {i}" for i, text in enumerate(words)], "is_long": long})


def test_a_third_partys_constant_is_fitted_first_where_the_built_in_one_is_disabled(monkeypatch):
    monkeypatch.setenv("AUTOML_DISABLE_PLUGINS", "baseline")
    model = quick(models=["linear", "share"], max_trials=2, plugins=[Newcomer()]).fit(binary_table(), "bought")
    board = model.leaderboard()
    first = board.loc[board["finished"].idxmin()]
    assert (first["model"], first["origin"]) == ("share", "portfolio")
    assert board.set_index("model")["weight"].to_dict() == {"linear": 1.0, "share": 0.0}


@pytest.mark.parametrize("name", ["prior", "share"])
def test_a_third_partys_model_is_asked_for_by_its_alias(name):
    model = quick(models=[name], max_trials=1, plugins=[Newcomer()]).fit(binary_table(60), "bought")
    assert model.leaderboard()["model"].tolist() == ["share"]


def test_a_third_partys_preprocessor_is_the_default_for_texts_from_fit_to_predict():
    table = table_of_texts()
    model = quick(models=["lightgbm"], max_trials=1, plugins=[Newcomer()]).fit(table, "is_long")
    assert model.score_ > 0.95  # which words there are does not tell, how many does
    fold = model.predictor_.members[0].folds[0]
    assert [type(step.preprocessor).__name__ for step in fold.preparation.encode] == ["Lengths"]
    assert model.predict(table.head(5)).shape == (5,)
