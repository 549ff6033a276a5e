"""Every event that the engine tells is one that a plugin can name, and it travels."""

import dataclasses
import inspect
import pickle

import pytest

import automl.plugin_api
from automl.vocabulary import events
from automl.vocabulary.events import Event, FoldStarted, TrialsFinished

KINDS = [each for _, each in inspect.getmembers(events, inspect.isclass) if issubclass(each, Event)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_plugins_import_it_from_the_public_contract(kind):
    assert getattr(automl.plugin_api, kind.__name__) is kind
    assert kind.__name__ in automl.plugin_api.__all__
    assert dataclasses.fields(kind)[0].name == "elapsed"


def test_an_event_cannot_be_changed_by_one_watcher_for_the_next():
    event = FoldStarted(1.5, 0, "linear", "id", 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.fold = 3
    assert pickle.loads(pickle.dumps(event)) == event


def test_events_of_other_kinds_are_not_equal():
    assert Event(1.0) != TrialsFinished(1.0, "")
