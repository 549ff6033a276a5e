"""The learners by contrast, tuned layers and prompts: few texts teach them; time and seed are kept."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, FitSize, TaskKind
from automl_builtins.models.baseline import BASELINE
from automl_builtins.models.bert import TEXT_CONTRAST, TEXT_PROMPT, costs
from automl_builtins.models.bert.contrast import pair_loss
from tests.plugins.models.tables import TASKS, fit, halves, loss, take
from tests.plugins.models.texts import BAD, GOOD, text_table

pytest.importorskip("transformers")
torch = pytest.importorskip("torch")
SPECS = {"tuned": TEXT_CONTRAST, "prompts": TEXT_PROMPT}


@pytest.fixture(scope="module", params=SPECS)
def spec(request):
    if request.param == "prompts":
        pytest.importorskip("peft")
    return SPECS[request.param]


@pytest.fixture(scope="module")
def params(weights):
    chosen = {"weights": weights, "tokens": 16, "layers": 1.0, "tuned": 0.5, "head": "linear", "C": 30.0}
    return {**chosen, "rounds": 20, "batch": 16, "body_rate": 5e-3, "prompts": 4, "prompt_rate": 0.05}


@pytest.fixture(scope="module")
def tables():
    return halves(text_table(120))


def test_pairs_tell_texts_apart_better_than_nothing(tables, params, spec):
    train, valid = tables
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    found = fit(spec, train, valid, params=params).predict(valid.features)
    assert loss(valid, found) < 0.95 * plain


def test_texts_longer_than_the_network_are_cut_to_its_places(tables, params, spec):
    data = take(tables[0], np.arange(12))
    long = np.array([f"{text} " * 40 for text in data.features["text_0"]], dtype=object)
    told = replace(data, features=data.features.assign(text_0=long))
    found = fit(spec, told, None, params={**params, "tokens": 256, "rounds": 1}).predict(told.features)
    assert np.isfinite(found).all()


def test_pairs_change_what_the_network_makes_of_texts(tables, params, spec):
    train, texts = tables[0], [tables[0].features["text_0"].to_numpy()]
    losses = []
    for each in (params, {**params, "body_rate": 1e-9, "prompt_rate": 1e-9}):
        found = fit(spec, train, None, params=each)._encoder.embed(texts)
        losses.append(pair_loss(torch.from_numpy(found), train.target).item())
    assert losses[0] < losses[1]


def test_it_predicts_the_same_when_fitted_again_and_when_saved(tables, params, spec):
    train, valid = tables
    learners = [fit(spec, train, None, params={**params, "rounds": 3}) for _ in range(2)]
    learners.append(pickle.loads(pickle.dumps(learners[0])))
    first, *others = (each.predict(valid.features) for each in learners)
    for other in others:
        np.testing.assert_array_equal(other, first)
    np.testing.assert_allclose(learners[2].predict(valid.features.iloc[:1]), first[:1], rtol=1e-5)


def test_a_saved_one_holds_no_network_of_torch(tables, params, spec):
    learner = fit(spec, tables[0], None, params={**params, "rounds": 3})
    assert b"torch" not in pickle.dumps(learner)


def test_descriptions_are_pairs_too_where_a_class_has_one_row(tables, params, spec):
    train = take(tables[0], np.array([int(np.argmin(tables[0].target)), int(np.argmax(tables[0].target))]))
    described = replace(train, task=replace(train.task, descriptions=(BAD, GOOD)))
    found = fit(spec, described, None, params=params).predict(tables[1].features)
    assert np.isfinite(found).all()


def test_without_time_it_takes_hardly_a_step(tables, params, spec):
    context = FitContext(deadline=Deadline(0.0))
    learner = fit(spec, tables[0], None, context, {**params, "rounds": 1_000_000})
    assert learner.predict(tables[1].features).shape == (tables[1].n_rows, 2)


def test_many_rows_of_a_class_are_left_to_others(params):
    size = FitSize(100, 1, TASKS[TaskKind.BINARY], params, words=20)
    assert costs.contrast_limits(size) == ""
    assert "frozen layers tell as much" in costs.contrast_limits(replace(size, n_rows=1_000))


@pytest.mark.parametrize("resources", [costs.contrast_resources, costs.prompt_resources])
def test_more_rows_and_more_rounds_are_expected_to_take_longer(resources, params):
    size = FitSize(100, 1, TASKS[TaskKind.BINARY], params, words=20)
    base = resources(size).seconds
    assert resources(replace(size, n_rows=120)).seconds > base
    assert resources(replace(size, params={**params, "rounds": 200})).seconds > base
    assert resources(replace(size, device="cuda")).seconds < base


def test_prompts_are_offered_where_they_are_asked_for_and_say_that_they_need_peft():
    assert not TEXT_PROMPT.in_auto
    assert "peft" in TEXT_PROMPT.requires
