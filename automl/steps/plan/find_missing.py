"""Find missing: what a plugin's offer requires and is not installed here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from automl.machine.find_modules import missing_modules
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Stage


class Offer(Protocol):
    """A spec that says what it requires."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def requires(self) -> tuple[str, ...]:
        """Importable module names."""

    @property
    def install(self) -> str:
        """How to get them."""


T = TypeVar("T", bound=Offer)


def at_hand(offered: Iterable[T]) -> tuple[dict[str, T], tuple[Failure, ...]]:
    """Return what can run here, by name, and why each other one is not used."""
    reasons = {spec.name: (spec, what_is_missing(spec)) for spec in offered}
    found = {name: spec for name, (spec, reason) in reasons.items() if not reason}
    return found, tuple(Failure(name, Stage.CHOOSE, f"not used: {why}") for name, (_, why) in reasons.items() if why)


def what_is_missing(spec: Offer) -> str:
    """Return what an offer requires and is not installed here, with how to get it; "" where it can run."""
    missing = missing_modules(spec.requires)
    if not missing:
        return ""
    return f"{', '.join(missing)} is not installed" + (f"; run: {spec.install}" if spec.install else "")
