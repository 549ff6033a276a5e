"""By count, candidates come in generations of fixed size; neither slots nor clock decide what is tried."""

from types import SimpleNamespace

import pytest

from automl.plugin_api import Proposal, SearchStrategySpec, hookimpl
from automl.steps.trials.build_strategy import strategy_builder
from automl.steps.trials.trials import Trials
from automl.steps.trials.try_by_count import GENERATION, try_by_count
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Ended, Stage, Status
from tests.automl.steps.searches import opened
from tests.tables import regression_table


class Counting:
    """A strategy that proposes seeds in turn, and notes when it is asked and told."""

    def __init__(self, most=99):
        self.course, self.most, self.asked = [], most, 0

    def ask(self, seconds_left):
        if self.asked == self.most:
            return None
        self.asked += 1
        self.course.append("ask")
        return Proposal("linear", {}, self.asked, "random")

    def tell(self, outcome):
        self.course.append(outcome.proposal.seed)

    @hookimpl
    def automl_search_strategies(self):
        return [SearchStrategySpec("counting", lambda request: self)]


class Failing:
    """Slots on which every fit fails, the last that was handed out first."""

    are_gone = False

    def __init__(self, n_slots=2):
        self.jobs, self.n_slots, self.fits = [], n_slots, []

    @property
    def running(self):
        return bool(self.jobs)

    def idle(self):
        return range(self.n_slots - len(self.jobs))

    def suits(self, slot, spec, memory_mb):
        return True

    def host(self, slot):
        return ""

    def submit(self, slot, job):
        self.jobs.append(job)
        self.fits.append((job.candidate.seed, job.fold))

    def wait(self, seconds):
        job = self.jobs.pop()
        failure = Failure("linear", Stage.FIT, "broke", candidate_id=job.candidate.id, fold=job.fold)
        return [SimpleNamespace(job=job, slot=0, result=failure, again="")]


@pytest.fixture
def tried():
    """Try with a strategy, and return what came of it."""

    def make(max_trials, stop=lambda: False, n_slots=2, most=99):
        strategy, slots = Counting(most), Failing(n_slots)
        with opened(
            regression_table(40), "spent", plugins=[strategy], strategy="counting", max_trials=max_trials
        ) as it:
            trials = Trials(it.setup, strategy_builder(it.setup))
            reason = try_by_count(trials, slots, stop)
        return reason, trials, strategy, slots

    return make


def test_a_generation_is_asked_for_before_any_result_is_told(tried):
    reason, trials, strategy, _ = tried(GENERATION + 2)
    assert reason is Ended.COUNT
    first, second = ["ask"] * GENERATION, ["ask"] * 2
    assert strategy.course == [*first, *range(1, GENERATION + 1), *second, GENERATION + 1, GENERATION + 2]
    assert [trial.status for trial in trials.all.values()] == [Status.FAILED] * (GENERATION + 2)


def test_slots_decide_neither_what_is_told_nor_in_which_order(tried):
    courses = [tried(5, n_slots=n_slots)[2].course for n_slots in (1, 3)]
    assert courses[0] == courses[1]


def test_a_candidate_whose_first_fold_broke_gets_no_other(tried):
    assert tried(3)[3].fits == [(1, 0), (2, 0), (3, 0)]


def test_it_ends_where_a_plugin_says_so_or_nothing_is_left(tried):
    assert tried(5, stop=lambda: True)[0] is Ended.STALLED
    reason, trials, _, _ = tried(5, most=2)
    assert reason is Ended.NOTHING_LEFT
    assert len(trials.all) == 2
