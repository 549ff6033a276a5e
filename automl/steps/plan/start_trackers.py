"""Start the trackers: the tools outside that a user asked to keep the course of the search."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from automl.errors import OptionError, error_line, unknown_name
from automl.plugin_api.specs import TrackerSpec, TrackRequest
from automl.registry import Registry
from automl.steps.plan.find_missing import what_is_missing


def check_trackers(wanted: Iterable[str], known: Mapping[str, TrackerSpec]) -> None:
    """Refuse a tracker that no plugin offers, or whose library is not installed; each is NAME or NAME:PLACE."""
    for text in wanted:
        name = text.partition(":")[0]
        if name not in known:
            raise OptionError(unknown_name("tracker", name, known))
        missing = what_is_missing(known[name])
        if missing:
            raise OptionError(f"track={text!r} cannot be done: {missing}")


def start_trackers(wanted: Iterable[str], registry: Registry) -> None:
    """Build each tracker and have it told of events from now on; one that cannot start is an error at once."""
    for text in wanted:
        name, _, place = text.partition(":")
        try:
            tracker = registry.trackers[name].build(TrackRequest(place))
        except Exception as error:
            raise OptionError(f"The tracker {text!r} could not start: {error_line(error)}") from error
        registry.watchers[text] = _telling_of_errors(text, tracker.observe)


def _telling_of_errors(name: str, observe: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a watcher that warns before its error goes on to be recorded: what was asked for will not be complete."""

    def watch(event: Any) -> None:
        try:
            observe(event)
        except Exception as error:
            text = f"The tracker {name!r} broke and is told no more; the search goes on. {error_line(error)}"
            warnings.warn(text, UserWarning, stacklevel=2)
            raise

    return watch
