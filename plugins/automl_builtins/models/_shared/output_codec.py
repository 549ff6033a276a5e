"""OutputCodec: between a target as it is given and what a learner fits, and between raw outputs and predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset
from automl_builtins.models._shared.class_shares import class_shares, draw_toward, label_shares
from automl_builtins.models._shared.levels import LevelScale, levels_of
from automl_builtins.models._shared.objectives import SQUARED_LOG
from automl_builtins.models._shared.target_scale import TargetScale


@dataclass(frozen=True, slots=True)
class OutputCodec:
    """What a learner has to know of its target to predict, made once of the training rows.

    classes: whether outputs are probabilities of classes; else they are values. shares: `(n_outputs,)`, those of the
    training rows, None for values. rows: how many predictions one of the shares is averaged with, 0 where they are left
    as they are. scale: that values are fitted on, None for the target's own. one_class: whether all training rows are
    of one class, whose share is then all there is to know. quantiles: the levels of those; none for other tasks.
    labels: whether outputs are probabilities of labels, each for itself; the target is then 0 and 1,
    `(n_rows, n_labels)`, as that of several values is `(n_rows, n_targets)`.
    """

    classes: bool
    shares: Array | None = None
    rows: float = 0.0
    scale: TargetScale | LevelScale | None = None
    one_class: bool = False
    quantiles: tuple[float, ...] = ()
    labels: bool = False

    @staticmethod
    def of(train: Dataset, objective: str = "", scaled: bool = True) -> OutputCodec:
        """Return the codec of a training target; by the objective "squared_log" values are fitted as log(1 + value)."""
        if train.task.targets and train.task.targets[0].has_classes:
            scale = TargetScale.of(train.target) if scaled else None
            return OutputCodec(False, label_shares(train), train.n_rows, scale, labels=True)
        if train.task.has_classes:
            one_class = bool((train.target == train.target[0]).all())
            return OutputCodec(True, class_shares(train), train.n_rows, one_class=one_class)
        if levels_of(train.task):
            return OutputCodec(False, scale=LevelScale.of(train.target), quantiles=levels_of(train.task))
        return OutputCodec(False, scale=TargetScale.of(train.target, objective == SQUARED_LOG) if scaled else None)

    def to(self, target: Array) -> Array:
        """Return class numbers as they are, values on the scale that they are fitted on."""
        return target if self.scale is None else self.scale.to(target)

    def back(self, outputs: Array, rows: float | None = None, bounded: bool = False) -> Array:
        """Return predictions `(n_rows, n_outputs)` of a model's own probabilities, or of its values on the scale.

        rows: how many predictions one of the class shares is averaged with, in place of the number of training rows.
        bounded: keep values near the range of the training target.
        """
        if self.shares is None:
            if self.scale is None:
                return outputs
            found = self.scale.back(outputs, bounded)
            return found.reshape(len(outputs), len(self.quantiles) or self._n_values)
        if self.labels:
            outputs = np.clip(outputs if self.scale is None else self.scale.back(outputs), 0.0, 1.0)
        drawn = self.rows if rows is None else rows
        return draw_toward(outputs, self.shares, drawn) if drawn else outputs

    def constant(self, n_rows: int) -> Array:
        """Return what is predicted where features tell nothing: the class shares, or the middle of the scale."""
        if self.shares is not None:
            return np.tile(self.shares, (n_rows, 1))
        middle = np.zeros((n_rows, len(self.quantiles) or self._n_values))
        return middle if self.scale is None else self.scale.back(middle)

    @property
    def _n_values(self) -> int:
        """How many values a row has: one, or one for each of several targets."""
        return np.size(self.scale.centre) if isinstance(self.scale, TargetScale) else 1


class Coded:
    """What learners have in common that keep a codec."""

    _codec: OutputCodec | None = None

    @property
    def codec(self) -> OutputCodec:
        """The codec of the training rows; RuntimeError before there were any."""
        if self._codec is None:
            self._codec = earlier_codec(vars(self))
        return self._codec


def earlier_codec(kept: Mapping[str, Any]) -> OutputCodec:
    """Return the codec of a learner that an earlier version saved, which kept what is in it side by side."""
    if "_shares" not in kept:
        raise RuntimeError("predict was called before fit.")
    scale = kept.get("_scale", kept.get("_target"))
    fitted_on = scale if isinstance(scale, TargetScale) and not kept["_task"].has_classes else None
    return OutputCodec(kept["_task"].has_classes, kept["_shares"], kept.get("_rows", 0), fitted_on)
