"""The look that all figures share, and how one becomes SVG that a page can set the colours of."""

import numpy as np

from automl.reporting.charts import MAIN, MINUS, as_themed_svg, clear_bounds, compact, drawn, new_figure, shorten


@drawn
def a_line():
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 1], color=MAIN)
    return figure


def test_numbers_along_an_axis_are_short():
    assert [compact(each) for each in (0.85, 12_000, 1_500_000, 2e9, -0.5)] == [
        "0.85",
        "12k",
        "1.5M",
        "2G",
        f"{MINUS}0.5",
    ]


def test_a_name_fits_beside_an_axis():
    assert shorten("a\nb\x00c") == "a b c"
    assert shorten("x" * 30, 10) == "x" * 9 + "…"


def test_limits_leave_a_margin_whatever_the_values():
    low, high = clear_bounds([1.0, 2.0, np.nan])
    assert low < 1.0 < 2.0 < high
    assert clear_bounds([]) == (0.0, 1.0)
    low, high = clear_bounds([3.0])
    assert low < 3.0 < high


def test_a_figure_follows_the_colours_of_its_page_and_has_no_size_of_its_own():
    svg = as_themed_svg(a_line(), "line")
    assert "var(--c1)" in svg
    assert MAIN not in svg
    assert " width=" not in svg.partition(">")[0]
    assert svg == as_themed_svg(a_line(), "line")
