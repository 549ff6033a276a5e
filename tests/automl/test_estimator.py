"""The estimator as users meet it: ways to fit, to predict and to look."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedKFold

from automl import AutoML, AutoMLClassifier, AutoMLRegressor
from automl.errors import InputError, OptionError
from automl.plugin_api import TaskKind
from tests.conftest import quick
from tests.tables import LABELS, binary_table, mixed_table, multiclass_table, regression_table

ONE = {"models": ["linear"], "max_trials": 1, "cv": 2}


# --- options


def test_the_constructor_only_stores_and_a_clone_has_the_same_options():
    options = {"time_limit": "nonsense", "max_trials": -3, "metric": object(), "models": 5, "cv": "odd", "plugins": 7}
    model = AutoML(**options)
    for name, value in options.items():
        assert getattr(model, name) is value
    assert {name for name in vars(model)} == set(model.get_params())
    assert clone(AutoML(time_limit=9, models=["linear"])).get_params() == AutoML(9, models=["linear"]).get_params()


def test_options_can_be_set_and_unknown_ones_are_refused():
    assert AutoML().set_params(time_limit=7, cv=4).get_params()["cv"] == 4
    with pytest.raises(ValueError, match="time_limt"):
        AutoML().set_params(time_limt=7)
    with pytest.raises(TypeError, match="time_limt"):
        AutoML(time_limt=7)


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("time_limit", -1, "time_limit"),
        ("models", ["liner"], "linear"),
        ("exclude", ["lightgm"], "lightgbm"),
        ("metric", "roc_acu", "roc_auc"),
        ("executor", "in_proces", "in_process"),
        ("strategy", "portfolo", "portfolio"),
        ("ensemble", "vote", "voting"),
        ("cv", 1, "cv"),
        ("task", "binry", "binary"),
    ],
)
def test_a_bad_option_is_refused_by_fit_with_a_hint(option, value, hint):
    with pytest.raises(OptionError, match=hint):
        quick(**{option: value}).fit(binary_table(40), "bought")


# --- ways to fit


def test_a_table_with_a_name_features_with_a_target_and_a_file_give_the_same_model(tmp_path):
    table = binary_table().drop(columns="joined")
    features, target = table.drop(columns="bought"), table["bought"]
    table.to_csv(tmp_path / "train.csv", index=False)
    found = [
        quick(**ONE).fit(*given).predict_proba(features)
        for given in (
            (table, "bought"),
            (features, target),
            (features, list(target)),
            (tmp_path / "train.csv", "bought"),
        )
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


def test_arrays_are_taken_by_position():
    table = binary_table()
    values = table[["age", "income"]].to_numpy()
    model = quick(**ONE).fit(values, table["bought"].to_numpy())
    assert model.n_features_in_ == 2
    assert model.predict(values).shape == (150,)
    assert model.score(values, table["bought"].to_numpy()) > 0.5
    with pytest.raises(InputError, match="expecting 2 features"):
        model.predict(values[:, :1])


def test_the_input_is_left_as_it_was():
    table = binary_table(60)
    copy = table.copy(deep=True)
    quick(**ONE).fit(table, "bought").predict(table)
    pd.testing.assert_frame_equal(table, copy)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_classes_and_predictions_have_the_type_of_the_labels(labels):
    table = binary_table(labels=labels)
    model = quick(**ONE).fit(table, "bought")
    assert list(model.classes_) == sorted(labels)
    assert model.classes_.dtype.kind == np.asarray(labels).dtype.kind
    predicted = model.predict(table)
    assert predicted.dtype == model.classes_.dtype
    assert set(predicted.tolist()) == set(labels)


def test_a_class_with_one_row_keeps_its_column():
    table = multiclass_table()
    table.loc[3, "grade"] = "unique"
    model = quick(
        max_trials=6, models=None, exclude=["svm", "network", "bert", "text_embeddings", "text_contrast"]
    ).fit(table, "grade")
    assert list(model.classes_) == ["low", "mid", "top", "unique"]
    probabilities = model.predict_proba(table)
    assert probabilities.shape == (150, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert not len(model.failures()), model.failures().to_string()


def test_the_variants_force_the_task():
    table = mixed_table().assign(y=np.arange(150) % 4)
    assert AutoMLRegressor(**quick(**ONE).get_params()).fit(table, "y").task_.kind is TaskKind.REGRESSION
    forced = AutoMLClassifier(**quick(**ONE).get_params()).fit(table.assign(y=table["y"] * 1.5), "y")
    assert forced.task_.kind is TaskKind.MULTICLASS
    assert is_classifier(AutoMLClassifier())
    assert is_regressor(AutoMLRegressor())


def test_a_second_fit_forgets_the_first():
    model = quick(**ONE).fit(binary_table(), "bought")
    assert not hasattr(model.fit(regression_table(), "spent"), "classes_")
    assert model.predict(regression_table()).dtype.kind == "f"


# --- weights, groups, time, folds


def test_weights_by_name_and_by_array_are_the_same_and_matter():
    table = regression_table().assign(weight=np.where(np.arange(150) < 75, 1.0, 50.0))
    by_name = quick(**ONE).fit(table, "spent", sample_weight="weight")
    bare = table.drop(columns="weight")
    by_array = quick(**ONE).fit(bare, "spent", sample_weight=table["weight"].to_numpy())
    unweighted = quick(**ONE).fit(bare, "spent")
    np.testing.assert_array_equal(by_name.predict(table), by_array.predict(bare))
    assert by_name.score_ == by_array.score_
    assert not np.array_equal(by_name.predict(table), unweighted.predict(bare))
    assert "weight" not in by_name.feature_names_in_


def test_groups_by_name_and_by_array_keep_each_group_on_one_side():
    groups = np.repeat(np.arange(30), 5)
    table = binary_table().assign(household=groups)
    by_name = quick(**ONE).fit(table, "bought", groups="household")
    by_array = quick(**ONE).fit(table.drop(columns="household"), "bought", groups=groups)
    for model in (by_name, by_array):
        for fold in model.outcome_.plan.folds:
            assert not set(groups[fold.train]) & set(groups[fold.valid])
    assert by_name.score_ == by_array.score_


def test_a_time_column_asks_for_validation_on_later_rows():
    table = binary_table()
    by_name = quick(**{**ONE, "cv": 3}).fit(table, "bought", time_column="joined")
    by_array = quick(**{**ONE, "cv": 3}).fit(table, "bought", time_column=table["joined"])
    for model in (by_name, by_array):
        assert model.outcome_.plan.n_folds == 3
        for fold in model.outcome_.plan.folds:
            assert table["joined"].iloc[fold.train].max() < table["joined"].iloc[fold.valid].min()
    assert "joined" in by_name.feature_names_in_


class Recorded:
    """A splitter of the user's that remembers what it gave."""

    def __init__(self):
        self.given = []

    def split(self, X, y=None, groups=None):
        for start in (0, 40, 80):
            valid = np.arange(start, start + 40)
            self.given.append((np.setdiff1d(np.arange(len(X)), valid)[::2], valid))
        return iter(self.given)


def test_the_users_folds_are_those_of_the_candidates_and_of_the_score():
    splitter = Recorded()
    table = binary_table()
    from_splitter = quick(cv=splitter, ensemble="none", **{"models": ["linear"], "max_trials": 2}).fit(table, "bought")
    from_pairs = quick(cv=splitter.given, ensemble="none", models=["linear"], max_trials=2).fit(table, "bought")
    for model in (from_splitter, from_pairs):
        for fold, (train, valid) in zip(model.outcome_.plan.folds, splitter.given, strict=True):
            np.testing.assert_array_equal(fold.train, train)
            np.testing.assert_array_equal(fold.valid, valid)
    np.testing.assert_array_equal(from_splitter.outcome_.covered, np.arange(120))
    best = from_splitter.outcome_.results[0]
    assert [len(each.predictions) for each in best.folds] == [40, 40, 40]
    by_hand = roc_auc_score(table["bought"][:120] == "yes", from_splitter.outcome_.cross_fitted[:, 1])
    assert from_splitter.score_ == pytest.approx(by_hand, abs=1e-6)
    assert from_pairs.score_ == from_splitter.score_


@pytest.mark.parametrize(
    ("cv", "n_folds", "n_covered"),
    [
        ([(np.arange(100), np.arange(100, 150))], 1, 50),
        (RepeatedKFold(n_splits=2, n_repeats=2, random_state=0), 4, 150),
    ],
    ids=["one holdout", "repeated"],
)
def test_a_single_holdout_and_repeated_folds_can_be_given(cv, n_folds, n_covered):
    model = quick(cv=cv, max_trials=3).fit(binary_table(), "bought")
    assert model.outcome_.plan.n_folds == n_folds
    assert len(model.outcome_.covered) == n_covered
    assert set(model.leaderboard()["folds"]) <= {n_folds, 1}
    assert model.predict_proba(binary_table(9)).shape == (9, 2)


def test_a_number_of_folds_is_that_number():
    model = quick(cv=4, models=["linear"], max_trials=1).fit(binary_table(60), "bought")
    assert model.outcome_.plan.n_folds == 4
    assert model.leaderboard()["folds"].tolist() == [4]


# --- choices


@pytest.mark.parametrize("ensemble", ["auto", "voting", "weighted", "stacking", "none"])
def test_every_kind_of_ensemble_runs(ensemble):
    table = regression_table()
    model = quick(ensemble=ensemble).fit(table, "spent")
    assert np.isfinite(model.predict(table)).all()
    members = int((model.leaderboard()["weight"] != 0).sum())
    assert members == 1 if ensemble == "none" else members >= 1
    assert model.interval_[0] <= model.score_ <= model.interval_[1]


def test_models_and_exclude_are_honoured():
    model = quick(models=["lightgbm", "linear", "baseline"], exclude=["lightgbm"]).fit(binary_table(), "bought")
    assert set(model.leaderboard()["model"]) == {"baseline", "linear"}
    with pytest.raises(OptionError, match="no model"):
        quick(models=["linear"], exclude=["linear"]).fit(binary_table(), "bought")


@pytest.mark.parametrize("strategy", ["portfolio", "random"])
def test_max_trials_is_the_number_of_candidates(strategy):
    model = quick(models=["linear"], max_trials=9, strategy=strategy, cv=2).fit(regression_table(80), "spent")
    assert len(model.leaderboard()) == 9


def test_a_function_can_be_the_metric():
    def shifted(y_true, y_pred):
        assert set(y_true) <= {"no", "yes"}
        assert set(y_pred) <= {"no", "yes"}
        return 10 + np.mean(np.asarray(y_true) == np.asarray(y_pred))

    model = quick(metric=shifted, **ONE).fit(binary_table(), "bought")
    assert model.metric_ == "shifted"
    assert 10.5 < model.score_ <= 11


def test_a_metric_that_always_raises_is_an_error_that_says_what_it_raised():
    def broken(y_true, y_pred):
        raise ZeroDivisionError("no rows of this kind")

    with pytest.raises(OptionError, match="no rows of this kind"):
        quick(metric=broken, **ONE).fit(binary_table(60), "bought")


def test_a_metric_that_cannot_score_one_candidate_costs_that_one():
    def picky(y_true, y_pred):
        if len(set(y_pred)) == 1:
            raise ZeroDivisionError("the same for all")
        return float(np.mean(y_true == y_pred))

    model = quick(metric=picky, models=["baseline", "linear"], max_trials=2).fit(binary_table(), "bought")
    (failure,) = model.failures().to_dict("records")
    assert (failure["model"], failure["stage"]) == ("baseline", "score")
    assert "the same for all" in failure["cause"]
    assert "picky" in failure["traceback"]
    assert list(model.leaderboard()["model"]) == ["linear"]
