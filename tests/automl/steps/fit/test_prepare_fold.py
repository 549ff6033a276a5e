"""Nothing leaks: what is fitted for a fold knows nothing of the rows that the fold validates."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import FitContext, Fold, ModelSpec, hookimpl
from automl.registry import discover
from automl.steps.fit.choose_preparation import choose_preparation
from automl.steps.fit.prepare_fold import is_row_wise, prepare_fold
from automl.steps.plan.infer_task import infer_task
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.vocabulary.dataset import Dataset
from automl_builtins.preprocessors import arithmetic, crosses
from tests.conftest import quick
from tests.tables import binary_table, multiclass_table, regression_table

REGISTRY = discover(extra=[arithmetic, crosses])
PREPROCESSORS = REGISTRY.preprocessors
TABLES = {
    "binary": (binary_table(90), "bought"),
    "multiclass": (multiclass_table(90), "grade"),
    "regression": (regression_table(90), "spent"),
}
CHOICES = [
    {"prepare.numeric": scaling, "prepare.categorical": categorical, "prepare.text": text}
    for scaling, categorical, text in [
        ("standard", "one_hot", "tfidf"),
        ("robust", "target_encoding", "tfidf_svd"),
        ("quantile", "frequency", "tfidf"),
        ("standard", "auto", "tfidf_svd"),
    ]
]


def dataset_of(kind):
    table, target = TABLES[kind]
    task, encoded = infer_task(table[target], target, None, REGISTRY)
    schema = type_columns(table.drop(columns=target), REGISTRY)
    features = encode_table(table, schema)
    return Dataset(features, encoded, schema, task, np.arange(len(features)), fingerprint="table")


DATASETS = {kind: dataset_of(kind) for kind in TABLES}


def preparation_of(data, params, **options):
    spec = ModelSpec("any", None, scaling="standard", **options)
    return choose_preparation(spec, params, data.schema, PREPROCESSORS)


def as_array(features):
    return features.toarray() if hasattr(features, "toarray") else features.to_numpy()


def with_other_rows(data, rows, seed):
    """Change features and target of the given rows at random, within what a stored table may hold."""
    rng = np.random.default_rng(seed)
    features = data.features.copy()
    for position, name in enumerate(features.columns):
        column = features[name].to_numpy().copy()
        if column.dtype == object:
            column[rows] = [" ".join(rng.choice(["new", "unheard", "words", "good"], 4)) for _ in rows]
        elif column.dtype == np.int32:
            column[rows] = rng.integers(-1, 3, len(rows))
        else:
            column[rows] = np.where(rng.random(len(rows)) < 0.3, np.nan, rng.normal(0, 1e6, len(rows)))
        features.isetitem(position, column)
    target = data.target.copy()
    drawn = rng.integers(0, data.task.n_outputs, len(rows)) if data.task.kind.is_classification else rng.normal(0, 1e9)
    target[rows] = drawn
    return replace(data, features=features, target=target, fingerprint=f"changed {seed}")


@given(
    kind=st.sampled_from(sorted(TABLES)),
    params=st.sampled_from(CHOICES),
    sparse=st.booleans(),
    seed=st.integers(0, 2**20),
)
@settings(max_examples=15, deadline=None)
def test_a_fitted_preparation_does_not_depend_on_the_validation_rows(kind, params, sparse, seed):
    data = DATASETS[kind]
    rows = np.random.default_rng(seed).permutation(data.n_rows)
    fold = Fold(np.sort(rows[30:]), np.sort(rows[:30]))
    preparation = preparation_of(data, params, accepts_sparse=sparse)
    assert not is_row_wise(preparation, PREPROCESSORS)
    changed = with_other_rows(data, fold.valid, seed)
    one = prepare_fold(data, fold, preparation, PREPROCESSORS, FitContext(seed=7))
    two = prepare_fold(changed, fold, preparation, PREPROCESSORS, FitContext(seed=7))
    assert not data.features.iloc[fold.valid].equals(changed.features.iloc[fold.valid])
    np.testing.assert_array_equal(as_array(one.train.features), as_array(two.train.features))
    again = two.preparation.transform(data.features.iloc[fold.valid])
    np.testing.assert_array_equal(as_array(one.valid.features), as_array(again))
    assert one.train.schema == two.train.schema


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_the_rows_validated_do_not_meet_their_own_target(kind):
    """With targets of validation rows turned to nonsense their features stay what they were."""
    data = DATASETS[kind]
    fold = Fold(np.arange(30, data.n_rows), np.arange(30))
    nonsense = replace(data, target=np.where(np.arange(data.n_rows) < 30, data.target[0], data.target))
    for params in CHOICES:
        preparation = preparation_of(data, params)
        one = prepare_fold(data, fold, preparation, PREPROCESSORS, FitContext(seed=7))
        two = prepare_fold(nonsense, fold, preparation, PREPROCESSORS, FitContext(seed=7))
        np.testing.assert_array_equal(as_array(one.valid.features), as_array(two.valid.features))


class Counted:
    """A cache that counts what is built."""

    def __init__(self):
        self.kept, self.built = {}, 0

    def get_or_build(self, key, build):
        if key not in self.kept:
            self.built += 1
            self.kept[key] = build()
        return self.kept[key]


def row_wise_parts():
    """The numeric, categorical and date columns, and a preparation that fits nothing over them."""
    table = TABLES["binary"][0].drop(columns=["note", "bought"])
    schema = type_columns(table, REGISTRY)
    features = encode_table(table, schema)
    data = replace(DATASETS["binary"], features=features, schema=schema)
    spec = ModelSpec("any", None, accepts=frozenset({c.kind for c in schema.columns}), accepts_missing=True)
    preparation = choose_preparation(spec, {"prepare.datetime": "date_parts"}, schema, PREPROCESSORS)
    assert is_row_wise(preparation, PREPROCESSORS)
    return data, preparation


def test_cutting_folds_from_one_row_wise_base_equals_preparing_each_fold_by_itself():
    data, preparation = row_wise_parts()
    fitted_anew = {name: replace(spec, row_wise=False) for name, spec in PREPROCESSORS.items()}
    cache = Counted()
    for start in (0, 30, 60):
        valid = np.arange(start, start + 30)
        fold = Fold(np.setdiff1d(np.arange(90), valid), valid)
        cut = prepare_fold(data, fold, preparation, PREPROCESSORS, FitContext(cache=cache))
        plain = prepare_fold(data, fold, preparation, fitted_anew, FitContext())
        for one, two in ((cut.train, plain.train), (cut.valid, plain.valid)):
            np.testing.assert_array_equal(as_array(one.features), as_array(two.features))
            assert list(one.features.columns) == list(two.features.columns)
            assert list(one.features.dtypes) == list(two.features.dtypes)
            np.testing.assert_array_equal(one.target, two.target)
            assert one.schema == two.schema
        np.testing.assert_array_equal(cut.train.features.to_numpy(), cut.train.base.features.to_numpy()[fold.train])
    assert cache.built == 1


class RemembersTargets:
    """Predicts a row's own target where it has seen its features in training, else 0.5; a detector of leaks."""

    def __init__(self, request):
        self.seen = {}

    def fit(self, train, valid, context):
        rows = train.features.to_numpy()
        self.seen = {row.tobytes(): target for row, target in zip(rows, train.target, strict=True)}

    def predict(self, features):
        found = np.array([self.seen.get(row.tobytes(), 0.5) for row in features.to_numpy()])
        return np.column_stack([1 - found, found])


class OffersDetector:
    @hookimpl
    def automl_models(self):
        return [ModelSpec("detector", RemembersTargets, scaling="standard")]


def test_a_model_that_remembers_rows_gains_nothing_in_the_search():
    table = binary_table(120)
    model = quick(models=["detector"], plugins=[OffersDetector()], ensemble="none").fit(table, "bought")
    assert model.score_ == pytest.approx(0.5)
    assert model.score(table) == 1.0  # it does remember: on its own training rows it is perfect


def test_noise_scores_as_noise():
    rng = np.random.default_rng(5)
    table = pd.DataFrame(rng.normal(size=(400, 6))).assign(many=rng.integers(0, 150, 400).astype(str))
    table["target"] = rng.integers(0, 2, 400)
    model = quick(max_trials=8, metric="roc_auc").fit(table, "target")
    assert 0.4 < model.score_ < 0.6


def test_extra_features_stand_beside_the_usual_ones_and_an_unknown_one_is_named():
    data = DATASETS["binary"]
    usual = preparation_of(data, {})
    both = preparation_of(data, {"prepare.extra": "frequency+crosses"})
    assert both.encode[: len(usual.encode)] == usual.encode
    assert [step.preprocessor for step in both.encode[len(usual.encode) :]] == ["frequency", "crosses"]
    assert preparation_of(data, {"prepare.extra": ""}) == usual
    with pytest.raises(LookupError, match="'horoscope'"):
        preparation_of(data, {"prepare.extra": "horoscope"})


def test_a_step_without_any_feature_leaves_numbers_as_they_are():
    data = replace(DATASETS["regression"], target=np.random.default_rng(0).normal(size=90))
    fold = Fold(np.arange(20), np.arange(20, 90))
    preparation = preparation_of(data, {"prepare.text": "tfidf_svd", "prepare.extra": "arithmetic"})
    made = prepare_fold(data, fold, preparation, PREPROCESSORS, FitContext())
    assert set(made.valid.features.dtypes) == {np.dtype(np.float32)}
