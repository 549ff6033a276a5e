"""Notebook: what a fitted, or unfitted, estimator shows of itself where a notebook asks."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from automl.fitted_model import Fitted
from automl.render_table import render_table
from automl.report import spell_score

MEMBERS = 10


def describe_options(kind: str, options: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return HTML that shows which options of an unfitted estimator are not at their defaults."""
    changed = [(name, repr(value)) for name, value in options.items() if _differs(value, defaults[name])]
    table = render_table(("option", "value"), changed) if changed else ""
    return f"<div><b>{escape(kind)}</b>, not fitted; other options are at their defaults{table}</div>"


def describe_fit(fitted: Fitted) -> str:
    """Return HTML that shows the score, the members and the warnings of a fit."""
    task, told = fitted.task, spell_score(fitted.metric.name, fitted.score, fitted.interval)
    lines = [
        f"<b>{escape(fitted.kind)}</b> fitted: {escape(task.kind.value)}, target <b>{escape(str(task.target))}</b>",
        f"{escape(told)}; ensemble: {escape(fitted.ensemble)}",
    ]
    lines += [f"note: {escape(str(note))}" for note in fitted.notes]
    warnings = fitted.audit[fitted.audit["severity"] == "warning"]
    lines += [
        f"warning ({escape(str(row.topic))}) {escape(str(row.column))}: {escape(str(row.found))}"
        for row in warnings.itertuples(index=False)
    ]
    board = fitted.leaderboard
    board = board[board["weight"] > 0].sort_values("weight", ascending=False).head(MEMBERS)
    columns = ("model", "score", "weight", "folds", "fit_seconds")
    table = render_table(columns, board[list(columns)].itertuples(index=False), "Members of the ensemble")
    return f"<div>{'<br>'.join(lines)}{table}</div>"


def _differs(value: Any, default: Any) -> bool:
    try:
        return bool(value != default)
    except (TypeError, ValueError):  # arrays and frames have no single answer
        return True
