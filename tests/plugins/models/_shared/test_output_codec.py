"""OutputCodec: targets to what is fitted and outputs back, and learners that were saved before there was one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import BuildRequest, TaskKind
from automl_builtins.models._shared.class_shares import class_shares, draw_toward
from automl_builtins.models._shared.output_codec import OutputCodec
from automl_builtins.models._shared.target_scale import TargetScale
from automl_builtins.models.forests import EXTRA_TREES
from automl_builtins.models.lightgbm import LIGHTGBM
from automl_builtins.models.linear import LINEAR
from automl_builtins.models.nearest_neighbors import NEAREST_NEIGHBORS
from automl_builtins.models.svm import SVM
from automl_builtins.models.xgboost import XGBOOST
from tests.plugins.models.tables import TASKS, fit, halves, make_table

CODED = [LINEAR, SVM, NEAREST_NEIGHBORS, EXTRA_TREES, LIGHTGBM, XGBOOST]
QUICK = {"lightgbm": {"n_estimators": 4}, "xgboost": {"n_estimators": 4}, "extra_trees": {"n_estimators": 4}}
every_model = pytest.mark.parametrize("spec", CODED, ids=lambda spec: spec.name)


def test_classes_are_fitted_as_they_are_and_probabilities_are_drawn_toward_their_shares():
    train, _ = halves(make_table(TaskKind.MULTICLASS, 60))
    codec, found = OutputCodec.of(train), np.array([[1.0, 0.0, 0.0]])
    shares = class_shares(train)
    assert codec.to(train.target) is train.target
    np.testing.assert_array_equal(codec.back(found), draw_toward(found, shares, 40))
    np.testing.assert_array_equal(codec.back(found, rows=5), draw_toward(found, shares, 5))
    np.testing.assert_array_equal(codec.back(found, rows=0), found)
    np.testing.assert_array_equal(codec.constant(2), [shares, shares])


def test_values_are_fitted_on_one_scale_and_come_back_as_one_column():
    train, _ = halves(make_table(TaskKind.REGRESSION, 60))
    codec = OutputCodec.of(train)
    assert codec.to(train.target).std() == pytest.approx(1.0)
    np.testing.assert_allclose(codec.back(codec.to(train.target)), train.target[:, None])
    np.testing.assert_allclose(codec.constant(3), np.full((3, 1), train.target.mean()))
    far = codec.back(np.array([1e6]), bounded=True)
    assert far.shape == (1, 1)
    assert far[0, 0] < train.target.max() + np.ptp(train.target)


def test_values_that_are_fitted_as_they_are_stay_so():
    train, _ = halves(make_table(TaskKind.REGRESSION, 60))
    codec, found = OutputCodec.of(train, scaled=False), np.array([[3.0]])
    assert codec.to(train.target) is train.target
    assert codec.back(found) is found


def test_one_class_alone_is_noticed_among_classes_only():
    classes, values = make_table(TaskKind.BINARY, 30), make_table(TaskKind.REGRESSION, 30)
    assert OutputCodec.of(replace(classes, target=np.ones_like(classes.target))).one_class
    assert not OutputCodec.of(classes).one_class
    assert not OutputCodec.of(replace(values, target=np.ones(30))).one_class


@every_model
def test_a_learner_that_was_not_fitted_says_so(spec):
    with pytest.raises(RuntimeError, match="before fit"):
        spec.build(BuildRequest(TASKS[TaskKind.BINARY])).predict(make_table(TaskKind.BINARY, 3).features)


@every_model
@pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)
def test_a_learner_of_an_earlier_version_predicts_what_it_did(spec, kind):
    # What it knew of its target lay in attributes of its own, of which each model had some.
    train, valid = halves(make_table(kind, 60))
    learner = fit(spec, train, valid, params=QUICK.get(spec.name, {}))
    state = dict(learner.__getstate__())
    codec = state.pop("_codec")
    drawn = codec.classes and not (spec is LIGHTGBM and kind is TaskKind.BINARY)
    state |= {"_shares": codec.shares if drawn else None}
    if spec not in (NEAREST_NEIGHBORS, EXTRA_TREES):
        state |= {"_rows": train.n_rows, "_scale": codec.scale or TargetScale()}
    earlier = type(learner).__new__(type(learner))
    vars(earlier).update(state)
    np.testing.assert_array_equal(earlier.predict(valid.features), learner.predict(valid.features))
