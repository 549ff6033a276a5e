"""What an executor offers is followed, and asked for about once a second."""

from types import SimpleNamespace

from automl.plugin_api import ExecutorSpec
from automl.steps.trials import follow_slots
from automl.steps.trials.assign_resources import assign_resources
from automl.steps.trials.follow_slots import Offer
from automl.vocabulary.settings import SearchSettings
from tests.changing import slots_of


def offer_of(executor):
    spec = ExecutorSpec("changing", lambda request: executor)
    return Offer(executor, lambda slots: assign_resources(SearchSettings(), spec, slots), "told at the start")


def test_other_slots_are_noticed_once_it_is_time_to_ask(monkeypatch):
    executor = SimpleNamespace(slots=lambda: tuple(slots_of("a", 1)))
    offer = offer_of(executor)
    assert not offer.look()
    executor.slots = lambda: tuple(slots_of("a", 3))
    assert not offer.look()
    monkeypatch.setattr(offer, "_due", 0.0)
    assert offer.look()
    assert (offer.assignment.n_slots, offer.assignment.note) == (3, "told at the start")
    assert not offer.look()


def test_where_nothing_is_left_what_was_known_of_memory_and_threads_stays(monkeypatch):
    monkeypatch.setattr(follow_slots, "EVERY_SECONDS", 0.0)
    executor = SimpleNamespace(slots=lambda: tuple(slots_of("a", 2)))
    offer = offer_of(executor)
    memory = offer.assignment.memory_mb
    executor.slots = tuple
    assert offer.look()
    assert (offer.assignment.used, offer.assignment.memory_mb) == ((), memory)
    assert offer.comes_and_goes
