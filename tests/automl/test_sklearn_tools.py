"""scikit-learn's tools around an AutoML: pipelines, clones, validation, grid search, output containers, routing."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from automl import AutoML, AutoMLClassifier, AutoMLRegressor
from automl.errors import OptionError
from tests.tables import binary_table, regression_table

OPTIONS = {
    "time_limit": None,
    "max_trials": 1,
    "models": ["linear"],
    "cv": 2,
    "n_jobs": 1,
    "verbose": 0,
    "executor": "in_process",
}
TABLE = binary_table(90).drop(columns="note")
FEATURES, TARGET = TABLE.drop(columns="bought"), TABLE["bought"]
VALUES = regression_table(90)["spent"]


def small(kind=AutoMLClassifier, **options):
    """Return an estimator that fits in a tenth of a second."""
    return kind(**{**OPTIONS, **options})


# --- what the tools look at


def test_the_tools_know_what_is_predicted_where_it_is_settled():
    assert is_classifier(AutoMLClassifier())
    assert is_regressor(AutoMLRegressor())
    assert is_classifier(AutoML(task="binary"))
    assert is_regressor(AutoML(task="regression"))
    undecided = small(AutoML)
    assert not is_classifier(undecided)
    assert not is_regressor(undecided)
    assert is_classifier(undecided.fit(FEATURES, TARGET))


def test_a_regressor_has_no_probabilities_before_and_after_fit():
    assert hasattr(AutoMLClassifier(), "predict_proba")
    assert not hasattr(AutoMLRegressor(), "predict_proba")
    assert not hasattr(small(AutoML).fit(FEATURES, VALUES), "predict_proba")


@pytest.mark.parametrize("method", ["predict", "predict_proba", "leaderboard", "save"])
def test_before_fit_there_is_the_error_that_scikit_learn_knows(method):
    arguments = {"leaderboard": (), "save": ("nowhere",)}.get(method, (FEATURES,))
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(AutoMLClassifier(), method)(*arguments)


def test_a_target_in_a_column_of_its_own_is_taken_with_the_usual_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        column = small().fit(FEATURES, TARGET.to_frame())
    np.testing.assert_array_equal(column.predict(FEATURES), small().fit(FEATURES, TARGET).predict(FEATURES))


def test_sparse_input_of_every_format_gives_what_a_dense_array_does():
    from scipy.sparse import random_array

    sparse = random_array((20, 3), density=0.5, rng=np.random.default_rng(0))
    expected = small().fit(sparse.toarray(), [0, 1] * 10).predict_proba(sparse.toarray())
    for form in ("csr", "csc", "dok", "lil", "dia", "bsr"):
        found = small().fit(sparse.asformat(form), [0, 1] * 10).predict_proba(sparse.asformat(form))
        np.testing.assert_array_equal(found, expected)


# --- pipelines and clones


def test_a_clone_of_a_fitted_estimator_has_its_options_and_no_fit():
    fitted = small(ensemble="voting").fit(FEATURES, TARGET)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "predictor_")


def test_a_pipeline_ends_in_an_estimator_and_passes_its_methods_on():
    prepare = FunctionTransformer(lambda table: table.assign(known=table["income"].notna()))
    pipeline = Pipeline([("prepare", prepare), ("automl", small())]).fit(FEATURES, TARGET)
    assert "known" in pipeline[-1].feature_names_in_
    assert pipeline.predict_proba(FEATURES).shape == (90, 2)
    assert list(pipeline.classes_) == ["no", "yes"]
    assert pipeline.score(FEATURES, TARGET) == np.mean(pipeline.predict(FEATURES) == TARGET)
    assert clone(pipeline).set_params(automl__cv=3).get_params()["automl__cv"] == 3


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_set_output_hands_names_and_kinds_of_columns_on(container):
    if container == "polars":
        pytest.importorskip("polars")
    prepare = make_column_transformer(
        (StandardScaler(), ["age"]), ("passthrough", ["city", "joined"]), verbose_feature_names_out=False
    )
    pipeline = make_pipeline(prepare, small()).set_output(transform=container).fit(FEATURES, TARGET)
    fitted = pipeline[-1]
    assert list(fitted.feature_names_in_) == ["age", "city", "joined"]
    assert list(fitted.schema_summary_["kind"]) == ["numeric", "categorical", "datetime"]
    assert len(pipeline.predict(FEATURES)) == 90


def test_a_global_output_container_changes_nothing():
    plain = small().fit(FEATURES, TARGET).predict_proba(FEATURES)
    with config_context(transform_output="pandas"):
        found = small().fit(FEATURES, TARGET).predict_proba(FEATURES)
    np.testing.assert_array_equal(found, plain)


def test_without_set_output_a_transformer_hands_on_an_array_of_mixed_columns():
    prepare = ColumnTransformer([("scale", StandardScaler(), ["age"]), ("as is", "passthrough", ["city"])])
    fitted = make_pipeline(prepare, small()).fit(FEATURES, TARGET)[-1]
    assert list(fitted.schema_summary_["kind"]) == ["numeric", "categorical"]


def test_other_estimators_may_wrap_one():
    calibrated = CalibratedClassifierCV(small(), cv=2).fit(FEATURES, TARGET)
    assert calibrated.predict_proba(FEATURES).shape == (90, 2)
    logged = TransformedTargetRegressor(small(AutoMLRegressor), func=np.cbrt, inverse_func=lambda z: z**3)
    assert np.isfinite(logged.fit(FEATURES, VALUES).predict(FEATURES)).all()


# --- validation and search


def test_cross_val_score_takes_the_kind_of_scores_that_fit():
    scores = cross_val_score(small(), FEATURES, TARGET, cv=3, scoring="roc_auc", error_score="raise")
    assert scores.shape == (3,)
    assert scores.mean() > 0.6
    assert cross_val_score(small(AutoMLRegressor), FEATURES, VALUES, cv=3).mean() > 0.2  # R2, its own `score`


def test_cross_val_predict_gives_probabilities_of_rows_that_were_not_fitted():
    found = cross_val_predict(small(), FEATURES, TARGET, cv=3, method="predict_proba")
    assert found.shape == (90, 2)
    assert roc_auc_score(TARGET, found[:, 1]) > 0.6


def test_a_grid_is_searched_over_our_options():
    grid = {"models": [["linear"], "baseline"], "metric": ["log_loss", "roc_auc"]}
    search = GridSearchCV(small(), grid, cv=2, scoring="neg_log_loss", error_score="raise").fit(FEATURES, TARGET)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_params_["models"] == ["linear"]
    assert search.best_estimator_.metric_ == search.best_params_["metric"]
    assert search.predict_proba(FEATURES).shape == (90, 2)


def test_a_grid_with_an_option_that_cannot_be_says_so():
    with pytest.raises(OptionError, match="lightgbm"):
        GridSearchCV(small(), {"models": [["lightgmb"]]}, cv=2, error_score="raise").fit(FEATURES, TARGET)


# --- metadata routing


@pytest.fixture
def routing():
    with config_context(enable_metadata_routing=True):
        yield


def test_weights_and_groups_are_routed_only_when_asked_for(routing):
    weights = np.ones(len(TABLE))
    with pytest.raises(ValueError, match="sample_weight"):
        cross_validate(small(), FEATURES, TARGET, cv=2, params={"sample_weight": weights})
    model = small().set_fit_request(sample_weight=False, groups=False)
    cross_validate(model, FEATURES, TARGET, cv=GroupKFold(2), params={"groups": np.arange(90) // 3})


def test_routed_weights_reach_the_fit_and_the_score(routing):
    weights = np.where(np.arange(90) % 2, 0.01, 10.0)
    model = small(AutoMLRegressor).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    found = cross_validate(model, FEATURES, VALUES, cv=2, params={"sample_weight": weights}, return_estimator=True)
    plain = cross_validate(small(AutoMLRegressor), FEATURES, VALUES, cv=2, return_estimator=True)
    assert not np.allclose(found["test_score"], plain["test_score"])
    rows = np.arange(45, 90)
    by_hand = small(AutoMLRegressor).fit(FEATURES.iloc[rows], VALUES.iloc[rows], sample_weight=weights[rows])
    np.testing.assert_array_equal(found["estimator"][0].predict(FEATURES.iloc[:5]), by_hand.predict(FEATURES.iloc[:5]))


def test_routed_groups_stay_on_one_side_outside_and_inside(routing):
    groups = np.arange(90) // 3
    model = small(cv=3).set_fit_request(groups=True)
    found = cross_validate(
        model, FEATURES, TARGET, cv=GroupKFold(2), params={"groups": groups}, return_estimator=True, return_indices=True
    )
    for fitted, train, test in zip(
        found["estimator"], found["indices"]["train"], found["indices"]["test"], strict=True
    ):
        assert set(groups[train]) & set(groups[test]) == set()
        inside = groups[train]
        for fold in fitted.outcome_.plan.folds:
            assert set(inside[fold.train]) & set(inside[fold.valid]) == set()


def test_the_queries_of_a_ranking_reach_its_fits_and_its_scores(routing):
    rng = np.random.default_rng(0)
    features, query = pd.DataFrame({"a": rng.normal(size=120), "b": rng.normal(size=120)}), np.arange(120) // 6
    relevance = (features["a"] > 0.5).astype(int).rename("relevance")
    model = small(AutoML, task="ranking").set_fit_request(groups=True).set_score_request(groups=True)
    found = cross_validate(
        model,
        features,
        relevance,
        cv=GroupKFold(2),
        params={"groups": query},
        return_estimator=True,
        return_indices=True,
    )
    for number, fitted in enumerate(found["estimator"]):
        train, test = (found["indices"][part][number] for part in ("train", "test"))
        by_hand = fitted.score(features.iloc[test], relevance.iloc[test], groups=query[test])
        assert found["test_score"][number] == by_hand > 0.6
        for fold in fitted.outcome_.plan.folds:
            assert set(query[train][fold.train]) & set(query[train][fold.valid]) == set()


def test_weights_are_routed_through_a_pipeline_in_a_grid_search(routing):
    model = small(AutoMLRegressor).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    pipeline = make_pipeline(FunctionTransformer(), model)
    search = GridSearchCV(pipeline, {"automlregressor__cv": [2, 3]}, cv=2, error_score="raise")
    weights = pd.Series(np.where(np.arange(90) < 45, 0.01, 10.0))
    plain = GridSearchCV(
        make_pipeline(FunctionTransformer(), small(AutoMLRegressor)), {"automlregressor__cv": [2, 3]}, cv=2
    )
    weighted, unweighted = search.fit(FEATURES, VALUES, sample_weight=weights), plain.fit(FEATURES, VALUES)
    assert not np.allclose(weighted.predict(FEATURES), unweighted.predict(FEATURES))
