"""Kinds of tasks beyond the engine's own, which models, metrics, ensemblers and tasks speak of."""

from __future__ import annotations

from automl.plugin_api import ALL_TASKS, TaskKind

QUANTILE = TaskKind("quantile")
"""The values that given shares of targets lie below."""
RANKING = TaskKind("ranking")
"""The order of the rows of a query."""
TOKENS = TaskKind("token_classification")
"""The tags of the words of sentences."""
MULTILABEL = TaskKind("multilabel")
"""Several labels, each of which a row has or has not."""
MULTIOUTPUT_REGRESSION = TaskKind("multioutput_regression")
"""Several values of a row."""
MULTIOUTPUT = TaskKind("multioutput")
"""Several targets, each of classes or of values."""
SEVERAL = frozenset({MULTILABEL, MULTIOUTPUT_REGRESSION, MULTIOUTPUT})
LIKE_VALUES = frozenset({MULTILABEL, MULTIOUTPUT_REGRESSION})
"""Those whose targets are numbers side by side, one for each output: values, or 0 and 1."""
WITH_SEVERAL = ALL_TASKS | LIKE_VALUES
"""What a model does that learns all targets at once where they are numbers."""
