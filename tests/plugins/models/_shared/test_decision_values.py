"""Decision values from plain arrays, against the scikit-learn models that they were taken from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVR, LinearSVC

from automl_builtins.models._shared.decision_values import KernelTerms, LinearTerms, class_probabilities


def rows_and_target(n_classes: int = 0):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(150, 6))
    values = rows[:, 0] - rows[:, 1] ** 2
    return rows, values if not n_classes else np.digitize(
        values, np.quantile(values, np.linspace(0, 1, n_classes + 1)[1:-1])
    )


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_logistic_regression_is_reproduced(n_classes, form):
    rows, target = rows_and_target(n_classes)
    model = LogisticRegression().fit(form(rows), target)
    found = class_probabilities(LinearTerms.of(model).values(form(rows)))
    np.testing.assert_allclose(found, model.predict_proba(form(rows)), rtol=1e-12, atol=1e-14)


def test_extreme_decisions_become_probabilities_without_overflow():
    found = class_probabilities(np.array([[-2000.0], [0.0], [2000.0]]))
    np.testing.assert_allclose(found[:, 1], [0.0, 0.5, 1.0])


def test_a_linear_classifier_without_probabilities_is_reproduced():
    rows, target = rows_and_target(3)
    model = LinearSVC(random_state=0).fit(rows, target)
    np.testing.assert_allclose(LinearTerms.of(model).values(rows), model.decision_function(rows), rtol=1e-12)


def test_support_vector_regression_is_reproduced():
    rows, target = rows_and_target()
    model = SVR(gamma=0.1).fit(rows, target)
    np.testing.assert_allclose(
        KernelTerms.of_machine(model).values(rows)[:, 0], model.predict(rows), rtol=1e-9, atol=1e-9
    )


def test_landmarks_and_ridge_are_reproduced_by_one_product():
    rows, target = rows_and_target()
    landmarks = Nystroem(gamma=0.2, n_components=60, random_state=0)
    features = landmarks.fit_transform(rows)
    model = Ridge(0.1).fit(features, target)
    found = KernelTerms.of_landmarks(landmarks, model).values(rows)[:, 0]
    np.testing.assert_allclose(found, model.predict(features), rtol=1e-8, atol=1e-8)


def test_blocks_of_rows_give_what_all_rows_give(monkeypatch):
    rows, target = rows_and_target()
    terms = KernelTerms.of_machine(SVR(gamma=0.1).fit(rows, target))
    whole = terms.values(rows)
    monkeypatch.setattr("automl_builtins.models._shared.decision_values.BLOCK_CELLS", 7 * len(terms.points))
    np.testing.assert_allclose(terms.values(rows), whole, rtol=1e-12)
    assert terms.values(rows[:0]).shape == (0, 1)
