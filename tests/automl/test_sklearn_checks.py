"""scikit-learn's own checks of an estimator; run as a script, this prints how many passed.

`python -m tests.automl.test_sklearn_checks`
"""

import warnings

import pytest
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from automl import AutoMLClassifier, AutoMLRegressor

OPTIONS = {
    "time_limit": None,
    "max_trials": 1,
    "models": ["linear"],
    "cv": 2,
    "n_jobs": 1,
    "verbose": 0,
    "executor": "in_process",
}
ESTIMATORS = [AutoMLClassifier(**OPTIONS), AutoMLRegressor(**OPTIONS)]
DEFAULTS = [
    kind(time_limit=None, max_trials=2, n_jobs=1, verbose=0, executor="in_process")
    for kind in (AutoMLClassifier, AutoMLRegressor)
]
"""As anybody would build them: the default models, of which a boosted one draws rows and columns."""
WEIGHTS = (
    "a weight says how much a row counts beside the others, not how often it is there: weights are scaled to a "
    "mean of 1, so that a penalty means the same with any unit of weight, and features are scaled by rows"
)
EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS,
    "check_sample_weight_equivalence_on_sparse_data": WEIGHTS,
}
"""The checks that are not kept, with the reason; everything else has to pass."""


@pytest.mark.filterwarnings("ignore::UserWarning")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda estimator: EXPECTED_FAILURES)
def test_an_estimator_keeps_the_conventions_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::UserWarning")
@parametrize_with_checks(DEFAULTS, expected_failed_checks=lambda estimator: EXPECTED_FAILURES)
def test_an_estimator_with_the_models_it_takes_by_itself_keeps_them_too(estimator, check):
    check(estimator)


def print_summary():
    """Run every check and print how many ended in which way."""
    for estimator in (*ESTIMATORS, *DEFAULTS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = check_estimator(estimator, expected_failed_checks=EXPECTED_FAILURES, on_fail=None, on_skip=None)
        ended = [each["status"] for each in results]
        print(type(estimator).__name__, {status: ended.count(status) for status in dict.fromkeys(ended)})
        for each in results:
            if each["status"] != "passed":
                print(" ", each["status"], each["check_name"], each["expected_to_fail_reason"] or each["exception"])


if __name__ == "__main__":
    print_summary()
