"""Plots of a search: candidates beside each other, their scores over time, and the ensemble's weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.reporting.charts import (
    MAIN,
    MUTED,
    OTHER,
    clear_bounds,
    compact,
    drawn,
    few_ticks,
    new_figure,
    set_above,
    shorten,
)
from automl.vocabulary.states import Status

MOST_BARS = 15
BAR_INCHES, MIDDLE = 0.21, 2.4


@drawn
def plot_leaderboard(
    board: pd.DataFrame, metric: str, greater_is_better: bool, score: float, interval: tuple[float, float]
) -> Any:
    """Return the best candidates' scores with their intervals, and the ensemble's in the first line."""
    shown = board[board["status"] == Status.COMPLETE].head(MOST_BARS)
    shown = board.head(MOST_BARS) if shown.empty else shown
    labels = ["ensemble", *(f"{shorten(row.model, 18)} #{row.rank}" for row in shown.itertuples())]
    scores, places = shown["score"].to_numpy(dtype=np.float64), np.arange(1, len(labels))
    figure, axes = new_figure(height=max(MIDDLE, 0.8 + BAR_INCHES * len(labels)))
    axes.axvline(score, color=OTHER, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.hlines(0, *interval, color=OTHER, linewidth=2.4, alpha=0.55)
    axes.plot([score], [0], "D", color=OTHER, markersize=5)
    axes.hlines(places, shown["score_low"], shown["score_high"], color=MAIN, linewidth=2.0, alpha=0.4)
    member = (shown["weight"] > 0).to_numpy()
    axes.plot(scores[member], places[member], "o", color=MAIN, markersize=4.5, label="in the ensemble")
    axes.plot(
        scores[~member], places[~member], "o", color=MAIN, markersize=4.5, fillstyle="none", markeredgewidth=1.2,
        label="not in it",
    )  # fmt: skip
    low, high = near_the_front(scores, 1.0 if greater_is_better else -1.0, *interval)
    near, reach = (scores >= low) & (scores <= high), (high - low) / 2
    low = max(low - reach, np.nanmin([low, *shown["score_low"].to_numpy()[near]]))
    high = min(high + reach, np.nanmax([high, *shown["score_high"].to_numpy()[near]]))
    for value, place in zip(scores.tolist(), places.tolist(), strict=True):
        if not low <= value <= high:
            left = value < low
            axes.annotate(
                f"{'‹ ' if left else ''}{compact(value)}{'' if left else ' ›'}", (low if left else high, place),  # noqa: RUF001  it points outside
                (3 if left else -3, 0), textcoords="offset points", ha="left" if left else "right", va="center",
                fontsize=7.5, color=MUTED,
            )  # fmt: skip
    axes.set_yticks([0, *places], labels)
    axes.set(xlim=(low, high), ylim=(len(labels) - 0.4, -0.6), xlabel=metric)
    few_ticks(axes.xaxis)
    axes.grid(False, axis="y")
    set_above(axes, 2)
    return figure


@drawn
def plot_score_over_time(
    board: pd.DataFrame, metric: str, greater_is_better: bool, score: float, interval: tuple[float, float]
) -> Any:
    """Return the score of each candidate when it ended, the best so far, and the ensemble's with its interval."""
    moments = (board["finished"] / board["finished"].max()).round(3)
    timed = moments.nunique() > len(board) / 2  # in a search by count, many end at once
    order = board.sort_values("finished") if timed else board
    x = order["finished"].to_numpy() if timed else np.arange(1, len(order) + 1)
    y = order["score"].to_numpy(dtype=np.float64)
    whole = (order["status"] == Status.COMPLETE).to_numpy()
    sign = 1.0 if greater_is_better else -1.0
    best = sign * np.maximum.accumulate(np.where(whole, sign * y, -np.inf))
    figure, axes = new_figure()
    axes.axhspan(*interval, color=OTHER, alpha=0.14)
    axes.axhline(score, color=OTHER, linewidth=1.2, linestyle=(0, (4, 3)), label="ensemble, 95 % interval")
    axes.plot(x[whole], y[whole], "o", color=MAIN, markersize=4, label="complete")
    axes.plot(x[~whole], y[~whole], "x", color=MUTED, markersize=4.5, label="ended early")
    reached = np.isfinite(best)
    axes.step(x[reached], best[reached], where="post", color=MAIN, linewidth=1.2, alpha=0.7, label="best so far")
    low, high = near_the_front(y, sign, *interval)
    hidden = int(((y < low) | (y > high)).sum())
    axes.set(xlabel="Seconds since the start" if timed else "Candidates tried", ylabel=metric, ylim=(low, high))
    few_ticks(axes.xaxis, axes.yaxis)
    if hidden:
        corner = (0.98, 0.03) if greater_is_better else (0.98, 0.97)
        text = f"{hidden} worse, not shown"
        axes.text(
            *corner, text, transform=axes.transAxes, ha="right", va="bottom" if greater_is_better else "top",
            color=MUTED, fontsize=7.5,
        )  # fmt: skip
    set_above(axes, 2)
    return figure


def near_the_front(scores: Any, sign: float, low: float, high: float) -> tuple[float, float]:
    """Return limits that show the better scores well; the far worse ones stay outside."""
    known = np.sort(sign * scores[np.isfinite(scores)])[::-1]
    if not len(known):
        return clear_bounds([low, high])
    half = known[: max(1, (2 * len(known) + 2) // 3)]
    reach = max(known[0] - half[-1], 2.0 * abs(high - low))
    kept = known[known >= known[0] - 1.5 * reach]
    return clear_bounds(sign * kept, low, high)


@drawn
def plot_weights(board: pd.DataFrame) -> Any:
    """Return the share that each member has in the ensemble."""
    members = board[board["weight"] > 0].sort_values("weight", ascending=False, kind="stable")
    shown, rest = members.head(MOST_BARS), members.iloc[MOST_BARS:]
    labels = [f"{shorten(row.model, 18)} #{row.rank}" for row in shown.itertuples()]
    shares = [float(each) for each in shown["weight"]]
    if len(rest):
        labels.append(f"{len(rest)} more")
        shares.append(float(rest["weight"].sum()))
    figure, axes = new_figure(height=max(MIDDLE, 0.65 + BAR_INCHES * len(labels)))
    places = np.arange(len(labels))
    axes.barh(places, shares, height=min(0.66, 0.1 + 0.08 * len(labels)), color=MAIN, alpha=0.8)
    for place, share in zip(places.tolist(), shares, strict=True):
        axes.annotate(
            f"{share:.1%}", (share, place), (3, 0), textcoords="offset points", va="center", fontsize=7.5, color=MUTED
        )
    axes.set_yticks(places, labels)
    axes.set(ylim=(len(labels) - 0.4, -0.6), xlabel="Weight in the ensemble", xlim=(0, max([*shares, 0.01]) * 1.2))
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.grid(False, axis="y")
    return figure
