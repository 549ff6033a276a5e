"""One fold, fitted in this process: what a model does wrong comes back as a value."""

import pickle
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from automl.plugin_api import (
    Candidate,
    LocalWorkplace,
    ModelSpec,
    Slot,
    Started,
    Task,
    TaskKind,
    fetch_locally,
    publish_locally,
)
from automl.registry import discover
from automl.steps.fit import fit_fold as fit_fold_module
from automl.steps.fit.choose_preparation import choose_preparation
from automl.steps.fit.fit_fold import FoldJob, checked_predictions, fit_fold, forget_datasets
from automl.steps.fit.store_dataset import store_dataset
from automl.steps.plan.plan_resampling import stratified
from automl.steps.trials.run_jobs import RunningJob
from automl.vocabulary.outputs import as_probabilities
from automl.vocabulary.results import Failure
from tests.automl.steps.fit.test_prepare_fold import dataset_of
from tests.troublesome import BUILDERS

PREPROCESSORS = discover().preprocessors
THREE = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
NUMBER = Task(TaskKind.REGRESSION, "y")


@pytest.fixture
def here(tmp_path):
    return LocalWorkplace(tmp_path)


@pytest.fixture
def job(tmp_path):
    """Make jobs over one stored table."""
    data = dataset_of("binary")
    stored = store_dataset(data, stratified(data, 3, np.random.default_rng(0)), tmp_path / "data")
    published = publish_locally(stored.name, stored.files)

    def make(model, fold=0, **options):
        spec = ModelSpec(model, BUILDERS[model], scaling="standard")
        preparation = choose_preparation(spec, {}, data.schema, PREPROCESSORS)
        candidate = Candidate(model, {"x": 0.5, **options}, preparation)
        return FoldJob(published, candidate, fold, spec, PREPROCESSORS, "roc_auc", 7, 1, np.inf)

    yield make
    forget_datasets()


@pytest.mark.parametrize(
    ("model", "stage", "cause"),
    [
        ("raises_in_build", "build", "ValueError: the build broke"),
        ("raises_in_fit", "fit", "ValueError: the fit broke"),
        ("raises_in_predict", "predict", "ValueError: the prediction broke"),
        ("predicts_nan", "predict", "not finite"),
        ("predicts_wrong_shape", "predict", "expected (30, 2)"),
        ("exits", "fit", "SystemExit"),
    ],
)
def test_a_model_that_breaks_is_a_failure_with_its_stage_and_traceback(here, job, model, stage, cause):
    failure = fit_fold(here, job(model, fold=1))
    assert isinstance(failure, Failure)
    assert (failure.model, failure.stage, failure.fold) == (model, stage, 1)
    assert cause in failure.cause
    assert "Traceback" in failure.traceback
    assert failure.params == {"x": 0.5}


def test_a_fold_gives_predictions_times_and_a_member_that_can_be_loaded(here, job):
    result = fit_fold(here, job("class_shares", fold=2))
    assert result.predictions.shape == (30, 2)
    assert result.predictions.dtype == np.float32
    assert 0 <= result.predict_seconds <= result.seconds < 60
    member = pickle.loads(fetch_locally(result.member))
    assert member.learner.predict(np.zeros((4, 1))).shape == (4, 2)
    assert result.member_mb == pytest.approx(len(fetch_locally(result.member)) / 2**20)


def test_a_place_without_a_folder_costs_a_fit_what_it_would_have_left_there_alone(job):
    failure = fit_fold(LocalWorkplace(), job("class_shares"))
    assert (failure.stage, failure.cause) == (
        "save",
        "OSError: There is no folder to keep '" + failure.candidate_id + "-0.pkl' in.",
    )


def test_the_libraries_of_a_model_are_loaded_before_its_time_is_taken(here, job, monkeypatch):
    now = [0.0]

    def load(name):
        now[0] += {"slow_library": 100.0}[name]

    clock = SimpleNamespace(perf_counter=lambda: now[0], process_time=lambda: now[0])
    monkeypatch.setattr(fit_fold_module, "time", clock)
    monkeypatch.setattr(fit_fold_module, "import_module", load)
    wanted = job("class_shares")
    result = fit_fold(here, replace(wanted, spec=replace(wanted.spec, requires=("slow_library", "broken_library"))))
    assert now == [100.0]
    assert (result.seconds, result.cpu_seconds) == (0.0, 0.0)


def test_a_fit_writes_down_where_it_is_no_sooner_than_just_before_it_is_killed(here, job, monkeypatch):
    waited = []

    @contextmanager
    def listen(file, seconds):
        waited.append(seconds)
        yield

    monkeypatch.setattr(fit_fold_module, "last_words", listen)
    wanted = replace(job("class_shares"), seconds=8.0)
    for cold in (True, False):
        fit_fold(here, wanted)
        killed = RunningJob(wanted, 0, Slot(0), Started(Future()), started=0.0, cold=cold, up=cold).overdue_at
        assert 8.0 < killed - 1.0 < waited[-1] < killed


def test_a_model_that_spoils_its_input_does_not_change_what_the_next_one_gets(here, job):
    clean = fit_fold(here, job("class_shares"))
    forget_datasets()
    assert not isinstance(fit_fold(here, job("spoils_its_input")), Failure)
    after = fit_fold(here, job("class_shares"))
    np.testing.assert_array_equal(after.predictions, clean.predictions)


def test_a_dataset_that_is_gone_is_a_failure(here, job, tmp_path):
    wanted = job("class_shares")
    (tmp_path / "data" / "header.pkl").unlink()
    assert fit_fold(here, wanted).stage == "prepare"


def test_probabilities_are_made_to_sum_to_one_and_nothing_else_is_allowed():
    found = checked_predictions([[2.0, 0.5, 0.5], [0.0, 0.0, 0.0], [-1.0, 1.0, 1.0]], 3, THREE)
    np.testing.assert_allclose(found, [[0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3], [0, 0.5, 0.5]], rtol=1e-6)
    for wrong in ([[0.5, 0.5]] * 3, [0.1, 0.2, 0.3], [[[1, 0, 0]]] * 3):
        with pytest.raises(ValueError, match=r"expected \(3, 3\)"):
            checked_predictions(wrong, 3, THREE)
    with pytest.raises(ValueError, match="1 values that are not finite"):
        checked_predictions([[1.0], [np.inf]], 2, NUMBER)
    np.testing.assert_array_equal(checked_predictions([[-5.0], [7.0]], 2, NUMBER), [[-5.0], [7.0]])


def test_probabilities_keep_the_precision_of_the_caller():
    rows = np.random.default_rng(0).random((50, 7)).astype(np.float32)
    assert np.abs(as_probabilities(rows).sum(axis=1) - 1).max() < 1e-15
