"""What is left to do once candidates were tried, and that the time of every event is that since `fit` was entered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from automl.errors import SearchWarning
from automl.plugin_api import (
    CandidateFinished,
    EnsembleBuilt,
    SearchFinished,
    SearchStarted,
    TrialsFinished,
    hookimpl,
)
from automl.steps.trials.try_candidates import SECONDS_AFTER_INTERRUPT, Tried, finish_despite_interrupt
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.states import Ended
from tests.conftest import quick
from tests.tables import binary_table


class Interrupts:
    """Presses Ctrl-C at the first event of a kind, and notes the time of every event."""

    def __init__(self, at):
        self.at, self.told = at, []

    @hookimpl
    def automl_event(self, event):
        self.told.append((type(event), event.elapsed))
        if isinstance(event, self.at) and sum(kind is self.at for kind, _ in self.told) == 1:
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", [CandidateFinished, EnsembleBuilt], ids=["while candidates are tried", "after the last"])
def test_the_time_of_events_goes_on_from_that_before_an_interrupt(at):
    watcher = Interrupts(at)
    with pytest.warns(SearchWarning, match="interrupted"):
        model = quick(plugins=[watcher], max_trials=2, models=["baseline", "linear"]).fit(binary_table(), "bought")
    assert model.outcome_.reason is Ended.INTERRUPTED
    assert {SearchStarted, TrialsFinished, EnsembleBuilt, SearchFinished} <= {kind for kind, _ in watcher.told}
    times = [elapsed for _, elapsed in watcher.told]
    assert times == sorted(times)
    assert times[0] > 0


def tried(reason, seconds=100.0):
    """What `finish_despite_interrupt` needs of a search."""
    killed = []
    return Tried(SimpleNamespace(), SimpleNamespace(kill_all=killed.append), reason, Deadline(seconds)), killed


def test_what_ends_by_itself_is_finished_with_all_the_time_left():
    given, killed = tried(Ended.COUNT)
    assert finish_despite_interrupt(given, lambda each: each) is given
    assert killed == []


def test_what_was_interrupted_is_finished_in_a_few_seconds():
    given, _ = tried(Ended.INTERRUPTED)
    assert finish_despite_interrupt(given, lambda each: each).deadline.left() <= SECONDS_AFTER_INTERRUPT


def test_an_interrupt_while_finishing_ends_the_fits_and_finishes_once_more_and_a_second_goes_through():
    given, killed = tried(Ended.COUNT)
    seen = []

    def finish(each, interrupts):
        seen.append((each.reason, each.deadline.left() <= SECONDS_AFTER_INTERRUPT))
        if len(seen) <= interrupts:
            raise KeyboardInterrupt
        return "done"

    assert finish_despite_interrupt(given, lambda each: finish(each, 1)) == "done"
    assert seen == [(given.reason, False), (Ended.INTERRUPTED, True)]
    assert len(killed) == 1
    seen.clear()
    with pytest.raises(KeyboardInterrupt):
        finish_despite_interrupt(given, lambda each: finish(each, 2))
