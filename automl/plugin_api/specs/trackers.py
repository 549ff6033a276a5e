"""Specs of trackers: tools outside that keep the course of searches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automl.plugin_api.protocols import Tracker


@dataclass(frozen=True, slots=True)
class TrackRequest:
    """Where a tracker should keep a search: what the user wrote behind its name and a colon, "" for the usual place."""

    place: str = ""


@dataclass(frozen=True, slots=True)
class TrackerSpec:
    """A tool outside that keeps the course of searches, asked for by name in the option `track`.

    build: called in the controller when a search begins; import heavy libraries inside it. What it raises ends the
        search before any fit.
    requires, install: modules that have to be there, and the command that brings them, as in `ModelSpec`.
    """

    name: str
    build: Callable[[TrackRequest], Tracker]
    requires: tuple[str, ...] = ()
    install: str = ""
