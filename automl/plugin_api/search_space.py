"""Search-space domains: the values a hyperparameter may take, and how to move among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np


class Domain(Protocol):
    """The values of one hyperparameter."""

    def sample(self, rng: np.random.Generator) -> Any:
        """Return a value drawn at random."""

    def neighbour(self, value: Any, rng: np.random.Generator, scale: float = 0.2) -> Any:
        """Return a value near `value`; `scale` is the step as a share of the whole range."""

    def contains(self, value: Any) -> bool:
        """Return whether `value` lies in the domain."""


@dataclass(frozen=True, slots=True)
class Float:
    """A real number between `low` and `high`, both included; `log` spreads it evenly over orders of magnitude."""

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty or impossible range."""
        _check_range(self.low, self.high, self.log)

    def sample(self, rng: np.random.Generator) -> float:
        """Return a value drawn evenly over the range."""
        return self._back(rng.uniform(self._to(self.low), self._to(self.high)))

    def neighbour(self, value: float, rng: np.random.Generator, scale: float = 0.2) -> float:
        """Return a normal step away from `value`, kept inside the range."""
        low, high = self._to(self.low), self._to(self.high)
        return self._back(float(np.clip(rng.normal(self._to(value), scale * (high - low)), low, high)))

    def contains(self, value: Any) -> bool:
        """Return whether `value` is a number in the range."""
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def _to(self, value: float) -> float:
        return math.log(value) if self.log else value

    def _back(self, value: float) -> float:
        return min(max(math.exp(value) if self.log else value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number between `low` and `high`, both included."""

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty or impossible range."""
        _check_range(self.low, self.high, self.log)

    def sample(self, rng: np.random.Generator) -> int:
        """Return a value drawn evenly over the range, or over its orders of magnitude."""
        if not self.log:
            return int(rng.integers(self.low, self.high, endpoint=True))
        return int(min(math.exp(rng.uniform(math.log(self.low), math.log(self.high + 1))), self.high))

    def neighbour(self, value: int, rng: np.random.Generator, scale: float = 0.2) -> int:
        """Return a value near `value`, never the same one while there is another."""
        moved = round(Float(self.low, self.high, self.log).neighbour(value, rng, scale))
        if moved == value and self.high > self.low:
            moved = value + 1 if (value == self.low or rng.random() < 0.5) and value < self.high else value - 1
        return moved

    def contains(self, value: Any) -> bool:
        """Return whether `value` is a whole number in the range."""
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values, in no order."""

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        """Refuse an empty choice."""
        if not self.values:
            raise ValueError("Choice needs at least one value.")

    def sample(self, rng: np.random.Generator) -> Any:
        """Return one of the values, each as likely."""
        return self.values[int(rng.integers(len(self.values)))]

    def neighbour(self, value: Any, rng: np.random.Generator, scale: float = 0.2) -> Any:
        """Return `value`, or with probability `scale` another one."""
        others = [each for each in self.values if each != value]
        if not others or rng.random() >= scale:
            return value
        return others[int(rng.integers(len(others)))]

    def contains(self, value: Any) -> bool:
        """Return whether `value` is one of the values."""
        return value in self.values


SearchSpace: TypeAlias = Mapping[str, Domain]


def sample_space(space: SearchSpace, rng: np.random.Generator) -> dict[str, Any]:
    """Return one configuration drawn at random."""
    return {name: domain.sample(rng) for name, domain in space.items()}


def neighbour_in_space(
    space: SearchSpace, params: Mapping[str, Any], rng: np.random.Generator, scale: float = 0.2
) -> dict[str, Any]:
    """Return a configuration near `params`; about half of the hyperparameters move, at least one."""
    names = list(space)
    moves = {name for name in names if rng.random() < 0.5} or {names[int(rng.integers(len(names)))]} if names else set()
    changed = dict(params)
    for name in names:
        if name not in params:
            changed[name] = space[name].sample(rng)
        elif name in moves:
            changed[name] = space[name].neighbour(params[name], rng, scale)
    return changed


def _check_range(low: float, high: float, log: bool) -> None:
    if not low <= high:
        raise ValueError(f"The range is empty: low={low!r} is above high={high!r}.")
    if log and low <= 0:
        raise ValueError(f"A log range must start above 0; low={low!r}.")
