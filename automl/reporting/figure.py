"""Figure: a matplotlib figure that a notebook shows by itself; imported only where matplotlib is there."""

from __future__ import annotations

from matplotlib.figure import Figure

from automl.reporting.charts import as_svg


class Chart(Figure):
    """A figure with a picture for notebooks, on white; `savefig` writes it to a file."""

    def _repr_html_(self) -> str:
        svg = as_svg(self, "notebook").replace("var(--font)", "sans-serif")
        return f'<div style="max-width: 34em; background: #fff; padding: 6px">{svg}</div>'
