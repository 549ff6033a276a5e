"""Candidate: one model with its hyperparameters and its preparation, known by a hash of its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PreparationStep:
    """One preprocessor over named columns; an empty `columns` means every numeric column made so far."""

    preprocessor: str
    columns: tuple[str, ...] = ()
    params: tuple[tuple[str, Any], ...] = ()
    places: tuple[int, ...] = ()
    """Where the columns stand in the table; known by these, a step draws alike whatever they are called."""

    def __repr__(self) -> str:
        """Return the content that `Preparation.id` and `Candidate.id` are hashes of."""
        columns = self.places or self.columns
        return f"PreparationStep(preprocessor={self.preprocessor!r}, columns={columns!r}, params={self.params!r})"


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a table becomes what a model accepts.

    `encode` steps turn raw columns into features, side by side; `finish` steps then run one after another over the
    numeric features (imputation, scaling).
    """

    encode: tuple[PreparationStep, ...]
    finish: tuple[PreparationStep, ...] = ()
    sparse: bool = False

    @property
    def id(self) -> str:
        """A short hash of the content."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model to try. Equal content gives an equal `id`."""

    model: str
    params: Mapping[str, Any]
    preparation: Preparation
    seed: int = 0
    origin: str = ""
    """Where the strategy took it from: "portfolio", "neighbour", "random", "seed"; not part of the identity."""
    id: str = field(init=False)

    def __post_init__(self) -> None:
        """Derive the id from the content."""
        content = json.dumps([self.model, sorted(self.params.items()), repr(self.preparation), self.seed], default=str)
        object.__setattr__(self, "id", hashlib.sha256(content.encode()).hexdigest()[:12])
