"""Images become one array of pixels; a row alone gets what it gets among others."""

import numpy as np
import pytest

from automl.plugin_api import stack_images
from automl.plugin_api.images import resized


def column(*images):
    made = np.empty(len(images), dtype=object)
    for row, image in enumerate(images):
        made[row] = image
    return made


def plain(height, width, shade=90):
    return np.full((height, width, 3), shade, dtype=np.uint8)


def test_rows_without_an_image_are_grey_and_told():
    pixels, known = stack_images(column(plain(8, 8), None), 8)
    assert known.tolist() == [True, False]
    assert (pixels.dtype, pixels.shape) == (np.uint8, (2, 8, 8, 3))
    assert set(pixels[1].ravel()) == {128}


def test_an_image_of_the_right_size_stays_to_the_last_pixel():
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    np.testing.assert_array_equal(stack_images(column(image), 8)[0][0], image)


@pytest.mark.parametrize(("height", "width"), [(5, 9), (32, 16), (1, 1), (8, 3)])
def test_an_even_image_stays_even_at_any_size(height, width):
    assert set(resized(plain(height, width), 8).ravel()) == {90}


def test_a_pixel_is_the_mean_of_what_it_covers():
    halves = np.zeros((4, 8, 3), dtype=np.uint8)
    halves[:, 4:] = 200
    found = resized(halves, 2)
    assert found[:, 0].max() < 60
    assert found[:, 1].min() > 140
    assert found.mean() == pytest.approx(100, abs=1)


def test_a_row_alone_gets_what_it_gets_among_others():
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 256, (size, size + 1, 3)).astype(np.uint8) for size in (5, 8, 20)]
    together = stack_images(column(*images, None), 8)[0]
    for row, image in enumerate(images):
        np.testing.assert_array_equal(stack_images(column(image), 8)[0][0], together[row])
