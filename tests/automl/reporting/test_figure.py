"""A figure that a notebook shows by itself."""

from automl.reporting.charts import new_figure, style


def test_a_notebook_shows_it_as_a_picture_on_white():
    with style():
        figure, axes = new_figure()
        axes.plot([0, 1], [1, 0])
    shown = figure._repr_html_()
    assert shown.startswith("<div style=")
    assert "<svg" in shown
    assert "var(--font)" not in shown
