"""Specs of fleets: clusters of machines that a search can run on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automl.plugin_api.fleets import Fleet


@dataclass(frozen=True, slots=True)
class FleetRequest:
    """Which cluster is meant, and what a search would have of it.

    address: what the user wrote behind the fleet's name and a colon, "" for the cluster that the engine itself is
        configured for.
    most_slots: how many fits at once the search wants in all; None for as many as there is room for.
    """

    address: str = ""
    most_slots: int | None = None


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """A kind of cluster, asked for by the option `executor` as NAME or NAME:ADDRESS.

    build: called in the controller; must not connect yet, and imports heavy libraries inside it.
    requires, install: modules that have to be there, and the command that brings them, as in `ModelSpec`.
    """

    name: str
    build: Callable[[FleetRequest], Fleet]
    requires: tuple[str, ...] = ()
    install: str = ""
