"""Plots of a regression: predicted against true, residuals, and how they spread over the predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.errors import InputError
from automl.reporting.charts import MAIN, MUTED, OTHER, drawn, few_ticks, new_figure, set_above, shorten
from automl.reporting.page import number
from automl.vocabulary.review import Residuals, Review


@drawn
def plot_predicted_true(review: Review, target: str = "") -> Any:
    """Return rows counted by true and predicted value; on the line the two agree."""
    residuals = _need_values(review)
    figure, axes = new_figure()
    edges, grid = residuals.grid_edges, residuals.grid
    darkest = max(1.0, float(np.sqrt(grid.max())))
    from matplotlib.patches import Rectangle

    step = edges[1] - edges[0]
    for row, column in np.argwhere(grid > 0).tolist():
        shade = 0.12 + 0.83 * float(np.sqrt(grid[row, column])) / darkest
        axes.add_patch(Rectangle((edges[column], edges[row]), step, step, facecolor=MAIN, alpha=shade))
    ends = [float(edges[0]), float(edges[-1])]
    axes.plot(ends, ends, color=OTHER, linewidth=1.0, linestyle=(0, (4, 3)), label="predicted = true")
    axes.set(
        xlabel=f"Predicted {shorten(target)}".strip(), ylabel=f"True {shorten(target)}".strip(), xlim=ends, ylim=ends
    )
    few_ticks(axes.xaxis, axes.yaxis)
    axes.legend(loc="upper left")
    return figure


@drawn
def plot_residuals(review: Review, target: str = "") -> Any:
    """Return the histogram of true less predicted value."""
    residuals = _need_values(review)
    figure, axes = new_figure()
    centres = (residuals.edges[:-1] + residuals.edges[1:]) / 2
    width = float(np.diff(residuals.edges)[0]) * 0.92
    axes.bar(centres, residuals.counts, width=width, color=MAIN, alpha=0.75)
    axes.axvline(0.0, color=MUTED, linewidth=0.9)
    axes.axvline(
        review.second, color=OTHER, linewidth=1.2, linestyle=(0, (4, 3)), label=f"mean {number(review.second, 3)}"
    )
    axes.set(xlabel=f"Residual: true less predicted {shorten(target)}".strip(), ylabel="Rows")
    axes.set_ylim(0, float(residuals.counts.max()) * 1.2)
    few_ticks(axes.xaxis)
    axes.legend(loc="upper right")
    return figure


@drawn
def plot_residual_bands(review: Review, target: str = "") -> Any:
    """Return the spread of the residuals by prediction: their median, and what holds 50 % and 90 % of the rows."""
    residuals = _need_values(review)
    figure, axes = new_figure()
    x, bands = residuals.levels, residuals.bands
    marker = "o" if len(x) < 3 else None
    axes.fill_between(x, bands[:, 0], bands[:, 4], color=MAIN, alpha=0.18, label="90 % of rows")
    axes.fill_between(x, bands[:, 1], bands[:, 3], color=MAIN, alpha=0.35, label="50 % of rows")
    axes.plot(x, bands[:, 2], color=MAIN, marker=marker, label="median")
    axes.axhline(0.0, color=MUTED, linewidth=0.9)
    axes.set(xlabel=f"Predicted {shorten(target)}".strip(), ylabel="Residual")
    few_ticks(axes.xaxis, axes.yaxis)
    set_above(axes, 3)
    return figure


def _need_values(review: Review) -> Residuals:
    if review.residuals is None:
        raise InputError(
            "This plot is for a regression of one target; this model predicts classes or several targets. Use "
            "plot_roc or plot_confusion of classes, and report() of several targets."
        )
    return review.residuals
