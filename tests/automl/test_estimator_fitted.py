"""The fitted estimator as users meet it: ways to predict, to score and to look."""

import pickle

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_absolute_error, roc_auc_score
from sklearn.model_selection import cross_val_score

from automl import AutoML
from automl.errors import InputError, NotFittedError
from automl.report import FAILURE_COLUMNS, LEADERBOARD_COLUMNS
from tests.conftest import quick
from tests.tables import binary_table, mixed_table, multiclass_table, regression_table, signal


@pytest.mark.parametrize("fitted", ["classifier", "regressor", "three_classes"])
def test_one_row_at_a_time_is_predicted_as_in_bulk(fitted, request):
    model = request.getfixturevalue(fitted)
    table = mixed_table(10, seed=9)
    outputs = model.predict_proba if hasattr(model, "classes_") else model.predict
    bulk = outputs(table)
    single = np.concatenate([outputs(table.iloc[[row]]) for row in range(len(table))])
    np.testing.assert_array_equal(bulk, single)


def test_other_order_extra_columns_and_another_index_change_nothing(classifier):
    table = mixed_table(30, seed=9)
    expected = classifier.predict_proba(table)
    other = table[table.columns[::-1]].assign(more=1).set_axis(range(900, 930))
    np.testing.assert_array_equal(classifier.predict_proba(other), expected)


def test_columns_given_by_name_are_never_taken_by_position(classifier):
    table = mixed_table(8, seed=9)
    expected = classifier.predict_proba(table)
    by_name = {name: list(table[name]) for name in reversed(table.columns)}
    np.testing.assert_array_equal(classifier.predict_proba(by_name), expected)
    rows = table[table.columns[::-1]].to_dict("records")
    np.testing.assert_array_equal(classifier.predict_proba(rows), expected)


def test_unseen_categories_and_missing_values_are_predicted(classifier):
    table = mixed_table(5, seed=9).astype(object)
    table["city"] = "Atlantis"
    table.loc[0] = None
    assert np.isfinite(classifier.predict_proba(table)).all()


def test_a_missing_column_is_named(classifier):
    with pytest.raises(InputError, match="city"):
        classifier.predict(mixed_table(5).drop(columns="city"))


def test_no_rows_give_no_predictions(classifier, regressor):
    assert classifier.predict_proba(mixed_table(5).iloc[:0]).shape == (0, 2)
    assert regressor.predict(mixed_table(5).iloc[:0]).shape == (0,)


def test_score_and_evaluate_use_the_table_or_the_target(classifier, regressor, three_classes):
    table = binary_table(80, seed=4)
    features, target = table.drop(columns="bought"), table["bought"]
    expected = roc_auc_score(target == "yes", classifier.predict_proba(features)[:, 1])
    assert classifier.score(table) == classifier.score(features, target) == pytest.approx(expected)
    assert classifier.score(table, "bought") == pytest.approx(expected)
    assert classifier.evaluate(table)["roc_auc"] == pytest.approx(expected)
    assert set(classifier.evaluate(table, metrics=["accuracy", "f1"])) == {"accuracy", "f1"}
    numbers = regression_table(80, seed=4)
    found = regressor.evaluate(numbers)
    assert found["mae"] == pytest.approx(mean_absolute_error(numbers["spent"], regressor.predict(numbers)))
    assert regressor.score(numbers) == -found["rmse"]
    grades = multiclass_table(80, seed=4)
    loss = log_loss(grades["grade"], three_classes.predict_proba(grades))
    assert three_classes.score(grades) == pytest.approx(-loss, abs=1e-5)


def test_a_target_that_was_not_fitted_is_named(classifier):
    with pytest.raises(InputError, match="perhaps"):
        classifier.score(binary_table(10).assign(bought="perhaps"))


def test_it_stands_where_scikit_learn_wants_an_estimator(classifier):
    table = binary_table()
    scores = cross_val_score(
        quick(models=["linear"], max_trials=1, cv=2), table.drop(columns="bought"), table["bought"], cv=2
    )
    assert (scores > 0.6).all()
    copied = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copied.predict(table), classifier.predict(table))


# --- looking


def test_the_fitted_models_are_better_than_nothing_and_promise_what_they_keep(classifier, regressor):
    fresh = binary_table(600, seed=11)
    assert classifier.score_ > 0.8
    assert abs(classifier.score(fresh) - classifier.score_) < 0.12
    table = regression_table(600, seed=11)
    assert regressor.score_ < 0.8 * table["spent"].std()
    assert np.corrcoef(signal(table), regressor.predict(table))[0, 1] > 0.7


def test_the_leaderboard_has_a_row_for_each_candidate_best_first(regressor):
    board = regressor.leaderboard()
    assert tuple(board.columns) == LEADERBOARD_COLUMNS
    assert list(board["rank"]) == [1, 2, 3, 4]
    assert board["score"].is_monotonic_increasing
    assert set(board["status"]) <= {"complete", "dropped"}
    assert board["weight"].sum() == pytest.approx(1.0, abs=1e-6)
    board["model"] = "changed"
    assert "changed" not in set(regressor.leaderboard()["model"])


def test_failures_have_their_columns_even_when_there_are_none(regressor):
    assert tuple(regressor.failures().columns) == FAILURE_COLUMNS
    assert len(regressor.failures()) == 0


@pytest.mark.parametrize(
    "ask",
    [lambda m: m.predict(mixed_table(5)), lambda m: m.score(binary_table(5)), lambda m: m.leaderboard(),
     lambda m: m.predict_proba(mixed_table(5)), lambda m: m.failures(), lambda m: m.save("nowhere"),
     lambda m: m.schema_summary_, lambda m: m.evaluate(binary_table(5))],
)  # fmt: skip
def test_before_fit_everything_says_so(ask):
    with pytest.raises(NotFittedError, match="fit"):
        ask(AutoML())


def test_a_regression_has_no_probabilities(regressor):
    with pytest.raises(AttributeError) as error:
        regressor.predict_proba(mixed_table(5))
    assert "Use predict" in str(error.value.__cause__)
