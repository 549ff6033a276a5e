"""Trackers: told of a search from its first event to its last, and refused at once where they cannot be."""

import types

import pytest

from automl.errors import OptionError, PluginError
from automl.plugin_api import SearchFinished, SearchStarted, TrackerSpec, hookimpl
from automl.testing import check_tracker
from tests.conftest import quick
from tests.tables import binary_table

TABLE = binary_table(60).drop(columns=["note", "joined"])
ONE = {"models": ["baseline"], "max_trials": 1, "cv": 2}


class Notes:
    """Keeps the events of each search; breaks at the first event of a type where it is told to."""

    def __init__(self, breaks_at=None):
        self.places, self.events, self.breaks_at = [], [], breaks_at

    def build(self, request):
        self.places.append(request.place)
        return self

    def observe(self, event):
        self.events.append(event)
        if self.breaks_at and isinstance(event, self.breaks_at):
            raise OSError("the disk is full")


def plugin(build, **more):
    """A plugin that offers one tracker, `notes`."""
    module = types.ModuleType("notes_plugin")
    module.automl_trackers = hookimpl(lambda: [TrackerSpec("notes", build, **more)], specname="automl_trackers")
    return module


def test_a_tracker_is_told_everything_that_watching_plugins_are():
    notes, watching = Notes(), Notes()
    watcher = types.ModuleType("watcher")
    watcher.automl_event = hookimpl(lambda event: watching.observe(event), specname="automl_event")
    quick(track="notes", plugins=[plugin(notes.build), watcher], **ONE).fit(TABLE, "bought")
    assert notes.events == watching.events
    assert isinstance(notes.events[0], SearchStarted)
    assert isinstance(notes.events[-1], SearchFinished)


def test_each_search_has_its_own_and_what_stands_behind_the_colon_is_the_place():
    notes = Notes()
    model = quick(track=["notes:http://here:5000/x"], plugins=[plugin(notes.build)], **ONE)
    model.fit(TABLE, "bought").fit(TABLE, "bought")
    quick(track=(), plugins=[plugin(notes.build)], **ONE).fit(TABLE, "bought")
    assert notes.places == ["http://here:5000/x"] * 2


def test_an_unknown_tracker_is_refused_with_the_known_ones():
    with pytest.raises(OptionError, match=r"Unknown tracker 'note'.*'notes'"):
        quick(track="note:x", plugins=[plugin(Notes().build)], **ONE).fit(TABLE, "bought")


def test_a_tracker_without_its_library_is_refused_with_the_command_to_get_it():
    offered = plugin(Notes().build, requires=("no_such_library",), install="pip install no-such")
    with pytest.raises(OptionError, match="no_such_library is not installed; run: pip install no-such"):
        quick(track="notes", plugins=[offered], **ONE).fit(TABLE, "bought")


def test_what_is_no_name_is_refused():
    with pytest.raises(OptionError, match="track=7"):
        quick(track=7, **ONE).fit(TABLE, "bought")


def test_a_tracker_that_cannot_start_ends_the_search_before_any_fit():
    notes = Notes()

    def refuse(request):
        raise ConnectionError("nobody listens")

    other = types.ModuleType("other")
    other.automl_trackers = hookimpl(lambda: [TrackerSpec("away", refuse)], specname="automl_trackers")
    with pytest.raises(OptionError, match="'away' could not start: ConnectionError: nobody listens"):
        quick(track=["notes", "away"], plugins=[plugin(notes.build), other], **ONE).fit(TABLE, "bought")
    assert [type(event) for event in notes.events] == [SearchFinished]  # the one that did start may end its run
    assert notes.events[0].error


def test_a_tracker_that_breaks_is_told_no_more_with_a_warning_and_the_search_goes_on():
    notes = Notes(breaks_at=SearchStarted)
    with pytest.warns(UserWarning, match="'notes' broke .*OSError: the disk is full"):
        model = quick(track="notes", plugins=[plugin(notes.build)], **ONE).fit(TABLE, "bought")
    assert len(notes.events) == 1
    assert model.failures()[["model", "stage"]].values.tolist() == [["notes", "automl_event"]]


def test_where_a_search_was_tracked_is_not_saved_with_the_model(tmp_path):
    notes = Notes()
    model = quick(track="notes", plugins=[plugin(notes.build)], **ONE).fit(TABLE, "bought")
    assert type(model).load(model.save(tmp_path / "m.automl")).track == ()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (TrackerSpec("a:b", Notes().build), "check_name"),
        (TrackerSpec("a", Notes().build, requires=("x",)), "check_install"),
    ],
)
def test_the_contract_finds_a_name_that_cannot_be_typed_and_a_missing_command(spec, said):
    with pytest.raises(PluginError, match=said):
        check_tracker(spec)
