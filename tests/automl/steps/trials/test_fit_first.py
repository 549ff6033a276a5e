"""The constant model is fitted before any worker is asked, and a search without it starts without."""

from automl.steps.trials.build_strategy import strategy_builder
from automl.steps.trials.fit_first import fit_first
from automl.steps.trials.trials import Trials
from automl.vocabulary.states import Status
from tests.automl.steps.searches import opened
from tests.tables import binary_table


def test_every_fold_of_it_is_there_before_a_worker_is_asked():
    with opened(binary_table(60), "bought") as search:
        trials = Trials(search.setup, strategy_builder(search.setup))
        fit_first(trials)
    (result,) = trials.results
    assert (result.candidate.model, result.status, len(result.folds)) == ("baseline", Status.COMPLETE, 3)
    assert result.score == 0.5


def test_a_search_that_excludes_it_starts_without():
    with opened(binary_table(60), "bought", models=["linear"]) as search:
        trials = Trials(search.setup, strategy_builder(search.setup))
        fit_first(trials)
    assert trials.results == trials.failures == []
