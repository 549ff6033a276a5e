"""Plots of a classification: ROC, precision and recall, calibration, confusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.errors import InputError
from automl.reporting.charts import COLOURS, MAIN, MUTED, drawn, new_figure, shorten
from automl.vocabulary.review import Curve, Review

DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 1.5, 1.5, 1.5)), (0, (1, 1)))
"""Lines differ in more than colour."""
CROWDED = 6
"""From this many classes on, the names below a confusion matrix stand upright."""


@drawn
def plot_roc(review: Review) -> Any:
    """Return the ROC curves: which share of a class is found, for which share of others that are taken for it."""
    _need_classes(review, review.roc)
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
    _lines(axes, review.roc, "AUC")
    axes.set(xlabel="False positive rate", ylabel="True positive rate", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    axes.legend(loc="lower right", title=_title(review.roc), alignment="left", title_fontsize=8)
    return figure


@drawn
def plot_precision_recall(review: Review) -> Any:
    """Return precision over recall; the dotted line is what guessing has."""
    _need_classes(review, review.precision_recall)
    figure, axes = new_figure()
    _lines(axes, review.precision_recall, "AP")
    if len(review.precision_recall) == 1:
        base = review.precision_recall[0].base
        axes.axhline(base, color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
        axes.annotate(
            f"guessing {base:.2g}", (0.01, base), (0, 2), textcoords="offset points", color=MUTED, fontsize=7.5
        )
    axes.set(xlabel="Recall", ylabel="Precision", xlim=(-0.01, 1.01), ylim=(-0.01, 1.03))
    area = sum(each.y.mean() for each in review.precision_recall) / len(review.precision_recall)
    where = "lower left" if area > 0.6 else "upper right"
    axes.legend(loc=where, title=_title(review.precision_recall), alignment="left", title_fontsize=8)
    return figure


@drawn
def plot_calibration(review: Review) -> Any:
    """Return how often a class was there, by the probability that was predicted for it, with 95 % intervals."""
    _need_classes(review, review.calibration)
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
    single = len(review.calibration) == 1
    for number, each in enumerate(review.calibration):
        colour = COLOURS[number % len(COLOURS)]
        if single:
            axes.vlines(each.predicted, each.low, each.high, color=colour, linewidth=1.2, alpha=0.5)
        label = f"mean gap {each.gap:.3f}" if single else f"{shorten(each.name, 14)}  {each.gap:.3f}"
        axes.plot(
            each.predicted, each.observed, color=colour, marker="o", markersize=3.2, linestyle=DASHES[number],
            linewidth=1.2, label=label,
        )  # fmt: skip
    axes.set(xlabel="Predicted probability", ylabel="Observed share", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    title = f"Class {shorten(review.calibration[0].name, 18)}" if single else "Class, mean gap"
    axes.legend(loc="upper left", title=title, alignment="left", title_fontsize=8)
    return figure


@drawn
def plot_confusion(review: Review) -> Any:
    """Return the confusion matrix: rows counted by true and predicted class; shades are shares of the true class."""
    if review.confusion is None:
        raise InputError("A confusion matrix is for classification of one target; this model predicts others.")
    names, counts = [shorten(each, 12) for each in review.confusion.names], review.confusion.counts
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    n_classes = len(names)
    figure, axes = new_figure(height=3.2 if n_classes < CROWDED else 4.0)
    from matplotlib.patches import Rectangle

    for row in range(n_classes):
        for column in range(n_classes):
            share = float(shares[row, column])
            axes.add_patch(Rectangle((column, row), 0.96, 0.96, facecolor=MAIN, alpha=0.04 + 0.5 * share))
            text = f"{counts[row, column]}" + (f"\n{share:.0%}" if n_classes < CROWDED else "")
            if counts[row, column] or n_classes < CROWDED:
                size = 8.5 if n_classes < CROWDED else 6.5
                axes.text(column + 0.48, row + 0.48, text, ha="center", va="center", fontsize=size)
    axes.set(xlim=(0, n_classes), ylim=(n_classes, 0), xlabel="Predicted", ylabel="True")
    axes.set_xticks(np.arange(n_classes) + 0.48, names, rotation=0 if n_classes < CROWDED else 90)
    axes.set_yticks(np.arange(n_classes) + 0.48, names)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return figure


def _lines(axes: Any, curves: Sequence[Curve], measure: str) -> None:
    for number, each in enumerate(curves):
        label = f"{measure} {each.area:.3f}" if len(curves) == 1 else f"{shorten(each.name, 14)}  {each.area:.3f}"
        axes.plot(each.x, each.y, color=COLOURS[number % len(COLOURS)], linestyle=DASHES[number], label=label)


def _title(curves: Sequence[Curve]) -> str:
    return f"Class {shorten(curves[0].name, 18)}" if len(curves) == 1 else "Class, area"


def _need_classes(review: Review, curves: Sequence[Any]) -> None:
    if review.residuals is not None:
        raise InputError("This plot is for classification; this model predicts numbers. Use plot_residuals.")
    if not curves:
        raise InputError(
            "There is nothing to plot: the model predicts several targets, or no class has rows on both sides among "
            "those that were judged. Of several targets report() has a table with the scores of each."
        )
