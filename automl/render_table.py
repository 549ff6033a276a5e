"""Render a table as HTML for a notebook: every name and value escaped, numbers to the right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

CELL = "padding: 2px 10px 2px 0; text-align: {side}; vertical-align: top; white-space: nowrap"


def render_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> str:
    """Return a table element; numbers have five significant digits, None and NaN are a dash."""
    rows = [tuple(row) for row in rows]
    numeric = [bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    sides = [CELL.format(side="right" if each else "left") for each in numeric]
    caption = f'<caption style="text-align: left; font-weight: bold">{escape(title)}</caption>' if title else ""
    head = "".join(f'<th style="{side}">{escape(str(name))}</th>' for name, side in zip(columns, sides, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{side}">{escape(spell_cell(cell))}</td>' for cell, side in zip(row, sides, strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def spell_cell(cell: Any) -> str:
    """Return a cell as text."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "–"  # noqa: RUF001  an en dash, for nothing
    return f"{cell:.5g}" if isinstance(cell, float) else str(cell)
