"""Charts: the look that all figures share, and how a figure becomes SVG that follows a page's colours.

matplotlib draws them: its SVG is small, holds still, needs no script, and prints; plotly's figures would put four
megabytes of JavaScript into each report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import StringIO
from typing import Any, TypeVar

import numpy as np

from automl.reporting.libraries import need

Plot = TypeVar("Plot", bound=Callable[..., Any])

INK, MUTED, GRID = "#1f2328", "#59636e", "#d1d9e0"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#997700")
"""Five colours that people with any colour vision tell apart; after Okabe and Ito, and Tol."""
MAIN, OTHER = COLOURS[0], COLOURS[1]
MINUS = "\N{MINUS SIGN}"
WIDTH, HEIGHT = 4.4, 3.2
"""Inches of a figure: at 400 to 600 pixels its text is as large as the page's."""
STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": [-4, 5],
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.6,
    "patch.linewidth": 0,
    "svg.fonttype": "none",
}
VARIABLES = {
    INK: "--ink", MUTED: "--muted", GRID: "--grid",
    **{colour: f"--c{number}" for number, colour in enumerate(COLOURS, start=1)},
}  # fmt: skip
"""Which variable of a page's style stands for which colour."""


def drawn(plot: Plot) -> Plot:
    """Make a function that draws ask for matplotlib first, and draw in the shared style."""

    @wraps(plot)
    def styled(*arguments: Any, **options: Any) -> Any:
        with style():
            return plot(*arguments, **options)

    return styled  # type: ignore[return-value]


@contextmanager
def style() -> Iterator[None]:
    """Hold the shared style for as long as something is drawn."""
    need("A plot", "report", "matplotlib")
    import matplotlib

    with matplotlib.rc_context(STYLE):
        yield


def new_figure(height: float = HEIGHT, width: float = WIDTH) -> tuple[Any, Any]:
    """Return a figure, which a notebook shows as SVG, and its axes. It belongs to no window and needs no closing."""
    from automl.reporting.figure import Chart

    figure = Chart(figsize=(width, height), layout="constrained")
    figure.set_facecolor("none")
    axes = figure.add_subplot()
    axes.set_facecolor("none")
    return figure, axes


def as_svg(figure: Any, name: str) -> str:
    """Return a figure as an SVG element without fixed size and fonts; `name` tells its parts from other figures'."""
    import matplotlib

    buffer = StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name, "svg.id": None}):
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r"<style type=.*?</style>", "", text, flags=re.DOTALL)
    for side in ("width", "height"):
        text = re.sub(rf'(<svg[^>]*?) {side}="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"font: ([^;\"]*?)([\d.]+px)[^;\"]*", r"font: \1\2 var(--font)", text)
    text = re.sub(r"font-family: [^;\"]*", "font-family: var(--font)", text)
    return text.strip()


def as_themed_svg(figure: Any, name: str) -> str:
    """Return the SVG with the shared colours as variables that the page sets, for light and for dark."""
    text = as_svg(figure, name)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    return text


def shorten(name: str, most: int = 24) -> str:
    """Return a name that fits beside an axis; control characters become spaces."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in str(name)).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def compact(value: float, place: int | None = None) -> str:  # noqa: ARG001  matplotlib gives the tick's place
    """Return a tick's number in few characters: 12k, 1.5M, 0.85."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):.4g}{letter}".replace("-", MINUS)
    return f"{value:.4g}".replace("-", MINUS)


def few_ticks(*axes: Any) -> None:
    """Let numbers along an axis be few and short, whatever their size."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for axis in axes:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(compact))


def set_above(axes: Any, n_columns: int) -> None:
    """Put the legend above the plot, to the left, where it hides nothing."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=n_columns, borderaxespad=0.2, handlelength=1.4,
        columnspacing=1.0,
    )  # fmt: skip


def clear_bounds(values: Any, *more: float) -> tuple[float, float]:
    """Return limits around values, with a margin."""
    known = np.asarray([*np.ravel(values), *more], dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return low - margin, high + margin
