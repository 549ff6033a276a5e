"""Estimators of scikit-learn come back with their compiled parts, and made-up trees are refused."""

import warnings

import numpy as np
import pytest
from sklearn import ensemble, linear_model, neighbors, neural_network, pipeline, preprocessing, svm, tree

from automl.errors import ArtifactError
from automl.storage.compiled import COMPILED, check_rebuilt
from automl.storage.encode import UnencodableError, encode
from tests.automl.storage.values import KNOWN, around

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(80, 4))
CLASSES = (ROWS[:, 0] + ROWS[:, 1] > 0).astype(int) + (ROWS[:, 2] > 1)
ESTIMATORS = [
    tree.DecisionTreeClassifier(max_depth=1),
    ensemble.RandomForestClassifier(5, random_state=0),
    ensemble.ExtraTreesRegressor(5, random_state=0),
    ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0),
    ensemble.HistGradientBoostingClassifier(max_iter=5, random_state=0),
    ensemble.HistGradientBoostingRegressor(max_iter=5, loss="quantile", quantile=0.3),
    linear_model.LogisticRegression(),
    linear_model.ElasticNet(),
    linear_model.SGDClassifier(loss="log_loss", random_state=0),
    neighbors.KNeighborsClassifier(algorithm="kd_tree"),
    neighbors.KNeighborsRegressor(algorithm="ball_tree", p=3),
    neighbors.KNeighborsRegressor(algorithm="kd_tree", metric="manhattan"),
    neural_network.MLPClassifier((5,), max_iter=5, random_state=0),
    svm.SVC(),
    svm.SVR(),
    pipeline.make_pipeline(preprocessing.StandardScaler(), svm.LinearSVC()),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda each: type(each).__name__)
def test_a_fitted_estimator_predicts_the_same(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(ROWS, CLASSES)
    revived = around(estimator)
    for name in ("predict", "predict_proba", "decision_function"):
        if hasattr(estimator, name):
            np.testing.assert_array_equal(getattr(revived, name)(ROWS), getattr(estimator, name)(ROWS))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_random_generator_goes_on_where_it_was(make):
    generator = make(3)
    generator.normal(size=3)
    revived = around(generator)
    np.testing.assert_array_equal(revived.normal(size=5), generator.normal(size=5))


def tree_state(**changes):
    state = COMPILED["sklearn.tree._tree:Tree"].take(tree.DecisionTreeClassifier().fit(ROWS, CLASSES).tree_)
    state = {**state, "nodes": state["nodes"].copy()}
    for name, value in changes.items():
        state["nodes"][name][0] = value
    return state


def test_a_right_tree_is_put_together():
    assert COMPILED["sklearn.tree._tree:Tree"].make(tree_state()).node_count > 3


@pytest.mark.parametrize(
    "changes",
    [{"left_child": 10**6}, {"right_child": 10**6}, {"left_child": 0}, {"right_child": -5}, {"feature": 4},
     {"feature": -3}],
)  # fmt: skip
def test_a_tree_whose_nodes_lead_elsewhere_is_refused(changes):
    with pytest.raises(ArtifactError, match="made up"):
        COMPILED["sklearn.tree._tree:Tree"].make(tree_state(**changes))


@pytest.mark.parametrize(
    "changes", [{"node_count": 10**6}, {"n_classes": [50]}, {"n_classes": [0]}, {"n_outputs": 2}, {"node_count": 0}]
)
def test_a_tree_whose_sizes_disagree_is_refused(changes):
    with pytest.raises(ArtifactError, match="damaged"):
        COMPILED["sklearn.tree._tree:Tree"].make({**tree_state(), **changes})


def test_a_distance_of_ones_own_has_no_form():
    found = neighbors.BallTree(ROWS, metric="canberra")
    with pytest.raises(UnencodableError, match="Canberra"):
        encode(found, KNOWN)


@pytest.mark.parametrize(
    ("name", "state"),
    [("sklearn.neighbors._kd_tree:KDTree", {"data": ROWS, "metric": "pyfunc", "leaf_size": 2}),
     ("numpy.random._generator:Generator", {"bit_generator": "seterr"})],
)  # fmt: skip
def test_only_known_names_are_looked_up(name, state):
    with pytest.raises(ArtifactError, match="expected one of"):
        COMPILED[name].make(state)


@pytest.mark.parametrize(
    "change", [{"left": 0}, {"right": 0}, {"left": 10**6}, {"right": 10**6}, {"feature_idx": 4}]
)  # fmt: skip
def test_a_histogram_tree_whose_nodes_lead_elsewhere_is_refused(change):
    fitted = ensemble.HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=5).fit(ROWS, ROWS[:, 0])
    check_rebuilt(fitted)
    nodes = fitted._predictors[0][0].nodes
    for name, value in change.items():
        nodes[name][0] = value
    with pytest.raises(ArtifactError, match="made up"):
        check_rebuilt(fitted if "feature_idx" in change else fitted._predictors[0][0])
