"""Plots of features: importance with intervals, dependence with individual curves, and the worst slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.reporting.charts import (
    COLOURS,
    GRID,
    INK,
    MAIN,
    MUTED,
    OTHER,
    drawn,
    few_ticks,
    new_figure,
    set_above,
    shorten,
)
from automl.reporting.page import number
from automl.vocabulary.explained import Dependence
from automl.vocabulary.outputs import by_block, gives_scores, output_names, told_outputs
from automl.vocabulary.review import Review
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import Task

MOST_BARS, BAR_INCHES = 20, 0.21
MOST_CLASSES = 5
FEW_VALUES = 6
"""Up to this many values are named one by one, numbers too."""


@drawn
def plot_importance(importance: pd.DataFrame, metric: str = "the metric") -> Any:
    """Return by how much the score gets worse where a column is shuffled, with 95 % intervals."""
    shown = importance.head(MOST_BARS)
    places = np.arange(len(shown))
    figure, axes = new_figure(height=max(1.6, 0.65 + BAR_INCHES * len(shown)))
    axes.barh(places, shown["importance"], height=0.66, color=MAIN, alpha=0.75)
    axes.hlines(places, shown["low"], shown["high"], color=INK, linewidth=1.1)
    axes.axvline(0.0, color=MUTED, linewidth=0.8)
    axes.set_yticks(places, [shorten(each) for each in shown["feature"]])
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel=f"How much worse {metric} gets")
    few_ticks(axes.xaxis)
    axes.grid(False, axis="y")
    return figure


@drawn
def plot_dependence(dependence: Dependence, task: Task) -> Any:
    """Return predictions over the values of one column: the mean, and thin curves of single rows.

    For two classes it is the probability of the second; for more, and of several targets, the means of those that move
    most, and the single rows of the first of them. Values of several targets stand in standard deviations of each.
    """
    figure, axes = new_figure(height=2.9)
    dependence = _in_one_unit(dependence, task)
    outputs = _shown_outputs(dependence, task)
    places = dependence.places if len(dependence.labels) > FEW_VALUES else None
    is_named = places is None
    x = np.arange(len(dependence.labels), dtype=np.float64) if places is None else places
    several, names = len(outputs) > 1, output_names(task)
    colours = _colours(outputs, task)
    for curve in dependence.curves[:, :, outputs[0]]:
        axes.plot(x, curve, color=colours[outputs[0]], linewidth=0.6, alpha=0.3)
    for output in outputs:
        label = shorten(names[output], 12 if not task.targets else 16) if several else "mean"
        line = "--o" if is_named else "-"
        axes.plot(
            x, dependence.mean[:, output], line, color=colours[output], linewidth=2.2 if not is_named else 1.2,
            markersize=5, label=label,
        )  # fmt: skip
    axes.plot([], [], color=colours[outputs[0]], linewidth=0.6, alpha=0.6, label="single rows")
    _name_values(axes, dependence, x, is_named)
    axes.set(ylabel=_what_is_predicted(task, outputs))
    few_ticks(axes.yaxis)
    set_above(axes, 3)
    return figure


def _name_values(axes: Any, dependence: Dependence, x: Any, is_named: bool) -> None:
    axes.set_xlabel(shorten(dependence.column, 40))
    if is_named:
        crowded = sum(len(shorten(each, 10)) for each in dependence.labels) > 34
        axes.set_xticks(x, [shorten(each, 10) for each in dependence.labels], rotation=35 if crowded else 0,
                        ha="right" if crowded else "center", rotation_mode="anchor")  # fmt: skip
        axes.set_xlim(-0.4, len(x) - 0.6)
        return
    inside = [each for each in dependence.marks if x[0] <= each <= x[-1]]
    axes.plot(inside, np.zeros(len(inside)), "|", color=MUTED, markersize=6, transform=axes.get_xaxis_transform())
    if dependence.kind is ColumnKind.DATETIME:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(minticks=3, maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        return
    few_ticks(axes.xaxis)


def _colours(outputs: Sequence[int], task: Task) -> dict[int, str]:
    """Return the colour of each output: its own in all figures, or, of many, one that no other in the figure has."""
    if len(outputs) == 1:
        return {outputs[0]: COLOURS[0]}
    few = task.n_outputs <= len(COLOURS)
    return {each: COLOURS[(each if few else place) % len(COLOURS)] for place, each in enumerate(sorted(outputs))}


def _in_one_unit(dependence: Dependence, task: Task) -> Dependence:
    """Return what is drawn: of several targets that are not all probabilities, each in its own standard deviations."""
    if not _has_values(task):
        return dependence
    middle, spread = dependence.curves.mean(axis=(0, 1)), dependence.curves.std(axis=(0, 1))
    spread = np.where(spread > 0, spread, 1.0)
    return replace(dependence, mean=(dependence.mean - middle) / spread, curves=(dependence.curves - middle) / spread)


def _has_values(task: Task) -> bool:
    return bool(task.targets) and not task.has_only_classes


def _told_outputs(task: Task) -> list[int]:
    """Return the outputs that tell all: of two classes the second alone, also where they are one target of several."""
    if not task.targets:
        return told_outputs(task)
    parts = by_block(np.arange(task.n_outputs)[None, :], task)
    return [each for block, part in parts for each in part[0, 1 if len(block.classes) == 2 else 0 :].tolist()]


def _shown_outputs(dependence: Dependence, task: Task) -> list[int]:
    told, moved = _told_outputs(task), np.ptp(dependence.mean, axis=0)
    return [each for each in np.argsort(-moved, kind="stable").tolist() if each in told][:MOST_CLASSES]


def _what_is_predicted(task: Task, outputs: Sequence[int]) -> str:
    if task.targets:
        return "Predicted, in standard deviations" if _has_values(task) else "Probability"
    if gives_scores(task):
        return "Score"
    if not task.classes:
        return f"Predicted {shorten(task.target, 18)}"
    if len(outputs) > 1:
        return "Probability"
    return f"Probability of {shorten(task.target, 16)} = {shorten(output_names(task)[outputs[0]], 12)}"


@drawn
def plot_slices(review: Review) -> Any:
    """Return the slices that are predicted worse than the rest, with 95 % intervals, beside the mean of all rows."""
    if not review.slices:
        raise InputError("There is nothing to plot: no slice is predicted worse than the rest by more than chance.")
    shown = review.slices[:12]
    places = np.arange(len(shown))
    figure, axes = new_figure(height=max(1.9, 0.9 + 0.3 * len(shown)))
    axes.axvline(
        review.loss, color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)), label=f"all rows {number(review.loss, 3)}"
    )
    axes.hlines(
        places, [each.low for each in shown], [each.high for each in shown], color=OTHER, linewidth=2, alpha=0.5
    )
    axes.plot([each.loss for each in shown], places, "o", color=OTHER, markersize=4.5, label="slice, 95 % interval")
    axes.set_yticks(places, [f"{shorten(each.column, 20)}\n{shorten(each.label, 22)}" for each in shown], fontsize=7.5)
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel=f"Mean {review.loss_name}")
    few_ticks(axes.xaxis)
    axes.grid(True, axis="y", color=GRID, linewidth=0.3)
    set_above(axes, 2)
    return figure
