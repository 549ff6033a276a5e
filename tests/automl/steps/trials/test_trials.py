"""The books of a search: every proposal ends as a result or as a failure with its reason, and the strategy is told."""

import math
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import ModelSpec, Outcome, Proposal, Resources, SearchStrategySpec, hookimpl
from automl.steps.trials.assign_resources import Assignment
from automl.steps.trials.build_strategy import strategy_builder
from automl.steps.trials.keep_best import BestKept
from automl.steps.trials.run_jobs import FinishedJob
from automl.steps.trials.trial import Trial
from automl.steps.trials.trials import LEAST_ROWS_SHARE, MOST_LOST, Trials
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Again, Refusal, Stage, Status
from tests.automl.steps.searches import opened
from tests.tables import regression_table

LINEAR = Proposal("linear", {}, 0, "random")


class Plugin:
    """A strategy that keeps what it is told, a model that no rows are few enough for, and one that takes a petabyte."""

    def __init__(self):
        self.told, self.breaks = [], False

    def ask(self, seconds_left):
        raise ZeroDivisionError("no idea")

    def tell(self, outcome):
        if self.breaks:
            raise ValueError("not listening")
        self.told.append(outcome)

    @hookimpl
    def automl_search_strategies(self):
        return [SearchStrategySpec("keeping", lambda request: self)]

    @hookimpl
    def automl_models(self):
        small = ModelSpec("small", lambda request: None, limits=lambda size: f"{size.n_rows} rows are too many")
        return [small, ModelSpec("large", lambda request: None, resources=lambda size: Resources(1.0, 1e9))]


@pytest.fixture(scope="module")
def search():
    plugin = Plugin()
    with opened(regression_table(60), "spent", plugins=[plugin], strategy="keeping",
                models=["baseline", "linear", "small", "large"]) as found:  # fmt: skip
        yield found, plugin


@pytest.fixture
def trials(search):
    found, plugin = search
    plugin.told, plugin.breaks = [], False
    return Trials(found.setup, strategy_builder(found.setup))


def fold_result(trials, trial, fold, error):
    """Return a fold whose predictions are off by so much."""
    rows = trials.judge.plan.folds[fold].valid
    predictions = (trials.judge.target[rows] + error).astype(np.float32)[:, None]
    return FoldResult(trial.candidate.id, fold, predictions, 1.0, 1.0, 0.1)


def finished(trials, trial, error=1.0):
    for fold in range(3):
        trials.job(trial, fold, slot=0)
        trials.record(trial, fold_result(trials, trial, fold, error), slot=0)
    trials.close(trial)


def test_a_proposal_becomes_a_trial_in_the_order_of_proposals(trials):
    first, second = trials.propose(LINEAR), trials.propose(replace(LINEAR, seed=1))
    assert isinstance(first, Trial)
    assert (first.order, second.order, first.status) == (0, 1, Status.RUNNING)


def test_a_candidate_that_was_tried_before_is_not_run_and_no_failure(trials):
    trials.propose(LINEAR)
    assert trials.propose(replace(LINEAR, origin="neighbour")) is Refusal.TRIED
    assert trials.failures == []


@pytest.mark.parametrize(
    ("proposal", "refusal", "cause"),
    [
        (Proposal("unheard_of", {}), Refusal.UNKNOWN, "not part of this search"),
        (Proposal("linear", {"prepare.categorical": "unheard_of"}), Refusal.UNKNOWN, "not run: "),
        (Proposal("small", {}), Refusal.LIMITS, "not run: 40 rows are too many"),
        (Proposal("large", {}), Refusal.MEMORY, "not run: would need about 1000000000 MB of memory"),
    ],
)
def test_what_cannot_be_run_is_a_failure_with_the_reason_which_the_strategy_is_told(
    trials, search, proposal, refusal, cause
):
    assert trials.accept(proposal) is None
    (failure,) = trials.failures
    assert (failure.model, failure.stage, failure.refusal) == (proposal.model, Stage.CHOOSE, refusal)
    assert cause in failure.cause
    assert search[1].told == [Outcome(proposal, math.inf, 0.0, Status.SKIPPED, refusal)]


def test_what_no_machine_can_fit_is_refused_as_such(trials, monkeypatch):
    monkeypatch.setattr(Assignment, "why_nowhere", lambda self, spec, memory_mb: "no machine can fit it")
    assert trials.propose(LINEAR) is Refusal.MACHINES


def test_a_strategy_that_breaks_has_no_proposal_and_costs_nothing(trials, search):
    search[1].breaks = True
    assert trials.ask(10.0) is None
    finished(trials, trials.propose(LINEAR))
    assert [failure.stage for failure in trials.failures] == [Stage.ASK, Stage.TELL]
    assert len(trials.results) == 1


def test_a_finished_candidate_is_scored_told_and_counted(trials, search):
    finished(trials, trials.propose(LINEAR), error=2.0)
    (result,) = trials.results
    assert (result.status, result.loss, result.score) == (Status.COMPLETE, pytest.approx(2.0), pytest.approx(2.0))
    assert result.fold_losses == pytest.approx((2.0, 2.0, 2.0))
    (outcome,) = search[1].told
    assert (outcome.proposal, outcome.loss, outcome.status) == (LINEAR, result.loss, Status.COMPLETE)
    assert trials.progress().n_finished == 1
    assert trials.best_loss == result.loss


def test_closing_twice_tells_once_and_an_open_one_is_partial(trials, search):
    trial = trials.propose(LINEAR)
    trials.record(trial, fold_result(trials, trial, 0, 1.0), slot=0)
    trials.close_all()
    trials.close(trial)
    assert [result.status for result in trials.results] == [Status.PARTIAL]
    assert len(search[1].told) == 1


def test_a_fold_that_breaks_ends_its_candidate(trials):
    trial = trials.propose(LINEAR)
    trials.record(trial, Failure("linear", Stage.FIT, "broke", candidate_id=trial.candidate.id, fold=0), slot=0)
    trials.close(trial)
    assert (trial.status, trials.results) == (Status.FAILED, [])
    assert [failure.cause for failure in trials.failures] == ["broke"]


def test_a_skipped_proposal_is_told_to_the_strategy(trials, search):
    trials.skip(LINEAR, Refusal.TIME, "it takes too long")
    assert search[1].told == [Outcome(LINEAR, math.inf, 0.0, Status.SKIPPED, Refusal.TIME)]
    assert trials.failures[0].cause == "not run: it takes too long"


def test_what_lacked_memory_is_tried_with_fewer_fits_then_on_half_of_the_rows_and_then_given_up(trials):
    trial = trials.propose(LINEAR)
    shares = []
    while True:
        job = replace(trials.job(trial, 0, slot=0), rows_share=trial.rows_share)
        failure = Failure("linear", Stage.MEMORY, "too much", candidate_id=trial.candidate.id, fold=0)
        if not trials.may_retry(FinishedJob(job, 0, failure, Again.FEWER_FITS)):
            break
        shares.append(trial.rows_share)
    assert shares == [1.0, 0.5, 0.25]
    assert trial.rows_share < LEAST_ROWS_SHARE
    assert "50% of the training rows" in trials.failures[1].cause


def lost(trials, trial, fold, machine="h1"):
    """Tell that a fold was lost with its machine."""
    failure = Failure("linear", Stage.MACHINE, "the machine is lost", candidate_id=trial.candidate.id, fold=fold)
    return trials.may_retry(FinishedJob(trials.job(trial, fold, slot=0), 0, failure, machine=machine))


def test_a_fold_that_was_lost_with_its_machine_is_put_back_and_no_failure(trials):
    trial = trials.propose(LINEAR)
    trial.retried.add(0)
    assert lost(trials, trial, 0)
    assert (trial.again, trial.status, trials.failures) == ([0], Status.RUNNING, [])
    assert trials.lost_with == {"h1": 1}


def test_a_fold_with_which_machine_after_machine_was_lost_is_given_up(trials):
    trial = trials.propose(LINEAR)
    assert [lost(trials, trial, 1) for _ in range(MOST_LOST)] == [*(MOST_LOST - 1) * [True], False]


def test_the_first_answer_counts_where_two_come(trials):
    trial = trials.propose(LINEAR)
    for error in (1.0, 5.0):
        trials.record(trial, fold_result(trials, trial, 0, error), slot=0)
    assert trial.losses[0] == pytest.approx(1.0)


def test_candidates_beyond_the_best_keep_no_predictions_and_join_no_ensemble(trials):
    trials.kept = BestKept(most=2)
    for seed, error in enumerate([3.0, 1.0, 5.0, 2.0]):
        finished(trials, trials.propose(replace(LINEAR, seed=seed)), error)
    assert [result.kept for result in trials.results] == [False, True, False, True]
    assert [result.folds[0].predictions.size for result in trials.results] == [0, 20, 0, 20]
    assert [result.loss for result in trials.results] == pytest.approx([3.0, 1.0, 5.0, 2.0])
    assert "2 finished candidates" in trials.kept.note()
