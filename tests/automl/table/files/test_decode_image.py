"""An image of any form becomes a small square in RGB; what is none says why."""

import time

import numpy as np
import pytest
from PIL import Image

from automl.table.files.decode_image import UnreadableImage, read_image

SIDE = 32


def red(side=40):
    return Image.new("RGB", (side, side), (200, 0, 0))


def saved(folder, name, image):
    image.save(folder / name)
    return str(folder / name)


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        (red(), (200, 0, 0)),
        (Image.new("L", (7, 90), 50), (50, 50, 50)),
        (Image.new("RGBA", (40, 40), (200, 0, 0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (40, 40), (200, 0, 0, 255)), (200, 0, 0)),
        (Image.new("P", (40, 40)), (0, 0, 0)),
        (Image.new("CMYK", (40, 40)), (255, 255, 255)),
        (Image.new("1", (40, 40), 1), (255, 255, 255)),
        (np.full((9, 9), 1.0), (255, 255, 255)),
        (np.full((9, 9, 1), 128, dtype=np.uint8), (128, 128, 128)),
        (np.full((9, 9, 3), 0.5), (128, 128, 128)),
        (np.full((9, 9, 3), 255.0), (255, 255, 255)),
        (np.full((9, 9), 65535, dtype=np.uint16), (255, 255, 255)),
        (np.full((9, 9, 3), np.nan), (0, 0, 0)),
    ],
)
def test_every_form_of_image_becomes_a_square_in_rgb(image, wanted):
    pixels, _ = read_image(image, SIDE)
    assert pixels.shape == (SIDE, SIDE, 3)
    assert pixels.dtype == np.uint8
    assert pixels.reshape(-1, 3).mean(axis=0) == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("nowhere.png", "no such file"),
        (Image.new("RGB", (1, 1)), "fewer than 2 pixels"),
        (np.zeros((5, 5, 7)), "an array of shape"),
        (np.zeros(5), "an array of shape"),
        (17, "a int, which is no image"),
    ],
)
def test_what_is_no_image_is_told(value, cause):
    with pytest.raises(UnreadableImage, match=cause):
        read_image(value, SIDE)


def test_an_image_too_large_to_be_read_safely_is_told_from_its_first_bytes(tmp_path):
    path = saved(tmp_path, "large.png", Image.new("1", (10_000, 10_000)))
    started = time.monotonic()
    with pytest.raises(UnreadableImage, match="more than 64 megapixels"):
        read_image(path, SIDE)
    assert time.monotonic() - started < 0.5
