"""Notebook: what a fitted, or unfitted, estimator shows of itself where a notebook asks."""

from __future__ import annotations

from html import escape
from typing import Any

from automl.fitted.render_table import render_table

MEMBERS = 10


def describe_model(model: Any) -> str:
    """Return HTML: the options of an unfitted estimator; the score, members and warnings of a fitted one."""
    name = escape(type(model).__name__)
    if not hasattr(model, "predictor_"):
        defaults = type(model)().get_params(deep=False)
        changed = [
            (key, repr(value)) for key, value in model.get_params(deep=False).items() if _differs(value, defaults[key])
        ]
        table = render_table(("option", "value"), changed) if changed else ""
        return f"<div><b>{name}</b>, not fitted; other options are at their defaults{table}</div>"
    low, high = model.interval_
    task = model.task_
    lines = [
        f"<b>{name}</b> fitted: {escape(task.kind.value)}, target <b>{escape(str(task.target))}</b>",
        f"{escape(model.metric_)} <b>{model.score_:.5g}</b>, 95 % interval {low:.5g} to {high:.5g}, on rows that "
        f"neither the members nor their weights have seen; ensemble: {escape(model.ensemble_)}",
    ]
    lines += [f"note: {escape(str(note))}" for note in model.notes_]
    warnings = model.audit_[model.audit_["severity"] == "warning"]
    lines += [
        f"warning ({escape(str(row.topic))}) {escape(str(row.column))}: {escape(str(row.found))}"
        for row in warnings.itertuples(index=False)
    ]
    board = model.leaderboard()
    board = board[board["weight"] > 0].sort_values("weight", ascending=False).head(MEMBERS)
    columns = ("model", "score", "weight", "folds", "fit_seconds")
    table = render_table(columns, board[list(columns)].itertuples(index=False), "Members of the ensemble")
    return f"<div>{'<br>'.join(lines)}{table}</div>"


def _differs(value: Any, default: Any) -> bool:
    try:
        return bool(value != default)
    except (TypeError, ValueError):  # arrays and frames have no single answer
        return True
