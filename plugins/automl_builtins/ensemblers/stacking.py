"""Stacking: models that learn from the candidates' out-of-fold predictions, held close to the plain average."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from automl.plugin_api import Combiner, EnsembleRequest, EnsemblerSpec, FitContext, OutOfFold, hookimpl
from automl_builtins.ensemblers._boosted_stack import fit_boosted
from automl_builtins.ensemblers._linear_stack import fit_log_pool, fit_ridge


@hookimpl
def automl_ensemblers() -> Sequence[EnsemblerSpec]:
    """Offer linear and boosted stacking, each with and without the raw numeric columns."""
    linear = partial(EnsemblerSpec, build=LinearStacking, family="stacking")
    # Trees over predictions take several times as long and seldom win, so `auto` leaves them out.
    boosted = partial(EnsemblerSpec, build=BoostedStacking, family="stacking", in_auto=False, requires=("lightgbm",))
    return (
        linear("stacking_linear", complexity=10),
        linear("stacking_linear_features", complexity=20, uses_features=True),
        boosted("stacking_boosted", complexity=30),
        boosted("stacking_boosted_features", complexity=40, uses_features=True),
    )


class LinearStacking:
    """Weights log-probabilities (Wolpert's stacking as a logarithmic opinion pool) or values, none negatively.

    The weights are drawn towards those of soft voting, so that few rows change little. Raw numeric columns, where
    given, add a linear term.
    """

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Fit by maximum likelihood with a normal prior around the average."""
        fit = fit_log_pool if self._request.task.has_classes else fit_ridge
        return fit(out_of_fold, self._request, context)


class BoostedStacking:
    """Corrects the plain average of the best few candidates by a few small LightGBM trees over all of them.

    Trees are added only as long as they lower the loss on rows held out; there may be none.
    """

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Find the number of trees on held-out rows, then fit that many on all rows."""
        return fit_boosted(out_of_fold, self._request, context)
