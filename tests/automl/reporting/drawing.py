"""How tests look at a figure: as the SVG that it is written as."""

import io

from matplotlib.figure import Figure


def drawn(figure):
    """Return a figure's SVG; anything but a figure fails the test."""
    assert isinstance(figure, Figure)
    place = io.BytesIO()
    figure.savefig(place, format="svg")
    return place.getvalue().decode()
