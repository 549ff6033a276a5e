"""The record of a fit: what follows from what it holds."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from automl.fitted_model import seed_of


def test_it_is_frozen_and_the_estimator_hands_it_on_with_its_options_as_they_are(classifier):
    fitted = classifier._fitted()
    assert fitted.options == classifier.get_params(deep=False)
    assert fitted.kind == "AutoML"
    with pytest.raises(FrozenInstanceError):
        fitted.score = 1.0


def test_schema_task_and_labels_are_those_of_the_predictor(classifier, regressor):
    fitted = classifier._fitted()
    assert fitted.schema is classifier.predictor_.schema
    assert fitted.task is classifier.predictor_.task
    assert fitted.labels.tolist() == ["no", "yes"]
    assert len(regressor._fitted().labels) == 0


def test_a_seed_that_would_be_drawn_from_a_generator_is_not_drawn_again(classifier):
    generator = np.random.RandomState(3)
    before = generator.get_state()[1].tolist()
    assert seed_of({"random_state": generator}) == seed_of({"random_state": None}) == 0
    assert generator.get_state()[1].tolist() == before
    assert replace(classifier._fitted(), options={"random_state": np.int64(7)}).seed == 7
