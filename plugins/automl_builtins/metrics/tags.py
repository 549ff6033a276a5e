"""Metrics of tags: the F1 of spans, each right only as a whole and by its type."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, MetricSpec, hookimpl
from automl_builtins.kinds import TOKENS
from automl_builtins.tagging.schemes import Spans, by_group, scheme_of, spans_of


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer F1, precision and recall of spans; models learn by the log loss of single tags."""
    return [
        MetricSpec(
            name, score, True, 1.0, "labels", frozenset({TOKENS}), aliases, decodes=True, objective="log_loss",
            needs_groups=True,
        )
        for name, score, aliases in (
            ("span_f1", span_f1, ("f1", "entity_f1", "seqeval", "seqeval_f1", "ner_f1")),
            ("span_precision", span_precision, ("entity_precision",)),
            ("span_recall", span_recall, ("entity_recall",)),
        )
    ]  # fmt: skip


def span_f1(target: Array, labels: Array, weights: Array | None, groups: Array) -> float:
    """Return twice the right spans over all spans, there and found; 1 where there are none of both.

    As seqeval counts them in the mode "strict", over all types together (Ramshaw and Marcus, 1995; Tjong Kim Sang and
    De Meulder, "CoNLL-2003 shared task", 2003). A weighted span counts as much as its rows do on average.
    """
    right, there, found = _weigh(target, labels, weights, groups)
    return float(2.0 * right / (there + found)) if there + found else 1.0


def span_precision(target: Array, labels: Array, weights: Array | None, groups: Array) -> float:
    """Return the share of the spans found that are right; 0 where none is found and there are some."""
    right, there, found = _weigh(target, labels, weights, groups)
    return float(right / found) if found else float(not there)


def span_recall(target: Array, labels: Array, weights: Array | None, groups: Array) -> float:
    """Return the share of the spans there that are found; 1 where there are none."""
    right, there, _ = _weigh(target, labels, weights, groups)
    return float(right / there) if there else 1.0


def _weigh(target: Array, labels: Array, weights: Array | None, groups: Array) -> tuple[float, float, float]:
    """Return the weight of the spans that are right, that are there, and that are found."""
    import pandas as pd

    codes, names = pd.factorize(np.concatenate([np.asarray(target), np.asarray(labels)]))
    scheme, n_rows = scheme_of(tuple(names.tolist())), len(target)
    order, is_first = by_group(groups)
    there = spans_of(codes[:n_rows][order], scheme, is_first)
    found = spans_of(codes[n_rows:][order], scheme, is_first)
    is_right = np.isin(found.keys(n_rows), there.keys(n_rows))
    if weights is None:
        return float(is_right.sum()), float(len(there.first)), float(len(found.first))
    totals = np.append(0.0, np.cumsum(np.asarray(weights, dtype=np.float64)[order]))
    of_found = _means(totals, found)
    return float(of_found[is_right].sum()), float(_means(totals, there).sum()), float(of_found.sum())


def _means(totals: Array, spans: Spans) -> Array:
    return np.asarray((totals[spans.last + 1] - totals[spans.first]) / (spans.last + 1 - spans.first))
