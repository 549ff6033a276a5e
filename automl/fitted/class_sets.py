"""ClassSets: from the probabilities of classes to the set that the true one is in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.fitted.intervals import Achieved
from automl.fitted.score_curve import ScoreCurve
from automl.vocabulary.arrays import Array


@dataclass(frozen=True, slots=True)
class SetRule:
    """How unusual each class is as the true one, from 0 for the class that `predict` gives.

    by_mass: whether the score of a class is the probability of all that are likelier (adaptive prediction sets: Romano,
    Sesia and Candès, 2020), else what its own lacks of 1 (least ambiguous sets: Sadinle, Lei and Wasserman, 2019).
    penalty: what each class beyond the first `free` ones adds (regularised: Angelopoulos et al., 2021).
    """

    by_mass: bool
    penalty: float = 0.0
    free: int = 0

    def scores(self, outputs: Array, decided: Array) -> Array:
        """Return `(n_rows, n_classes)`; no score is drawn, so a row always has the same.

        outputs: probabilities, of that shape; decided: `(n_rows,)`, the number of the class that `predict` gives.
        """
        outputs = np.asarray(outputs, dtype=np.float64)
        scores = self._by_mass(outputs) if self.by_mass else 1.0 - outputs
        scores[np.arange(len(scores)), decided] = 0.0
        return np.asarray(scores)

    def _by_mass(self, outputs: Array) -> Array:
        order = np.argsort(-outputs, axis=1, kind="stable")
        ranked = np.take_along_axis(outputs, order, axis=1)
        before = np.cumsum(ranked, axis=1) - ranked
        before += self.penalty * np.maximum(np.arange(outputs.shape[1]) - self.free, 0)
        scores = np.empty_like(before)
        np.put_along_axis(scores, order, before, axis=1)
        return np.asarray(scores)


@dataclass(frozen=True, slots=True)
class ClassSets:
    """What makes sets of classes.

    curve: of the scores that the rule gives the true classes of held-out rows. n_units: those rows, or groups of them
    where rows come in groups (`by_group`). achieved: for usual coverages.
    """

    rule: SetRule
    curve: ScoreCurve
    n_units: int
    by_group: bool
    achieved: tuple[Achieved, ...] = ()

    @property
    def promised(self) -> float:
        """The highest coverage that sets of less than all classes can promise."""
        return self.curve.most

    def sets(self, outputs: Array, decided: Array, coverage: float) -> Array:
        """Return `(n_rows, n_classes)` booleans; all classes where no fewer can be promised, and never none.

        outputs: probabilities, of that shape; decided: `(n_rows,)`, the number of the class that `predict` gives.
        """
        return np.asarray(self.rule.scores(outputs, decided) <= self.curve.within(coverage))
