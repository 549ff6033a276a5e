"""Several targets from a table to a saved model: labels, values, and both, as users meet them."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.metrics import f1_score, roc_auc_score

from automl import AutoML, AutoMLClassifier, AutoMLRegressor
from automl.errors import InputError, OptionError
from tests.conftest import quick

N = 120
RNG = np.random.default_rng(4)
FEATURES = pd.DataFrame({"x": RNG.normal(size=N), "z": RNG.normal(size=N), "c": RNG.choice(list("pqr"), N)})
LABELS = pd.DataFrame(
    {
        "a": (FEATURES.x > 0.0).astype(int),
        "b": FEATURES.z + RNG.normal(size=N) > 0.0,
        "w": np.where(FEATURES.x * FEATURES.z > 0, "yes", "no"),
    }
)
VALUES = pd.DataFrame({"v": 3 * FEATURES.x + FEATURES.z, "far": 1e9 + FEATURES.z})
MIXED = LABELS[["a"]].join(VALUES[["v"]]).assign(k=pd.cut(FEATURES.x, 3, labels=["low", "middle", "high"]).astype(str))
ONE = {"models": ["baseline", "linear"], "max_trials": 2}


def with_features(targets):
    return FEATURES.join(targets)


@pytest.fixture(scope="module")
def labels():
    return quick(**ONE).fit(with_features(LABELS), list(LABELS.columns))


@pytest.fixture(scope="module")
def values():
    return quick(**ONE).fit(FEATURES, VALUES.to_numpy())


@pytest.fixture(scope="module")
def mixed():
    return quick(**ONE).fit(with_features(MIXED), list(MIXED.columns))


# --- what is predicted


def test_labels_come_back_as_they_were_and_probabilities_are_those_of_the_second(labels):
    assert (labels.task_.kind.value, labels.metric_) == ("multilabel", "macro_roc_auc")
    found = labels.predict(FEATURES)
    assert found.shape == (N, 3)
    assert [type(each) for each in found[0]] == [int, bool, str]
    chances = labels.predict_proba(FEATURES)
    assert chances.shape == (N, 3)
    assert roc_auc_score(LABELS["b"], chances[:, 1]) > 0.7
    assert ((chances[:, 1] > 0.5) == found[:, 1].astype(bool)).all()
    assert [each.tolist() for each in labels.classes_] == [[0, 1], [False, True], ["no", "yes"]]


def test_values_that_lie_far_from_zero_keep_their_digits(values):
    found = values.predict(FEATURES)
    assert found.shape == (N, 2)
    assert found.dtype == np.float64
    assert np.corrcoef(found[:, 1] - 1e9, VALUES["far"] - 1e9)[0, 1] > 0.9
    with pytest.raises(AttributeError, match="predict_proba"):
        values.predict_proba  # noqa: B018


def test_classes_and_values_stand_side_by_side(mixed):
    found = mixed.predict(FEATURES)
    assert [type(each) for each in found[0]] == [int, float, str]
    assert [each.shape for each in mixed.predict_proba(FEATURES)] == [(N, 2), (N, 3)]
    assert set(found[:, 2]) <= {"low", "middle", "high"}


def test_predictions_are_a_frame_where_scikit_learn_asks_for_one(labels):
    with config_context(transform_output="pandas"):
        found = labels.predict(FEATURES.iloc[5:9])
    assert found.index.tolist() == [5, 6, 7, 8]
    assert [found[name].dtype.kind for name in LABELS] == ["i", "b", found["w"].dtype.kind]
    assert isinstance(labels.predict(FEATURES), np.ndarray)
    other = quick(**ONE).set_output(transform="pandas")
    assert other.set_output()._output_kind() == "pandas"


def test_nullable_whole_numbers_come_back_as_whole_numbers():
    targets = LABELS[["a"]].astype("Int64").assign(n=pd.array([1, 2, None, 2] * (N // 4), dtype="Int64"))
    with pytest.warns(UserWarning, match=f"{N // 4} of {N} rows have no value of one or more of the targets a, n"):
        model = quick(models=["baseline"], max_trials=1).fit(FEATURES, targets)
    assert model.predict(FEATURES).dtype == np.int64
    assert [each.classes for each in model.task_.targets] == [(0, 1), (1, 2)]


# --- judged


def test_scores_and_metrics_are_told_for_tables_with_the_targets_and_for_targets_beside_them(labels, values):
    scores = labels.evaluate(with_features(LABELS))
    assert list(scores)[:2] == ["macro_roc_auc", "mean_log_loss"]
    assert labels.evaluate(FEATURES, LABELS) == labels.evaluate(FEATURES, LABELS[["w", "a", "b"]]) == scores
    assert labels.score(FEATURES, LABELS) == scores["macro_roc_auc"]
    assert labels.evaluate(FEATURES, LABELS, ["f1", "auc"])["auc"] == scores["macro_roc_auc"]
    assert values.evaluate(FEATURES, VALUES.to_numpy())["mean_r2"] > 0.7


def test_a_function_of_scikit_learn_is_given_numbers_of_labels(labels):
    def macro(y_true, y_pred):
        return f1_score(y_true, y_pred, average="macro")

    own = labels.evaluate(with_features(LABELS), metrics=[macro, "macro_f1"])
    assert own["macro"] == pytest.approx(own["macro_f1"])


def test_targets_that_are_not_those_that_were_fitted_are_refused(labels):
    with pytest.raises(InputError, match="no column 'w' to compare with"):
        labels.evaluate(with_features(LABELS).drop(columns="w"))
    with pytest.raises(InputError, match="Found 2 target columns; expected 3: a, b, w"):
        labels.evaluate(FEATURES, LABELS[["a", "b"]])
    with pytest.raises(InputError, match="expected one of the fitted classes"):
        labels.evaluate(FEATURES, LABELS.replace("yes", "maybe"))


def test_estimators_of_one_family_take_several_targets():
    numbers = AutoMLRegressor(**quick(**ONE).get_params() | {"task": None}).fit(FEATURES, VALUES)
    assert numbers.score(FEATURES, VALUES) > 0.7
    classes = AutoMLClassifier(**quick(**ONE).get_params() | {"task": None}).fit(FEATURES, MIXED[["a", "k"]])
    assert classes.task_.kind.value == "multioutput"
    right = (classes.predict(FEATURES) == MIXED[["a", "k"]].to_numpy(dtype=object)).all(axis=1)
    assert classes.score(FEATURES, MIXED[["a", "k"]]) == right.mean()


# --- kept, checked and explained


@pytest.mark.parametrize("name", ["labels", "mixed"])
def test_a_saved_model_predicts_the_same(name, request, tmp_path):
    model = request.getfixturevalue(name)
    again = AutoML.load(model.save(tmp_path / "model.automl"))
    assert np.array_equal(again.predict(FEATURES), model.predict(FEATURES))
    assert again.task_ == model.task_


def test_check_importance_and_card_work(mixed):
    table = with_features(MIXED)
    assert mixed.check(table)["column"].tolist() == ["x", "z", "c"]
    importance = mixed.feature_importance(table).set_index("feature")["importance"]
    assert importance["x"] > importance["z"]
    card = mixed.card()
    assert "Each target of values" in card
    assert "Each target of classes" in card


@pytest.mark.long
def test_a_report_has_the_scores_of_each_target_and_the_worst_slices(mixed, tmp_path):
    page = mixed.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Predictions by target" in page
    assert "Each target of values" in page
    assert "slices of the table, each by the values of one column, were compared" in page


def test_a_feature_that_tells_one_of_the_targets_is_told():
    table = with_features(MIXED).assign(told=MIXED["v"] * 2.0)
    model = quick(models=["baseline"], max_trials=1).fit(table, list(MIXED.columns))
    leaks = model.audit_[model.audit_["topic"] == "leak"]
    assert ("told", True) in [(row.column, "of the target 'v'" in row.found) for row in leaks.itertuples()]


def test_the_same_search_goes_on_in_its_folder_and_another_target_is_another_search(tmp_path):
    options = {**ONE, "path": tmp_path / "run"}
    first = quick(**options).fit(FEATURES, LABELS[["a", "b"]])
    again = quick(**options).fit(FEATURES, LABELS[["a", "b"]])
    assert np.array_equal(first.predict(FEATURES), again.predict(FEATURES))
    assert any("finished before" in note for note in again.notes_)


# --- refused


@pytest.mark.parametrize(
    ("options", "targets", "said"),
    [
        ({}, pd.DataFrame({"a": [1] * N, "b": [0] * N}), "Each of the 2 targets a, b has a single value in all"),
        ({"task": "multilabel"}, MIXED, "'v' has .* different values"),
        ({"task": "binary"}, LABELS, "'binary' is for one target column; found several: a, b, w"),
        ({"task": "multilabel"}, LABELS["a"], "'multilabel' is for several target columns; found one, 'a'"),
        ({"metric": "rmse"}, LABELS, "does not fit a multilabel task"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_fit(options, targets, said):
    with pytest.raises((InputError, OptionError), match=said):
        quick(**ONE, **options).fit(FEATURES, targets)


def test_a_label_that_all_rows_share_is_predicted_and_told():
    model = quick(**ONE).fit(FEATURES, LABELS[["a", "b"]].assign(always=True))
    assert (model.predict_proba(FEATURES)[:, 2] > 0.95).all()
    assert any("the same value in all rows: always" in found for found in model.audit_["found"])


# --- models of others


def test_a_model_of_a_third_party_that_knows_one_target_takes_part_unchanged():
    place = Path(__file__).parents[2] / "examples" / "automl-mlp" / "automl_mlp.py"
    spec = importlib.util.spec_from_file_location("automl_mlp", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = quick(models=["mlp"], max_trials=1, cv=2, plugins=[module]).fit(FEATURES[:60], LABELS[["a", "b"]][:60])
    assert model.leaderboard()["model"].tolist() == ["mlp (each target)"]
    assert model.score_ > 0.6
